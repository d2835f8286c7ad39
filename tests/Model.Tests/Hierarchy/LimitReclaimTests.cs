using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Steps;
using Xunit;

namespace Reclaim.Model.Tests.Hierarchy;

/// <summary>Whose turn it is to be reclaimed from for a limit that three share.</summary>
public sealed class LimitReclaimTests
{
    private static MemcgTree Three(params long[] low)
    {
        var tree = new MemcgTree();
        var root = tree.Add("/r", -1, new MemcgLimits(3000, 0, 0));
        for (var i = 0; i < 3; i++)
        {
            tree.Charge(tree.Add($"/r/{i}", root, new MemcgLimits(long.MaxValue, low.ElementAtOrDefault(i), 0), i), 1000);
        }

        return tree;
    }

    /// <summary>Members in the order in which they are asked, each freeing so many pages at a priority.</summary>
    private static string Asked(MemcgTree tree, bool partial, Func<int, int, long> frees)
    {
        var reclaim = new LimitReclaim(tree, 0, 1, partial ? LimitWalk.Partial : LimitWalk.Full, (_, _) => default, [0]);
        var asked = new List<string>();
        while (reclaim.Next() is { } order)
        {
            var member = tree.Nodes[order.Node].Member;
            asked.Add($"{member}@{order.Priority}");
            reclaim.Took(new ShrinkReport(0, 0, frees(member, order.Priority), 0));
        }

        return string.Join(' ', asked);
    }

    [Fact]
    public void A_full_walk_asks_all_even_if_the_first_gave_enough() => Assert.Equal("0@12 1@12 2@12", Asked(Three(), partial: false, (_, _) => 64));

    [Fact]
    public void A_partial_walk_ends_with_enough_and_the_next_one_goes_on_behind()
    {
        var tree = Three();

        Assert.Equal("0@12", Asked(tree, partial: true, (_, _) => 64));
        Assert.Equal("1@12", Asked(tree, partial: true, (_, _) => 64));
        Assert.Equal("2@12", Asked(tree, partial: true, (_, _) => 64));
        Assert.Equal("0@12", Asked(tree, partial: true, (_, _) => 64));
    }

    [Fact]
    public void As_long_as_it_is_not_enough_the_priority_rises() =>
        Assert.Equal("0@12 1@12 2@12 0@11 1@11 2@11 0@10 1@10 2@10", Asked(Three(), partial: false, (_, priority) => priority == 10 ? 64 : 0));

    [Fact]
    public void Who_is_below_memory_low_is_passed_over() => Assert.Equal("0@12 2@12", Asked(Three(0, 2000, 0), partial: false, (_, _) => 64));

    [Fact]
    public void Unless_nothing_else_can_be_had()
    {
        var tree = Three(0, 2000, 0);
        var asked = Asked(tree, partial: true, (member, _) => member == 1 ? 64 : 0);

        Assert.EndsWith("2@0 0@12 1@12 2@12", asked, StringComparison.Ordinal);
        Assert.Equal(1, tree.Nodes[2].EventsLow);
    }

    [Fact]
    public void Who_is_below_memory_min_never_is()
    {
        var tree = new MemcgTree();
        tree.Add("/r", -1, new MemcgLimits(1000, 0, 0));
        tree.Charge(tree.Add("/r/0", 0, new MemcgLimits(long.MaxValue, 0, 2000), 0), 1000);

        Assert.Equal("", Asked(tree, partial: true, (_, _) => 64));
    }
}
