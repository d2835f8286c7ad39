using System.Diagnostics;
using System.Globalization;

namespace Reclaim.Chaos.Tests;

/// <summary>Silos that run fleet after fleet hold no more memory, files and ports at the end than when they had warmed up: a sixth of the time, as connections are made and the heap is laid out by need. As long as <c>RECLAIM_SOAK_MINUTES</c> says.</summary>
public sealed class SoakTests(FleetFixture fleet)
{
    private const int RunsToWarmUp = 6;
    private const int PartToWarmUp = 6;
    private const int RunsAlways = 3;

    [Fact]
    public async Task Run_after_run_leaves_nothing_behind()
    {
        await using var cluster = await ClusterFolder.UpAsync(silos: 3);
        var reclaim = cluster.Program;
        var silos = await reclaim.SilosAsync();
        string[] small = ["--set", "hosts[0].cgroups.db.workloads[0].pattern.acc=3000000", "--set", "hosts[0].cgroups.scan.workloads[0].pattern.acc=200000"];
        var minutes = double.TryParse(Environment.GetEnvironmentVariable("RECLAIM_SOAK_MINUTES"), CultureInfo.InvariantCulture, out var wanted) ? wanted : 0;
        var clock = Stopwatch.StartNew();
        var warm = new List<Holdings>();
        Holdings now = default;
        var runs = 0;
        while (runs < RunsToWarmUp + RunsAlways || clock.Elapsed.TotalMinutes < minutes)
        {
            await reclaim.RunAsync(["run", fleet.Scenario, "--cluster", "local", "--name", $"soak-{runs}", "--json", "--quiet", .. small]);
            now = Holdings.Of(silos, reclaim.Folder);
            if (++runs <= RunsToWarmUp || clock.Elapsed.TotalMinutes < minutes / PartToWarmUp)
            {
                warm.Add(now);
            }

            TestContext.Current.SendDiagnosticMessage($"{clock.Elapsed.TotalMinutes:0.0} min, {runs} runs: {now}");
        }

        var before = warm[^1];
        TestContext.Current.TestOutputHelper!.WriteLine($"warm after {warm.Count} runs: {before}\nafter {runs} runs and {clock.Elapsed.TotalMinutes:0.0} minutes: {now}");
        Assert.Equal(silos, await reclaim.SilosAsync());
        Assert.InRange(now.Descriptors, 0, before.Descriptors + 30);
        Assert.InRange(now.Listening, before.Listening, before.Listening);
        Assert.InRange(now.MemoryMiB, 0, Math.Max((minutes > 0 ? 1.25 : 1.5) * warm.Max(one => one.MemoryMiB), 600));

        // Of each run its specification, its life and its results.
        Assert.Equal(3 * runs, now.StoreFiles);
    }

    /// <summary>What silos hold.</summary>
    private readonly record struct Holdings(double MemoryMiB, int Descriptors, int Listening, int StoreFiles)
    {
        public static Holdings Of(IReadOnlyList<int> silos, string folder) => new(
            silos.Sum(ResidentMiB),
            silos.Sum(pid => Directory.GetFiles($"/proc/{pid}/fd").Length),
            silos.Sum(Listeners),
            Directory.GetDirectories(Path.Combine(folder, "runs")).Where(run => !Path.GetFileName(run).StartsWith('.')).Sum(run => Directory.GetFiles(run).Length));

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture, $"{MemoryMiB:0} MiB resident, {Descriptors} descriptors, {Listening} ports listening, {StoreFiles} files in the store");

        private static double ResidentMiB(int pid) => double.Parse(
            File.ReadLines($"/proc/{pid}/status").Single(line => line.StartsWith("VmRSS", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;

        /// <summary>Sockets of the process that listen (state 0A).</summary>
        private static int Listeners(int pid)
        {
            var listening = File.ReadLines($"/proc/{pid}/net/tcp").Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(socket => socket[3] == "0A").Select(socket => $"socket:[{socket[9]}]").ToHashSet(StringComparer.Ordinal);
            return Directory.GetFiles($"/proc/{pid}/fd").Count(descriptor => new FileInfo(descriptor).LinkTarget is { } target && listening.Contains(target));
        }
    }
}
