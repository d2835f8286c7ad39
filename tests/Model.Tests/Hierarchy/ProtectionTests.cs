using Reclaim.Model.Hierarchy;
using Xunit;

namespace Reclaim.Model.Tests.Hierarchy;

/// <summary>Effective memory.low and memory.min, worked out by hand.</summary>
public sealed class ProtectionTests
{
    private const long Max = long.MaxValue;

    /// <summary>A root that reclaims, a parent whose protection is 500, and two children.</summary>
    private static MemcgTree Family(long parentUsage, (long Usage, long Low) a, (long Usage, long Low) b)
    {
        var tree = new MemcgTree();
        var root = tree.Add("/r", -1, new MemcgLimits(10_000, 0, 0));
        var parent = tree.Add("/r/p", root, new MemcgLimits(Max, 500, 0));
        tree.Charge(tree.Add("/r/p/a", parent, new MemcgLimits(Max, a.Low, 0), 0), a.Usage);
        tree.Charge(tree.Add("/r/p/b", parent, new MemcgLimits(Max, b.Low, 0), 1), b.Usage);
        Assert.Equal(parentUsage, tree.Nodes[parent].Usage);
        Protection.Calculate(tree, root);
        return tree;
    }

    [Fact]
    public void What_no_child_claims_goes_to_them_by_what_they_use_unprotected()
    {
        var tree = Family(1000, (300, 200), (700, 100));

        Assert.Equal((228, 271), (tree.Nodes[2].EffectiveLow, tree.Nodes[3].EffectiveLow));
    }

    [Fact]
    public void An_overcommitted_parent_divides_what_it_has_by_what_they_claim()
    {
        var tree = Family(1000, (400, 400), (600, 400));

        Assert.Equal((250, 250), (tree.Nodes[2].EffectiveLow, tree.Nodes[3].EffectiveLow));
    }

    [Fact]
    public void Who_reclaims_is_not_protected_from_itself_and_its_children_have_all_they_ask_for()
    {
        var tree = Family(1000, (300, 200), (700, 100));
        Protection.Calculate(tree, 1);

        Assert.Equal((0, 200, 100), (tree.Nodes[1].EffectiveLow, tree.Nodes[2].EffectiveLow, tree.Nodes[3].EffectiveLow));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(499)]
    [InlineData(100_000)]
    public void Children_never_have_more_than_their_parent(long low)
    {
        var tree = Family(1000, (300, low), (700, 100));

        Assert.True(tree.Nodes[2].EffectiveLow + tree.Nodes[3].EffectiveLow <= 500);
    }

    [Theory]
    [InlineData(300, 200)]
    [InlineData(399, 0)]
    public void A_parent_that_protects_more_than_is_used_protects_all(long usage, long low)
    {
        var tree = Family(usage + 100, (100, 0), (usage, low));

        Assert.True(tree.Nodes[2].EffectiveLow >= 100 && tree.Nodes[3].EffectiveLow >= usage);
    }

    [Fact]
    public void A_sibling_that_claims_more_leaves_the_others_less()
    {
        var (modest, greedy) = (Family(1000, (300, 200), (700, 100)), Family(1000, (300, 200), (700, 300)));

        Assert.Equal((228, 271), (modest.Nodes[2].EffectiveLow, modest.Nodes[3].EffectiveLow));
        Assert.Equal((200, 300), (greedy.Nodes[2].EffectiveLow, greedy.Nodes[3].EffectiveLow));
    }

    [Fact]
    public void A_claim_beyond_what_is_used_counts_for_no_more_than_that()
    {
        var tree = Family(1000, (100, 100_000), (900, 0));

        Assert.Equal((100, 400), (tree.Nodes[2].EffectiveLow, tree.Nodes[3].EffectiveLow));
    }

