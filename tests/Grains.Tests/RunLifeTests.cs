using Reclaim.Contracts;
using Reclaim.Contracts.Steps;
using Reclaim.Silo;
using Reclaim.Silo.Embedded;

namespace Reclaim.Grains.Tests;

public class RunLifeTests(ClusterFixture fixture)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IRunHost Place(bool embedded) =>
        embedded ? new EmbeddedRunHost(fixture.Cluster) : RunHosts.Sequential(new RunOptions { AccessesPerStep = 5_000 });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_paused_again_and_again_ends_with_the_same_digest(bool embedded)
    {
        var spec = Scenarios.Patterns(hosts: 2, memcgs: 2);
        var expected = await Reference.Sequential(spec);
        await using var run = await Place(embedded).CreateAsync(spec, Cancellation);

        var pauses = 0;
        while ((await run.ProgressAsync()).Phase != RunPhase.Done)
        {
            await run.StartAsync();
            await run.PauseAsync();
            pauses++;
            Assert.True((await run.ProgressAsync()).Phase is RunPhase.Paused or RunPhase.Done);
        }

        Assert.True(pauses > 1);
        Assert.Equal(expected.Digest, (await run.ResultsAsync()).Digest);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stopped_run_shows_what_is_known_so_far_as_incomplete(bool embedded)
    {
        await using var run = await Place(embedded).CreateAsync(Scenarios.Patterns(accesses: 50_000_000), Cancellation);

        await run.StartAsync();
        await run.StopAsync();
        await run.WaitAsync(Cancellation);
        var progress = await run.ProgressAsync();
        var results = await run.ResultsAsync();

        Assert.Equal(RunPhase.Stopped, progress.Phase);
        Assert.False(results.Complete);
        Assert.InRange(results.Accesses, 0, 49_999_999);
        Assert.Equal(progress.Accesses, results.Accesses);
        Assert.Equal(results.Accesses, results.Hosts[0].Cgroups["/memcg0"].Workloads[0].Accesses);
        await Assert.ThrowsAsync<InvalidOperationException>(run.StartAsync);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_stopped_before_it_started_has_made_no_access(bool embedded)
    {
        await using var run = await Place(embedded).CreateAsync(Scenarios.Patterns(), Cancellation);

        await run.StopAsync();
        await run.WaitAsync(Cancellation);

        Assert.Equal(0, (await run.ResultsAsync()).Accesses);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_finished_run_has_made_all_its_accesses(bool embedded)
    {
        await using var run = await Place(embedded).CreateAsync(Scenarios.Patterns(memcgs: 2), Cancellation);
        var before = await run.ProgressAsync();

        await run.StartAsync();
        await run.WaitAsync(Cancellation);
        var after = await run.ProgressAsync();

        Assert.Equal(RunPhase.Created, before.Phase);
        Assert.Equal(450_000, before.TotalAccesses);
        Assert.Equal(450_000, after.Accesses);
        Assert.Equal(["/memcg0", "/memcg1"], after.Cgroups.Select(cgroup => cgroup.Path));
        Assert.Equal([300_000L, 150_000L], after.Cgroups.Select(cgroup => cgroup.Accesses));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_specification_with_an_error_makes_no_run(bool embedded)
    {
        var spec = Scenarios.Patterns();
        await using var run = await Place(embedded).CreateAsync(spec with { Kernel = spec.Kernel with { Policy = "nonsense" } }, Cancellation);

        Assert.Contains(run.Problems, problem => !problem.IsWarning && problem.Message.Contains("nonsense", StringComparison.Ordinal));
        await Assert.ThrowsAsync<InvalidOperationException>(run.StartAsync);
        await Assert.ThrowsAsync<InvalidOperationException>(run.ResultsAsync);
    }

    [Fact]
    public async Task Creating_a_run_twice_changes_nothing_unless_the_specification_differs()
    {
        var run = fixture.Grains.GetGrain<IRunGrain>("created-twice");
        await run.Create(Scenarios.Patterns());
        await run.Create(Scenarios.Patterns());

        await Assert.ThrowsAsync<InvalidOperationException>(() => run.Create(Scenarios.Patterns(memcgs: 2)));
        Assert.Equal(300_000, (await run.Progress()).TotalAccesses);
    }

    [Fact]
    public async Task Progress_is_answered_while_all_compute_threads_are_busy()
    {
        await using var run = await Place(embedded: true).CreateAsync(Scenarios.Patterns(), Cancellation);
        using var busy = new ManualResetEventSlim();
        var load = Enumerable.Range(0, 4 * Environment.ProcessorCount).Select(_ => ComputeThreads.Shared.Run(() =>
        {
            busy.Wait(Cancellation);
            return true;
        })).ToArray();

        await run.StartAsync();
        var during = await run.ProgressAsync();
        busy.Set();
        await Task.WhenAll(load);
        await run.WaitAsync(Cancellation);

        Assert.Equal(RunPhase.Running, during.Phase);
        Assert.Equal(0, during.Accesses);
        Assert.Equal(RunPhase.Done, (await run.ProgressAsync()).Phase);
    }
}
