using System.Collections.Immutable;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Nodes;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Steps;
using Xunit;

namespace Reclaim.Model.Tests.Hierarchy;

/// <summary>Containers without limits that share the memory of a node, run step by step.</summary>
public sealed class NodePressureTests
{
    [Theory]
    [InlineData("mglru", "v6.12.117", true)]
    [InlineData("mglru", "v6.12.117", false)]
    [InlineData("mglru", "v6.1.192", false)]
    [InlineData("classic", "v6.12.117", true)]
    [InlineData("classic", "v6.12.117", false)]
    public void How_a_run_is_cut_into_steps_does_not_matter_though_kswapd_may_be_awake_between_two(string policy, string variant, bool turns)
    {
        var whole = Finished(policy, variant, turns, long.MaxValue);
        var cut = Finished(policy, variant, turns, 61);

        Assert.All(whole, container => Assert.True(Plans.Stat(container, "pgsteal") > 0));
        Assert.Equal(whole.Select(Plans.Dump), cut.Select(Plans.Dump));
    }

    [Theory]
    [InlineData("mglru", "v6.12.117")]
    [InlineData("classic", "v6.12.117")]
    public void However_long_a_reclaim_takes_a_step_ends(string policy, string variant)
    {
        var (last, most) = (0L, 0L);
        var cut = Finished(policy, variant, turns: false, accesses: 3, steps =>
        {
            var orders = steps.Coordinator.Domains[0].Orders;
            (most, last) = (Math.Max(most, orders - last), orders);
        });

        Assert.Equal(3, most);
        Assert.Equal(Finished(policy, variant, turns: false, long.MaxValue).Select(Plans.Dump), cut.Select(Plans.Dump));
    }

    private static ImmutableArray<Container> Finished(string policy, string variant, bool turns, long accesses, Action<HostSteps>? after = null)
    {
        var kernel = new KernelChoice { Policy = policy, Variant = variant };
        ImmutableArray<Container> containers =
        [
            .. Enumerable.Range(1, 3).Select(member => new Container(Plans.Of(
                1L << 40, 3000, Plans.Reading(0, [.. Enumerable.Range(0, 9000).Select(i => (uint)((long)i * 7919 * member % 2999))])) with { Kernel = kernel, Turns = turns })),
        ];
        var node = new NumaNode(2000, 100, new Watermarks(Min: 100, Low: 150, High: 200, Promo: 250), seed: 1);
        var tree = new MemcgTree();
        var root = tree.Add("/", -1, new MemcgLimits(long.MaxValue, 0, 0));
        for (var i = 0; i < containers.Length; i++)
        {
            tree.Charge(tree.Add($"/{i}", root, new MemcgLimits(long.MaxValue, 0, 0), i), containers[i].PagesHeld);
            node.Take(containers[i].PagesAllocated);
        }

        var domain = new SharedDomain(tree, Enumerable.Range(0, containers.Length), kernel, turns, 100_000, long.MaxValue, node);
        var steps = new HostSteps(containers, ["/0", "/1", "/2"], new NodeMemory(2000), null, [domain]);
        while (!steps.Coordinator.Done)
        {
            steps.Step(accesses);
            after?.Invoke(steps);
        }

        return containers;
    }
}
