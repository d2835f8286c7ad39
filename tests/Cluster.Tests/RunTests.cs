using System.Text.Json;
using Reclaim.Contracts.Steps;
using Reclaim.Silo.Membership;

namespace Reclaim.Cluster.Tests;

/// <summary>Runs on silos that come and go, and without whoever started them.</summary>
public sealed class RunTests(Fleet fleet)
{
    /// <summary>Milliseconds after which what is waited for will not happen.</summary>
    private const int Patience = 300_000;

    [Fact(Timeout = Patience)]
    public async Task A_silo_that_is_told_to_stop_gives_its_hosts_away_and_nothing_is_done_twice()
    {
        await using var cluster = await ClusterFolder.UpAsync(silos: 2);
        var reclaim = cluster.Program;
        await using var run = await ClusterRun.StartAsync(reclaim, fleet.Scenario);
        var before = await run.StandingAsync();
        var silos = await reclaim.SilosAsync();

        Signals.Terminate(silos[1]);
        while (ProcessIdentity.Of(silos[1]) is not null)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        var after = await run.StandingAsync();
        Assert.All(before.Zip(after), container => Assert.InRange(container.Second, container.First, long.MaxValue));
        await EndsWellAsync(run, cluster);
        Assert.Equal(silos.Take(1), await reclaim.SilosAsync());
    }

    [Fact(Timeout = Patience)]
    public async Task A_run_goes_on_where_it_stood_when_all_silos_were_stopped_and_others_are_started()
    {
        await using var cluster = await ClusterFolder.UpAsync(silos: 2);
        var reclaim = cluster.Program;
        await using var run = await ClusterRun.StartAsync(reclaim, fleet.Scenario, Fleet.Long);
        var before = await run.StandingAsync();
        Signals.Kill(run.Client.Id);

        await reclaim.RunAsync("silo", "down");
        await reclaim.RunAsync("silo", "up", "--silos", "2");

        var after = await TakenUpAsync(reclaim, TestContext.Current.CancellationToken);
        Assert.InRange(after, before.Sum(), long.MaxValue);
    }

    [Fact(Timeout = Patience)]
    public async Task A_silo_that_joins_gets_hosts()
    {
        await using var cluster = await ClusterFolder.UpAsync(silos: 1);
        var reclaim = cluster.Program;
        await using var run = await ClusterRun.StartAsync(reclaim, fleet.Scenario, Fleet.Long);
        Assert.Equal([Fleet.Hosts], await run.HostsOfSilosAsync());

        await reclaim.RunAsync("silo", "up", "--silos", "2");

        while (!(await run.HostsOfSilosAsync()).SequenceEqual([Fleet.Hosts / 2, Fleet.Hosts / 2]))
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Null((await run.ProgressAsync()).Error);
    }

    [Fact]
    public async Task A_run_goes_on_without_its_client_and_others_follow_it_to_its_end()
    {
        await using var cluster = await ClusterFolder.UpAsync(silos: 2);
        var reclaim = cluster.Program;
        await using var run = await ClusterRun.StartAsync(reclaim, fleet.Scenario);

        Signals.Kill(run.Client.Id);

        Assert.Contains($"digest {fleet.Digest}", await reclaim.RunAsync("watch", "trial"), StringComparison.Ordinal);
        using var results = JsonDocument.Parse(await reclaim.RunAsync("results", "trial", "--json"));
        Assert.Equal((fleet.Digest, true), (results.RootElement.GetProperty("digest").GetString(), results.RootElement.GetProperty("complete").GetBoolean()));
        using var runs = JsonDocument.Parse(await reclaim.RunAsync("status", "--json"));
        Assert.Equal("done", runs.RootElement.GetProperty("runs")[0].GetProperty("phase").GetString());
    }

    [Fact]
    public async Task A_run_that_is_cancelled_ends_for_all_who_follow_it_and_keeps_what_is_known()
    {
        await using var cluster = await ClusterFolder.UpAsync(silos: 1);
        var reclaim = cluster.Program;
        await using var run = await ClusterRun.StartAsync(reclaim, fleet.Scenario, Fleet.Long);
        var before = await run.StandingAsync();
        using var watch = reclaim.Start("watch", "trial");

        var cancel = await reclaim.SayAsync("cancel", "trial");

        Assert.Equal((0, "trial is stopped; its results so far: reclaim results trial\n"), (cancel.Status, cancel.Error));
        Assert.Equal(0, (await ReclaimProgram.EndAsync(watch)).Status);
        using var results = JsonDocument.Parse((await ReclaimProgram.EndAsync(run.Client)).Output);
        Assert.False(results.RootElement.GetProperty("complete").GetBoolean());
        Assert.InRange(results.RootElement.GetProperty("accesses").GetInt64(), before.Sum(), long.MaxValue);
        Assert.Equal((0, "trial is over already: stopped\n"), await reclaim.SayAsync("cancel", "trial") is var again ? (again.Status, again.Error) : default);
        var wrong = await reclaim.SayAsync("watch", "trail");
        Assert.Equal((2, "RUN trail: no such run on cluster local; did you mean 'trial'?\n"), (wrong.Status, wrong.Error));
    }

    private async Task EndsWellAsync(ClusterRun run, ClusterFolder cluster)
    {
        var said = await ReclaimProgram.EndAsync(run.Client);
        Assert.True(said.Status == 0, said.Error + cluster.Logs());
        using var results = JsonDocument.Parse(said.Output);
        Assert.Equal(fleet.Digest, results.RootElement.GetProperty("digest").GetString());
        Assert.Equal(RunPhase.Done, (await run.ProgressAsync()).Phase);
    }

    /// <summary>Accesses of the run when all of its hosts are in memory again.</summary>
    private static async Task<long> TakenUpAsync(ReclaimProgram reclaim, CancellationToken cancellation)
    {
        for (; ; )
        {
            using var runs = JsonDocument.Parse(await reclaim.RunAsync("status", "--json"));
            var run = runs.RootElement.GetProperty("runs")[0];
            if (run.GetProperty("virtualSeconds") is { ValueKind: JsonValueKind.Number } seconds && seconds.GetDouble() > 0)
            {
                return run.GetProperty("accesses").GetInt64();
            }

            cancellation.ThrowIfCancellationRequested();
        }
    }
}
