using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Reclaim.Live.Tests;

/// <summary>Silos of this machine, as <c>reclaim silo up</c> starts them, each with its page.</summary>
internal sealed partial class LiveCluster : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    private readonly string folder = Directory.CreateTempSubdirectory("reclaim-live").FullName;
    private readonly List<Process> runs = [];

    public static async Task<LiveCluster> UpAsync(int silos)
    {
        var cluster = new LiveCluster();
        try
        {
            await cluster.SayAsync("silo", "up", "--silos", $"{silos}");
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The pages of its silos, as their logs tell.</summary>
    public IReadOnlyList<string> Pages => [.. Directory.GetFiles(folder, "silo-*.log").Order(StringComparer.Ordinal).Select(log => Address().Match(File.ReadAllText(log)).Groups[1].Value)];

    /// <summary>Begins a run, from a client that waits for it.</summary>
    public void Run(string scenario, string name, params string[] args) => runs.Add(Start(["run", scenario, "--cluster", "local", "--name", name, "--quiet", .. args]));

    /// <summary>Asks it something on the command line.</summary>
    /// <returns>What it wrote.</returns>
    public async Task<string> SayAsync(params string[] args)
    {
        using var process = Start(args);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(_patience);
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"reclaim {string.Join(' ', args)}: {await error}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var run in runs)
        {
            if (!run.HasExited)
            {
                run.Kill(entireProcessTree: true);
                await run.WaitForExitAsync();
            }

            run.Dispose();
        }

        await SayAsync("silo", "down");
        Directory.Delete(folder, recursive: true);
    }

    private Process Start(IEnumerable<string> args) => Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "reclaim.dll"), .. args])
    {
        RedirectStandardError = true,
        RedirectStandardOutput = true,
        UseShellExecute = false,
        Environment = { ["RECLAIM_CLUSTER_DIR"] = folder, ["RECLAIM_SECRET"] = null },
    })!;

    [GeneratedRegex(@"live: (\S+)")]
    private static partial Regex Address();
}
