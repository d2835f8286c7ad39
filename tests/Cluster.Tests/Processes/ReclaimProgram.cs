using System.Diagnostics;
using System.Text.Json;

namespace Reclaim.Cluster.Tests.Processes;

/// <summary>The program, run as its users run it: as a process, with a cluster in a folder of its own.</summary>
internal sealed class ReclaimProgram(string folder)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The cluster's folder.</summary>
    public string Folder { get; } = folder;

    /// <summary>Variables that it gets besides those of this process.</summary>
    public Dictionary<string, string> Environment { get; } = new() { ["RECLAIM_CLUSTER_DIR"] = folder };

    /// <summary>Starts it.</summary>
    public Process Start(params IEnumerable<string> arguments) => StartDll("reclaim.dll", arguments);

    /// <summary>Starts a silo without it.</summary>
    public Process StartSilo(params IEnumerable<string> arguments) => StartDll("Reclaim.Silo.dll", arguments);

    /// <summary>Runs it to its end, which must be a good one.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> RunAsync(params IEnumerable<string> arguments)
    {
        var said = await SayAsync(arguments);
        Assert.True(said.Status == 0, $"reclaim {string.Join(' ', arguments)}: status {said.Status}\n{said.Output}\n{said.Error}");
        return said.Output;
    }

    /// <summary>Runs it to its end, whatever that is.</summary>
    public async Task<Said> SayAsync(params IEnumerable<string> arguments)
    {
        using var process = Start(arguments);
        return await EndAsync(process);
    }

    /// <summary>Waits for the end of what was started.</summary>
    public static async Task<Said> EndAsync(Process process)
    {
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(Cancellation), process.StandardError.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation);
        return new Said(process.ExitCode, texts[0], texts[1]);
    }

    /// <summary>Process ids of the silos that work, by name.</summary>
    public async Task<IReadOnlyList<int>> SilosAsync() => [.. (await MembersAsync()).Where(silo => silo.State == "active").Select(silo => silo.Pid)];

    /// <summary>The silos as <c>silo status</c> lists them.</summary>
    public async Task<IReadOnlyList<Member>> MembersAsync()
    {
        using var status = JsonDocument.Parse(await RunAsync("silo", "status", "--json"));
        return [.. status.RootElement.GetProperty("silos").EnumerateArray().Select(silo => silo.Deserialize<Member>(JsonSerializerOptions.Web)!)];
    }

    private Process StartDll(string dll, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, dll), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>How a process ended.</summary>
    internal sealed record Said(int Status, string Output, string Error);

    /// <summary>A silo in <c>silo status --json</c>.</summary>
    internal sealed record Member(string Name, int Pid, string Address, string? Gateway, string? Http, string State);
}
