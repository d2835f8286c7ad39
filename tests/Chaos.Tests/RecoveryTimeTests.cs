using System.Diagnostics;
using System.Text.Json;

namespace Reclaim.Chaos.Tests;

/// <summary>How long a run stands still when a silo is killed.</summary>
public sealed class RecoveryTimeTests(FleetFixture fleet)
{
    /// <summary>Seconds on an idle machine; one on which four times as much runs as it has processors has been seen to take a minute and a half.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(5);

    /// <summary>Milliseconds after which what is waited for will not happen.</summary>
    private const int Patience = 600_000;

    [Fact(Timeout = Patience)]
    public async Task A_killed_silo_stops_a_run_for_seconds_and_costs_no_more_than_it_did_since_its_last_checkpoint()
    {
        await using var cluster = await ClusterFolder.UpAsync(silos: 3);
        var reclaim = cluster.Program;
        var longer = (string[])["--set", "hosts[0].cgroups.db.workloads[0].pattern.acc=2000000000"];
        using var client = reclaim.Start(["run", fleet.Scenario, "--cluster", "local", "--name", "chaos", "--json", "--quiet", .. longer]);
        await ReachedAsync(reclaim, standing => standing.CheckpointSeconds > 0, TestContext.Current.CancellationToken);

        var before = await StandingAsync(reclaim);
        Signals.Kill((await reclaim.SilosAsync())[0]);
        var clock = Stopwatch.StartNew();
        var after = await ReachedAsync(reclaim, standing => standing.Recoveries > before.Recoveries && standing.Seconds > before.Seconds, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper!.WriteLine($"progress again after {clock.Elapsed.TotalSeconds:0.0} s; {after.Recoveries - before.Recoveries} lives began");
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, _limit);
        await reclaim.RunAsync("cancel", "chaos");
        await ReclaimProgram.EndAsync(client);
    }

    private static async Task<Standing> ReachedAsync(ReclaimProgram reclaim, Func<Standing, bool> reached, CancellationToken cancellation)
    {
        for (; ; )
        {
            cancellation.ThrowIfCancellationRequested();
            var standing = await StandingAsync(reclaim);
            if (reached(standing))
            {
                return standing;
            }

            Assert.False(standing.Over, "the run was over before that");
        }
    }

    private static async Task<Standing> StandingAsync(ReclaimProgram reclaim)
    {
        using var status = JsonDocument.Parse(await reclaim.RunAsync("status", "--json"));
        foreach (var run in status.RootElement.GetProperty("runs").EnumerateArray())
        {
            return new Standing(
                Number(run, "virtualSeconds"), Number(run, "recoveries"), Number(run, "checkpointVirtualSeconds"), run.GetProperty("phase").GetString() is "done" or "failed" or "stopped");
        }

        return default;
    }

    private static double Number(JsonElement run, string name) => run.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : 0;

    private readonly record struct Standing(double Seconds, double Recoveries, double CheckpointSeconds, bool Over);
}
