using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Nodes;
using Reclaim.Model.Steps;
using Xunit;

namespace Reclaim.Model.Tests.Nodes;

/// <summary>When kswapd and a task that reclaims for itself stop, and at which priorities they look.</summary>
public sealed class NodeReclaimTests
{
    private const long Min = 100;
    private const long Low = 150;
    private const long High = 200;

    public static TheoryData<string, string> Kernels() => new()
    {
        { "mglru", "v6.1.192" }, { "mglru", "v6.8" }, { "mglru", "v6.12.117" }, { "classic", "v6.8" }, { "classic", "v6.12.117" },
    };

    [Theory, MemberData(nameof(Kernels))]
    public void Kswapd_stops_above_the_high_watermark_and_not_before(string policy, string variant)
    {
        var node = Node(free: Low);
        var frees = new List<long>();
        Run(Kswapd(policy, variant, node), node, _ =>
        {
            frees.Add(node.Free);
            return Report(scanned: 32, freed: 32);
        });

        Assert.All(frees, free => Assert.InRange(free, Low, High));
        Assert.InRange(node.Free, High + 1, High + 32);
        Assert.Equal(0, node.Failures);
    }

    [Theory]
    [InlineData("v6.8")]
    [InlineData("v6.12.117")]
    public void In_the_middle_of_a_pass_it_ends_where_one_round_more_than_the_high_watermark_is_free(string variant)
    {
        // In one pass, from so many that it would free all it asks for.
        var node = Node(free: Low);
        Run(Kswapd("mglru", variant, node, members: 100), node, _ => Report(scanned: 8, freed: 8));

        Assert.InRange(node.Free, High + 64 + 1, High + 64 + 8);
    }

    [Fact]
    public void Older_kernels_end_a_pass_with_what_they_asked_for()
    {
        var node = Node(free: Low);
        Run(Kswapd("mglru", "v6.7-rc4", node, members: 100), node, _ => Report(scanned: 8, freed: 8));

        Assert.Equal(Low + High, node.Free);
    }

    [Fact]
    public void A_task_reclaims_until_it_has_32_pages()
    {
        var node = Node(free: Min);
        var orders = Run(Direct("v6.12.117", node), node, _ => Report(scanned: 10, freed: 10));

        Assert.Equal([12, 11, 10, 9], orders.Select(order => order.Priority));
        Assert.All(orders, order => Assert.Equal((32, ReclaimReason.Direct), (order.Wanted, order.Reason)));
        Assert.Equal(Min + 40, node.Free);
    }

    [Fact]
    public void Not_from_all_cgroups_if_one_has_them()
    {
        var node = Node(free: Min);

        Assert.Single(Run(Direct("v6.12.117", node, members: 10), node, _ => Report(scanned: 64, freed: 64)));
    }

    [Fact]
    public void A_task_that_finds_nothing_gives_up_after_all_priorities()
    {
        var node = Node(free: Min);
        var orders = Run(Direct("v6.12.117", node), node, _ => Report(scanned: 0, freed: 0));

        // It falls from 12 to 0, and the memcg LRU asks again who was too small only as long as it is old.
        Assert.Equal(12, orders[0].Priority);
        Assert.Equal(0, orders[^1].Priority);
        Assert.Equal(orders.Select(order => order.Priority).OrderDescending(), orders.Select(order => order.Priority));
    }

    [Theory]
    [InlineData(High, 1, new[] { 12, 12, 12, 12 })]
    [InlineData(High - 1, 1, new[] { 12, 11, 10, 9 })]
    [InlineData(High, 0, new[] { 12, 11, 10, 9 })]
    public void Kswapd_looks_closer_only_when_a_pass_saw_less_than_it_asked_for_or_freed_nothing(long scanned, long freed, int[] priorities)
    {
        var node = Node(free: Low);
        var orders = Run(Kswapd("mglru", "v6.1.192", node), node, _ => Report(scanned, freed), most: 40).Where(order => !order.AgeOnly);

        Assert.Equal(priorities, orders.Select(order => order.Priority).Take(4));
    }

