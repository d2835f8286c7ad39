using System.Collections.Immutable;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Nodes;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Steps;
using Xunit;

namespace Reclaim.Model.Tests.Hierarchy;

/// <summary>A host with two nodes: containers 0 and 1 have their pages on node 0, containers 2 and 3 on node 1.</summary>
public sealed class NumaTests
{
    private const int File = 1499;

    private static readonly int[] _homes = [0, 0, 1, 1];

    public static TheoryData<string, string, bool> Kernels() => new()
    {
        { "mglru", "v6.12.117", true }, { "mglru", "v6.12.117", false }, { "mglru", "v6.8", false }, { "mglru", "v6.1.192", false },
        { "classic", "v6.12.117", true }, { "classic", "v6.8", false },
    };

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_node_that_is_short_leaves_the_other_alone(string policy, string variant, bool turns)
    {
        var host = new Host(policy, variant, turns, [2000, 8000]);
        host.Finish(long.MaxValue);

        Assert.All(host.Containers.Take(2), container => Assert.True(Plans.Stat(container, "pgsteal") > 0));
        Assert.All(host.Containers.Skip(2), container => Assert.Equal((0, File), (Plans.Stat(container, "pgscan"), container.Misses)));
        Assert.True(host.Nodes[0].Rounds > 0);
        Assert.Equal((0, 0, 0), (host.Nodes[1].Rounds, host.Nodes[1].Stalls, host.Nodes[1].KswapdNs));
        Assert.True(host.Nodes[1].Free > host.Nodes[1].Marks.High);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Pages_of_each_node_are_free_or_used_or_in_a_container_that_is_there(string policy, string variant, bool turns)
    {
        var host = new Host(policy, variant, turns, [2000, 1800]);
        while (!host.Steps.Coordinator.Done)
        {
            host.Steps.Step(97);
            for (var node = 0; node < 2; node++)
            {
                var there = host.Containers.Where((_, i) => _homes[i] == node).ToList();
                Assert.Equal(there.Sum(container => container.PagesAllocated), host.Nodes[node].Taken);
                Assert.Equal(host.Memory[node].Size - host.Memory[node].Free, host.Nodes[node].Used + host.Nodes[node].Taken);
                Assert.InRange(host.Nodes[node].Free, 1, host.Nodes[node].Size);
            }
        }

        Assert.All(host.Nodes, node => Assert.True(node.Rounds > 0));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void How_a_run_is_cut_into_steps_does_not_matter_though_both_kswapds_may_be_awake_between_two(string policy, string variant, bool turns)
    {
        var (whole, cut) = (new Host(policy, variant, turns, [2000, 1800]), new Host(policy, variant, turns, [2000, 1800]));
        whole.Finish(long.MaxValue);
        cut.Finish(61);

        Assert.Equal(whole.Containers.Select(Plans.Dump), cut.Containers.Select(Plans.Dump));
        Assert.Equal(whole.Nodes.Select(node => (node.Rounds, node.Stalls, node.KswapdNs)), cut.Nodes.Select(node => (node.Rounds, node.Stalls, node.KswapdNs)));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_limit_that_spans_nodes_is_kept_at_the_expense_of_both_though_neither_is_short(string policy, string variant, bool turns)
    {
        const long Limit = 3000;
        var host = new Host(policy, variant, turns, [20_000, 20_000], Limit);
        while (!host.Steps.Coordinator.Done)
        {
            host.Steps.Step(997);

            // An access may charge nodes of the page-cache tree beside its page.
            var held = host.Containers.Sum(container => container.PagesHeld) - host.Domain.PendingStock;
            Assert.Equal(held, host.Domain.Tree.Nodes[0].Usage);
            Assert.InRange(held, 0, Limit + 3);
        }

        Assert.All(host.Nodes, node => Assert.Equal(0, node.Rounds));
        foreach (var node in (int[])[0, 1])
        {
            Assert.True(host.Containers.Where((_, i) => _homes[i] == node).Sum(container => Plans.Stat(container, "pgsteal")) > 0);
            Assert.True(Enumerable.Range(0, 4).Where(victim => _homes[victim] != node).SelectMany(victim => Enumerable.Range(0, 4).Where(asks => _homes[asks] == node)
                .Select(asks => host.Domain.Reclaimed(ReclaimReason.Limit, asks, victim).Freed)).Sum() > 0, "who runs on one node takes from the other too");
        }
    }

    [Fact]
    public void Kswapd_of_a_node_reclaims_for_those_who_take_its_pages()
    {
        var host = new Host("mglru", "v6.12.117", turns: false, [2000, 1800]);
        host.Finish(long.MaxValue);

        for (var asks = 0; asks < 4; asks++)
        {
            for (var victim = 0; victim < 4; victim++)
            {
                Assert.True(_homes[asks] == _homes[victim] || host.Domain.Reclaimed(ReclaimReason.Kswapd, asks, victim) == default);
            }
        }
    }

    [Fact]
    public void A_full_pass_for_a_limit_goes_node_by_node_and_asks_all_on_each() => Assert.Equal("b@12 d@12 a@12 c@12", Asked(Four(), partial: false));

    [Fact]
    public void A_partial_pass_has_a_place_on_each_node_and_comes_by_one_cgroup_there_even_with_enough()
    {
        // The limit's own cgroup stands first in each walk; it holds nothing.
        var tree = Four();

        Assert.Equal("b@12", Asked(tree, partial: true));
        Assert.Equal("d@12 a@12", Asked(tree, partial: true));
        Assert.Equal("b@12", Asked(tree, partial: true));
        Assert.Equal("d@12 c@12", Asked(tree, partial: true));
    }

    private static MemcgTree Four()
    {
        var tree = new MemcgTree();
        var root = tree.Add("/r", -1, new MemcgLimits(4000, 0, 0));
        foreach (var (name, member, node) in new[] { ("a", 0, 0), ("b", 1, 1), ("c", 2, 0), ("d", 3, 1) })
        {
            tree.Charge(tree.Add(name, root, new MemcgLimits(long.MaxValue, 0, 0), member, node), 1000);
        }

        return tree;
    }

    /// <summary>Who is asked, on node 1 and then on node 0, if each gives enough.</summary>
    private static string Asked(MemcgTree tree, bool partial)
    {
        var reclaim = new LimitReclaim(tree, 0, 1, partial ? LimitWalk.Partial : LimitWalk.Full, (_, _) => default, [1, 0]);
        var asked = new List<string>();
        while (reclaim.Next() is { } order)
        {
            asked.Add($"{tree.Nodes[order.Node].Path}@{order.Priority}");
            reclaim.Took(new ShrinkReport(0, 0, 64, 0));
        }

        return string.Join(' ', asked);
    }

    private sealed class Host
    {
        public Host(string policy, string variant, bool turns, long[] sizes, long limit = long.MaxValue)
        {
            var kernel = new KernelChoice { Policy = policy, Variant = variant };
            Containers =
            [
                .. _homes.Select((home, member) => new Container(
                    Plans.Of(1L << 40, File, Plans.Reading(0, [.. Enumerable.Range(0, 9000).Select(i => (uint)((long)i * 7919 * (member + 1) % File))])) with { Kernel = kernel, Turns = turns, Node = home })),
            ];
            Nodes = [.. sizes.Select((size, id) => new NumaNode(size, 100, new Watermarks(Min: 100, Low: 150, High: 200, Promo: 250), seed: 1) { Id = id })];
            Memory = [.. sizes.Select(size => new NodeMemory(size))];
            var tree = new MemcgTree();
            var group = tree.Add("/pods", tree.Add("/", -1, new MemcgLimits(long.MaxValue, 0, 0)), new MemcgLimits(limit, 0, 0));
            for (var i = 0; i < Containers.Length; i++)
            {
                tree.Charge(tree.Add($"/pods/{i}", group, new MemcgLimits(long.MaxValue, 0, 0), i, _homes[i]), Containers[i].PagesHeld);
                Nodes[_homes[i]].Take(Containers[i].PagesAllocated);
            }

            Domain = new SharedDomain(tree, Enumerable.Range(0, Containers.Length), kernel, turns, 100_000, long.MaxValue, NumaTopology.Of([true, true]), Nodes);
            Steps = new HostSteps(Containers, [.. _homes.Select((_, i) => $"/pods/{i}")], [.. Memory], null, [Domain]);
        }

        public ImmutableArray<Container> Containers { get; }

        public ImmutableArray<NumaNode> Nodes { get; }

        public ImmutableArray<NodeMemory> Memory { get; }

        public SharedDomain Domain { get; }

        public HostSteps Steps { get; }

        public void Finish(long accesses)
        {
            while (!Steps.Coordinator.Done)
            {
                Steps.Step(accesses);
            }
        }
    }
}
