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

    [Fact]
    public void The_lowest_limit_without_room_is_the_one_that_reclaims()
    {
        var tree = new MemcgTree();
        var top = tree.Add("/t", -1, new MemcgLimits(100, 0, 0));
        var middle = tree.Add("/t/m", top, new MemcgLimits(50, 0, 0));
        var leaf = tree.Add("/t/m/l", middle, new MemcgLimits(Max, 0, 0), 0);
        tree.Charge(leaf, 49);
        Assert.Equal((1, -1), ((int)tree.RoomAbove(leaf), tree.OverLimit(leaf)));
        tree.Charge(leaf, 1);
        Assert.Equal((0, middle), ((int)tree.RoomAbove(leaf), tree.OverLimit(leaf)));
    }
}
