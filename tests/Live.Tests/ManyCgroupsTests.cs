using System.Diagnostics;
using System.Globalization;

namespace Reclaim.Live.Tests;

/// <summary>Hundreds of cgroups cost little to look at.</summary>
public class ManyCgroupsTests(Chromium chromium)
{
    private const int Frames = 15;

    /// <summary>Of one processor, browser and server together. What was measured on a quiet machine is far below: it is in docs/live.md.</summary>
    private const double MostShare = 0.4;

    [Fact]
    public async Task Three_hundred_cgroups_each_second_take_a_fraction_of_a_processor()
    {
        await using var program = await LiveProgram.StartAsync(
            LiveProgram.Scenario("hundred-containers.yaml"), "--paused",
            "--set", "host.cgroups.cache.count=120", "--set", "host.cgroups.server.count=90", "--set", "host.cgroups.batch.count=60", "--set", "host.cgroups.database.count=30",
            "--set", "host.nodes=[{memory: 6G, used: 256M}]");
        await using var live = await LivePage.OpenAsync(chromium, program.Address);
        Assert.Equal("300 cgroups", await live.TextAsync("#count"));

        await live.Page.SelectAsync("#order", "refaults");
        for (var step = 0; step < 3; step++)
        {
            await LivePageTests.StepAsync(live, 200_000_000);
        }

        await live.ChooseAsync(await live.Page.EvaluateExpressionAsync<string>("document.querySelector('.row.cgroup:not([hidden]) .name').title"));
        await live.NextFramesAsync(1);
        await live.ShowAsync("three-hundred-cgroups-light");
        await live.Page.ClickAsync("#theme");
        await live.NextFramesAsync(1);
        await live.ShowAsync("three-hundred-cgroups-dark");
        Assert.InRange(await live.Page.EvaluateExpressionAsync<int>("document.querySelectorAll('.row').length"), 10, 60);

        // So slow that what is measured is the page, not the simulation; but so that everything on it moves.
        await live.Page.SelectAsync("#speed", "0.001");
        await live.Page.ClickAsync("#play");
        await live.WaitForPhaseAsync("running");
        await live.NextFramesAsync(3);
        var before = await live.FramesAsync();
        var (clock, server, browser) = (Stopwatch.StartNew(), Cpu(program.Pid), Cpu(chromium.Pid));
        await Task.Delay(TimeSpan.FromSeconds(Frames), TestContext.Current.CancellationToken);
        var seconds = clock.Elapsed.TotalSeconds;
        var (serverShare, browserShare) = ((Cpu(program.Pid) - server) / seconds, (Cpu(chromium.Pid) - browser) / seconds);

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{await live.FramesAsync() - before} frames of 300 cgroups in {seconds:0.0} s: server {serverShare:P1}, browser {browserShare:P1} of a processor");
        Assert.InRange(await live.FramesAsync() - before, Frames / 4, Frames * 1.2 * seconds / Frames);
        Assert.InRange(serverShare + browserShare, 0, MostShare);
        Assert.Empty(live.Complaints);
    }

    /// <summary>Seconds of processor time that a process and all that it started have used.</summary>
    private static double Cpu(int pid)
    {
        var all = Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => Read(int.Parse(name!, CultureInfo.InvariantCulture))).OfType<(int Pid, int Parent, double Seconds)>().ToList();
        var tree = new HashSet<int> { pid };
        while (all.Any(process => tree.Contains(process.Parent) && tree.Add(process.Pid)))
        {
        }

        return all.Where(process => tree.Contains(process.Pid)).Sum(process => process.Seconds);
    }

    /// <remarks>Of /proc/PID/stat behind the name, which may hold anything, in brackets.</remarks>
    private static (int Pid, int Parent, double Seconds)? Read(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (pid, int.Parse(fields[1], CultureInfo.InvariantCulture), (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
