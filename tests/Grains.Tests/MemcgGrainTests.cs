using Reclaim.Contracts;
using Reclaim.Contracts.Steps;

namespace Reclaim.Grains.Tests;

public class MemcgGrainTests(ClusterFixture fixture)
{
    private static StepGrant Grant(int incarnation, long step) => new(new StepId(incarnation, step), long.MaxValue, long.MaxValue >> 16, 10_000);

    private async Task<IMemcgGrain> Created(string run)
    {
        var memcg = fixture.Grains.GetGrain<IMemcgGrain>(GrainKeys.Memcg(run, 0, "/memcg0"));
        await memcg.Create(Scenarios.Patterns(), 0, 0);
        return memcg;
    }

    [Fact]
    public async Task A_repeated_step_returns_the_stored_report_and_runs_nothing()
    {
        var memcg = await Created(nameof(A_repeated_step_returns_the_stored_report_and_runs_nothing));
        var first = await memcg.Run(Grant(1, 1));
        var standing = await memcg.Results();

        Assert.Equal(first, await memcg.Run(Grant(1, 1)));
        Assert.Equal(10_000, first.Accesses);
        Assert.Equal(standing.Workloads[0].Accesses, (await memcg.Results()).Workloads[0].Accesses);
    }

    [Fact]
    public async Task The_same_step_sent_many_times_at_once_runs_once()
    {
        var memcg = await Created(nameof(The_same_step_sent_many_times_at_once_runs_once));

        var reports = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => memcg.Run(Grant(1, 1))));

        Assert.Single(reports.Distinct());
        Assert.Equal(20_000, (await memcg.Run(Grant(1, 2))).Accesses + reports[0].Accesses);
    }

    [Theory]
    [InlineData(1, 3, StepRefusal.StaleIncarnation)]
    [InlineData(2, 1, StepRefusal.StaleStep)]
    [InlineData(2, 4, StepRefusal.Gap)]
    public async Task A_step_that_does_not_follow_is_refused_and_runs_nothing(int incarnation, long step, StepRefusal reason)
    {
        var memcg = await Created($"refused-{reason}");
        await memcg.Run(Grant(2, 1));
        var second = await memcg.Run(Grant(2, 2));

        var refused = await Assert.ThrowsAsync<StepRefusedException>(() => memcg.Run(Grant(incarnation, step)));

        Assert.Equal(reason, refused.Reason);
        Assert.Equal(second, await memcg.Run(Grant(2, 2)));
    }

    [Fact]
    public async Task A_memcg_without_memory_of_its_run_says_so()
    {
        var memcg = fixture.Grains.GetGrain<IMemcgGrain>(GrainKeys.Memcg("lost", 0, "/memcg0"));

        Assert.Equal(StepRefusal.NotCreated, (await Assert.ThrowsAsync<StepRefusedException>(() => memcg.Run(Grant(1, 1)))).Reason);
        Assert.Equal(StepRefusal.NotCreated, (await Assert.ThrowsAsync<StepRefusedException>(() => memcg.Feed(Scenarios.Batch(0)))).Reason);
    }
}