    [Fact]
    public void Below_a_parent_that_protects_nothing_settings_are_worth_nothing()
    {
        var tree = new MemcgTree();
        var root = tree.Add("/", -1, new MemcgLimits(Max, 0, 0));
        var slice = tree.Add("/slice", root, new MemcgLimits(Max, 0, 0));
        tree.Charge(tree.Add("/slice/a", slice, new MemcgLimits(Max, 300, 200), 0), 500);
        Protection.Calculate(tree, root);

        Assert.Equal((0, 0), (tree.Nodes[2].EffectiveLow, tree.Nodes[2].EffectiveMin));
    }

    [Fact]
    public void Min_and_low_are_worked_out_apart()
    {
        var tree = new MemcgTree();
        var root = tree.Add("/", -1, new MemcgLimits(Max, 0, 0));
        var slice = tree.Add("/slice", root, new MemcgLimits(Max, Low: 600, Min: 100));
        tree.Charge(tree.Add("/slice/a", slice, new MemcgLimits(Max, Low: 300, Min: 100), 0), 500);
        tree.Charge(tree.Add("/slice/b", slice, new MemcgLimits(Max, Low: 300, Min: 100), 1), 500);
        Protection.Calculate(tree, root);

        Assert.Equal((300, 50, 300, 50), (tree.Nodes[2].EffectiveLow, tree.Nodes[2].EffectiveMin, tree.Nodes[3].EffectiveLow, tree.Nodes[3].EffectiveMin));
    }

    /// <summary>
    /// The tree of the kernel's own test (test_memcg_protection of its cgroup selftests): B protects 50M of 150M that its children use, and they
    /// ask for more. A neighbour's need takes from each what is not protected, step by step, until there is no more to take; C is left
    /// with 29M, D with 21M, E and F with nothing. That test lets figures be off by a tenth, and so is E's nothing a tenth of what it had.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_left_of_the_tree_of_the_kernels_own_test_is_what_that_expects(bool byMin)
    {
        const long MiB = 256;
        var tree = new MemcgTree();
        var a = tree.Add("/A", -1, new MemcgLimits(200 * MiB, 0, 0));
        var b = tree.Add("/A/B", a, Protected(50));
        int[] children = [.. new (long Setting, long Usage)[] { (75, 50), (25, 50), (0, 50), (500, 0) }
            .Select((child, i) =>
            {
                var node = tree.Add($"/A/B/{"CDEF"[i]}", b, Protected(child.Setting), i);
                tree.Charge(node, child.Usage * MiB);
                return node;
            })];

        for (var step = 0; step < 200; step++)
        {
            Protection.Calculate(tree, a);
            foreach (var child in children)
            {
                var node = tree.Nodes[child];
                tree.Charge(child, -Math.Max(0, node.Usage - (byMin ? node.EffectiveMin : node.EffectiveLow)) / 10);
            }
        }

        Assert.InRange(tree.Nodes[b].Usage / (double)MiB, 50 * 0.9, 50 * 1.1);
        Assert.InRange(tree.Nodes[children[0]].Usage / (double)MiB, 29 * 0.9, 29 * 1.1);
        Assert.InRange(tree.Nodes[children[1]].Usage / (double)MiB, 21 * 0.9, 21 * 1.1);
        Assert.InRange(tree.Nodes[children[2]].Usage / (double)MiB, 0, 50 * 0.1);
        Assert.Equal(0, tree.Nodes[children[3]].Usage);

        MemcgLimits Protected(long size) => new(Max, byMin ? 0 : size * MiB, byMin ? size * MiB : 0);
    }

    [Fact]
    public void The_lowest_limit_without_room_is_the_one_that_reclaims()
    {
        var tree = new MemcgTree();
        var top = tree.Add("/t", -1, new MemcgLimits(100, 0, 0));
        var middle = tree.Add("/t/m", top, new MemcgLimits(50, 0, 0));
        var leaf = tree.Add("/t/m/l", middle, new MemcgLimits(Max, 0, 0), 0);
        tree.Charge(leaf, 49);
        Assert.Equal((1, -1), ((int)tree.RoomAbove(leaf).Max, tree.OverLimit(leaf)));
        tree.Charge(leaf, 1);
        Assert.Equal((0, middle), ((int)tree.RoomAbove(leaf).Max, tree.OverLimit(leaf)));
    }
}
