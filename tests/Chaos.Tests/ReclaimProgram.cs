using System.Diagnostics;
using System.Text.Json;

namespace Reclaim.Chaos.Tests;

/// <summary>The program, run as its users run it: as a process, with a cluster in a folder of its own.</summary>
internal sealed class ReclaimProgram(string folder)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The cluster's folder.</summary>
    public string Folder { get; } = folder;

    /// <summary>Starts it.</summary>
    public Process Start(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "reclaim.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["RECLAIM_CLUSTER_DIR"] = Folder;
        return Process.Start(start)!;
    }

    /// <summary>Runs it to its end, which must be a good one.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> RunAsync(params IEnumerable<string> arguments)
    {
        using var process = Start(arguments);
        var (status, output, error) = await EndAsync(process);
        Assert.True(status == 0, $"reclaim {string.Join(' ', arguments)}: status {status}\n{output}\n{error}");
        return output;
    }

    /// <summary>Waits for the end of what was started.</summary>
    public static async Task<(int Status, string Output, string Error)> EndAsync(Process process)
    {
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(Cancellation), process.StandardError.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, texts[0], texts[1]);
    }

    /// <summary>Process ids of the silos that work, by name.</summary>
    public async Task<IReadOnlyList<int>> SilosAsync()
    {
        using var status = JsonDocument.Parse(await RunAsync("silo", "status", "--json"));
        return [.. status.RootElement.GetProperty("silos").EnumerateArray()
            .Where(silo => silo.GetProperty("state").GetString() == "active").Select(silo => silo.GetProperty("pid").GetInt32())];
    }
}
