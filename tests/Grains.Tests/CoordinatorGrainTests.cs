using Reclaim.Contracts;
using Reclaim.Contracts.Steps;

namespace Reclaim.Grains.Tests;

public class CoordinatorGrainTests(ClusterFixture fixture)
{
    [Fact]
    public async Task A_host_repeats_steps_and_refuses_others_as_a_memcg_does()
    {
        var host = fixture.Grains.GetGrain<IReclaimCoordinatorGrain>(GrainKeys.Host("host-steps", 0));
        await host.Create(Scenarios.Patterns(memcgs: 3), 0);

        var first = await host.Step(new StepId(1, 1), 1_000);
        var again = await host.Step(new StepId(1, 1), 1_000);
        var gap = await Assert.ThrowsAsync<StepRefusedException>(() => host.Step(new StepId(1, 3), 1_000));

        Assert.Equal(3_000, first.Accesses);
        Assert.Equal(first.NowNs, again.NowNs);
        Assert.Equal(first.Cgroups.AsEnumerable(), again.Cgroups);
        Assert.Equal(StepRefusal.Gap, gap.Reason);
        Assert.Equal(6_000, (await host.Step(new StepId(1, 2), 1_000)).Accesses);
    }

    [Fact]
    public async Task A_node_reserves_and_settles_each_step_once()
    {
        var node = fixture.Grains.GetGrain<INumaNodeGrain>(GrainKeys.Node("node-steps", 0, 0));
        await node.Create(Scenarios.Patterns(), 0, 0);
        var size = (await node.Results()).MemTotalPages;

        Assert.Equal([100L], (await node.Reserve(new StepId(1, 1), [100])).AsEnumerable());
        Assert.Equal([100L], (await node.Reserve(new StepId(1, 1), [100])).AsEnumerable());
        Assert.Equal(size - 100, (await node.Results()).FreePages);
        await node.Settle(new StepId(1, 1), [40]);
        await node.Settle(new StepId(1, 1), [40]);

        Assert.Equal(size - 40, (await node.Results()).FreePages);
    }

    [Fact]
    public async Task What_memcgs_hold_is_missing_from_the_node()
    {
        var spec = Scenarios.Patterns(memcgs: 3);
        var host = fixture.Grains.GetGrain<IReclaimCoordinatorGrain>(GrainKeys.Host("host-conserves", 0));
        await host.Create(spec, 0);
        for (var step = 1; step <= 10; step++)
        {
            await host.Step(new StepId(1, step), 3_000);
            var results = await host.Results();
            var held = results.Cgroups.Values.Sum(cgroup => cgroup.MemoryCurrent) / 4096;
            Assert.Equal(results.Nodes[0].MemTotalPages, results.Nodes[0].FreePages + held);
        }
    }
}
