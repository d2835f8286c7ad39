using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Nodes;
using Reclaim.Model.Steps;
using Xunit;

namespace Reclaim.Model.Tests.Nodes;

/// <summary>When kswapd calls the OOM killer for min_ttl_ms.</summary>
public sealed class MinTtlTests
{
    private const long Second = 1_000_000_000;

    [Theory]
    [InlineData("v6.1.192", 1)]
    [InlineData("v6.8", 1)]
    [InlineData("v6.12.117", 0)]
    public void Kswapd_looks_before_each_pass_but_until_v6_11_not_before_the_first(string variant, int firstPass)
    {
        var passes = Passes(variant, bornNs: 10 * Second, pages: 100_000, nowNs: 10 * Second);

        Assert.Equal(firstPass, passes.IndexOf(true));
        Assert.All(passes.Skip(firstPass), Assert.True);
    }

    [Theory]
    [InlineData("v6.1.192")]
    [InlineData("v6.8")]
    [InlineData("v6.12.117")]
    public void A_generation_that_is_old_enough_leaves_everybody_alive(string variant)
    {
        Assert.DoesNotContain(true, Passes(variant, bornNs: 10 * Second, pages: 100_000, nowNs: 11 * Second));
        Assert.Contains(true, Passes(variant, bornNs: 10 * Second, pages: 100_000, nowNs: 11 * Second - 1));
    }

    [Fact]
    public void Who_is_too_small_for_a_scan_at_this_priority_or_protected_does_not_count()
    {
        Assert.True(Reclaimable(pages: 1 << 5, priority: 5, min: 0));
        Assert.False(Reclaimable(pages: (1 << 5) - 1, priority: 5, min: 0));
        Assert.False(Reclaimable(pages: 1 << 5, priority: 5, min: 1000));

        static bool Reclaimable(long pages, int priority, long min)
        {
            var tree = Tree(usage: 1000, min);
            return new MinTtl(tree, Second, _ => new ListState { InactiveFile = pages }).AnyReclaimable(priority, nowNs: Second);
        }
    }

    /// <summary>By pass of a round in which nothing can be freed: whether it began with a call of the OOM killer.</summary>
    private static List<bool> Passes(string variant, long bornNs, long pages, long nowNs)
    {
        var tree = Tree(usage: pages, min: 0);
        var node = new NumaNode(pages + 200, 0, new Watermarks(100, 150, 190, 200), seed: 1);
        node.Lru.Add();
        node.Lru.Add();
        node.Take(pages + 100);
        var lists = new ListState { InactiveFile = pages, OldestFileBirthNs = bornNs };
        var kernel = new KernelChoice { Variant = variant };
        var reclaim = new NodeReclaim(tree, node, kernel.ResolveRules(), multiGen: true, ReclaimReason.Kswapd, _ => lists, _ => pages)
        {
            MinTtl = new MinTtl(tree, Second, _ => lists),
            NowNs = nowNs,
        };
        var passes = new List<bool>();
        var killed = false;
        while (reclaim.Next() is { } order)
        {
            if (order.OutOfMemory)
            {
                killed = true;
                continue;
            }

            if (!order.AgeOnly)
            {
                passes.Add(killed);
                killed = false;
            }

            reclaim.Took(new ShrinkReport(0, 1, 0, 0) { Lists = lists with { Evictable = pages, WantsAging = true } });
        }

        return passes;
    }

    private static MemcgTree Tree(long usage, long min)
    {
        var tree = new MemcgTree();
        var root = tree.Add("/", -1, new MemcgLimits(long.MaxValue, 0, 0));
        tree.Charge(tree.Add("/a", root, new MemcgLimits(long.MaxValue, 0, min), 0), usage);
        return tree;
    }
}