    [Theory]
    [InlineData("v6.7-rc4", 3)]
    [InlineData("v6.8", 4)]
    [InlineData("v6.12.117", 6)]
    public void Kswapd_begins_where_a_scan_of_the_inactive_pages_comes_to_what_it_asks_for(string variant, int priority)
    {
        var node = new NumaNode(1 << 20, 0, new Watermarks(5000, 7500, 10_000, 12_500), seed: 1);
        node.Take(node.Free - 7500);
        node.Lru.Add();
        node.Lru.Add();
        var tree = Tree(1);
        var inactive = variant == "v6.7-rc4" ? 3 * 131_072 : 262_144;
        var kswapd = new NodeReclaim(tree, node, Rules("mglru", variant), multiGen: true, ReclaimReason.Kswapd, _ => new ListState { InactiveFile = inactive }, _ => inactive);

        Assert.Equal(priority, kswapd.Next()!.Value.Priority);
    }

    [Theory, MemberData(nameof(Kernels))]
    public void Kswapd_gives_up_after_sixteen_rounds_in_a_row_that_freed_nothing_until_a_task_frees_something(string policy, string variant)
    {
        var node = Node(free: Low);
        for (var round = 1; round <= 16; round++)
        {
            Assert.False(node.IsHopeless);
            Run(Kswapd(policy, variant, node), node, _ => Report(scanned: 1, freed: 0));
            Assert.Equal(round, node.Failures);
        }

        Assert.True(node.IsHopeless);
        Run(Direct("v6.12.117", node), node, _ => Report(scanned: 32, freed: 32));

        Assert.False(node.IsHopeless);
    }

    [Fact]
    public void A_round_that_freed_something_is_no_failure()
    {
        var node = Node(free: Low);
        node.Failures = 15;
        Run(Kswapd("mglru", "v6.12.117", node), node, order => Report(scanned: 1, freed: order.Priority == 1 ? 1 : 0));

        Assert.Equal(0, node.Failures);
    }

    [Fact]
    public void Only_v61_ages_all_before_it_takes_from_any_until_a_pass_has_shown_that_it_need_not()
    {
        var node = Node(free: Low);
        var orders = Run(Kswapd("mglru", "v6.1.192", node, members: 2), node, _ => Report(scanned: 0, freed: 0));
        var ofEach = orders.GroupBy(order => order.Priority).OrderByDescending(group => group.Key).Select(group => string.Concat(group.Select(order => order.AgeOnly ? 'a' : 's'))).ToList();

        Assert.Equal("ss", ofEach[0]);
        Assert.All(ofEach.Skip(1), pass => Assert.Equal("aass", pass));
        Assert.DoesNotContain(Run(Kswapd("mglru", "v6.8", node, members: 2), node, _ => Report(scanned: 0, freed: 0)), order => order.AgeOnly);
    }

    [Theory, MemberData(nameof(Kernels))]
    public void A_node_of_which_memory_min_keeps_all_gives_nothing(string policy, string variant)
    {
        var node = Node(free: Low);
        var tree = Tree(3, min: 1000);
        var kswapd = new NodeReclaim(tree, node, Rules(policy, variant), policy == "mglru", ReclaimReason.Kswapd, _ => default, _ => 1000);

        Assert.DoesNotContain(Run(kswapd, node, _ => Report(scanned: 64, freed: 64)), order => !order.AgeOnly);
    }

    [Fact]
    public void When_only_blocks_of_others_have_free_pages_left_kswapd_frees_as_many_as_the_boost()
    {
        var node = Node(free: 5000, unmovable: 5000);
        node.Boost!.Raise(node.Free);
        var orders = Run(Kswapd("classic", "v6.12.117", node), node, _ => Report(scanned: 7, freed: 7));

        Assert.Equal((Most + 6) / 7 * 7, node.Free - 5000);
        Assert.Equal(0, node.Boost.Pages);
        Assert.All(orders, order => Assert.True(order.NoSwap));

        // It never looks closer than that, however long it takes.
        Assert.Equal([12, 11, 10], orders.Select(order => order.Priority).Distinct());
    }

    [Fact]
    public void For_a_boost_alone_it_does_not_try_in_vain()
    {
        var node = Node(free: 5000, unmovable: 5000);
        node.Boost!.Raise(node.Free);

        Assert.Single(Run(Kswapd("classic", "v6.12.117", node), node, _ => Report(scanned: 7, freed: 0)));
        Assert.Equal((0, 1), (node.Boost.Pages, node.Failures));
    }

    [Theory]
    [InlineData("v6.8")]
    [InlineData("v6.12.117")]
    public void MGLRU_frees_nothing_for_a_boost_alone(string variant)
    {
        var node = Node(free: 5000, unmovable: 5000);
        node.Boost!.Raise(node.Free);

        Assert.Empty(Run(Kswapd("mglru", variant, node), node, _ => throw new InvalidOperationException("an order")));
        Assert.Equal((0, 1), (node.Boost.Pages, node.Failures));
    }

    [Fact]
    public void Short_of_pages_as_well_MGLRU_goes_on_to_the_boosted_high_watermark_and_an_order_to_a_round_more()
    {
        var node = Node(free: Low, unmovable: Low);
        node.Boost!.Raise(node.Free);
        var orders = Run(Kswapd("mglru", "v6.12.117", node), node, _ => Report(scanned: 64, freed: 64));

        Assert.InRange(node.Free, High + Most + 1, High + Most + 64);
        Assert.Equal(High + Most + 65 - Low, orders[0].AbortAfter);
        Assert.Equal(0, node.Boost.Pages);
    }

    [Fact]
    public void Short_of_pages_as_well_it_goes_on_to_the_boosted_high_watermark_by_all_means()
    {
        var node = Node(free: Low, unmovable: Low);
        node.Boost!.Raise(node.Free);
        var orders = Run(Kswapd("classic", "v6.12.117", node), node, _ => Report(scanned: High + Most, freed: 32));

        Assert.InRange(node.Free, High + Most + 1, High + Most + 32);
        Assert.All(orders, order => Assert.False(order.NoSwap));
    }

    [Fact]
    public void What_is_boosted_while_kswapd_works_is_left_for_its_next_round()
    {
        var node = Node(free: 5000, unmovable: 5000);
        var kswapd = Kswapd("classic", "v6.12.117", node);
        node.Boost!.Raise(node.Free);
        Run(kswapd, node, _ => Report(scanned: 32, freed: 32));

        Assert.Equal(Most, node.Boost.Pages);
    }

    /// <summary>boost_watermark: up to one and a half times the high watermark, but a pageblock at least.</summary>
    private const long Most = 512;

    private static NumaNode Node(long free, long unmovable = 0)
    {
        var node = new NumaNode(100_000, 0, new Watermarks(Min, Low, High, High + 50), seed: 1) { Boost = unmovable == 0 ? null : new WatermarkBoost(unmovable, 100_000, High) };
        node.Take(node.Free - free);
        return node;
    }

    private static KernelRuleSet Rules(string policy, string variant) => new KernelChoice { Policy = policy, Variant = variant }.ResolveRules();

    private static NodeReclaim Kswapd(string policy, string variant, NumaNode node, int members = 1) =>
        Reclaim(policy, variant, node, members, ReclaimReason.Kswapd);

    private static NodeReclaim Direct(string variant, NumaNode node, int members = 1) => Reclaim("mglru", variant, node, members, ReclaimReason.Direct);

    /// <summary>The lists are so long that each member is looked at at every priority.</summary>
    private static NodeReclaim Reclaim(string policy, string variant, NumaNode node, int members, ReclaimReason reason)
    {
        var lru = members + 1 - node.Lru.Count;
        for (var i = 0; i < lru; i++)
        {
            node.Lru.Add();
        }

        return new NodeReclaim(Tree(members), node, Rules(policy, variant), policy == "mglru", reason, _ => new ListState { InactiveFile = 1 << 20 }, _ => 1 << 20);
    }

    private static MemcgTree Tree(int members, long min = 0)
    {
        var tree = new MemcgTree();
        var root = tree.Add("/", -1, new MemcgLimits(long.MaxValue, 0, 0));
        for (var i = 0; i < members; i++)
        {
            tree.Charge(tree.Add($"/{i}", root, new MemcgLimits(long.MaxValue, 0, min), i), 1000);
        }

        return tree;
    }

    private static ShrinkReport Report(long scanned, long freed) => new(-freed, scanned, freed, 0) { Lists = new ListState { Evictable = 1 << 20, InactiveFile = 1 << 20 } };

    /// <summary>Carries out all orders.</summary>
    private static List<Victim> Run(NodeReclaim reclaim, NumaNode node, Func<Victim, ShrinkReport> carryOut, int most = 10_000)
    {
        var orders = new List<Victim>();
        while (orders.Count < most && reclaim.Next() is { } order)
        {
            var report = order.AgeOnly ? default : carryOut(order);
            orders.Add(order);
            node.Take(-report.Freed);
            reclaim.Took(report);
        }

        return orders;
    }
}
