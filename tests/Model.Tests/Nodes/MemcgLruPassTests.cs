using Reclaim.Model.Hierarchy;
using Reclaim.Model.Nodes;
using Reclaim.Model.Steps;
using Xunit;

namespace Reclaim.Model.Tests.Nodes;

/// <summary>Whom a pass over the memcg LRU reclaims from, and where it leaves them. Lots differ from seed to seed; what is said here does not.</summary>
public sealed class MemcgLruPassTests
{
    private const int Priority = 12;

    /// <summary>As many pages as are looked at at this priority.</summary>
    private const long Large = 1 << Priority;

    private const int Node = 1;
    private const int Other = 2;

    public static TheoryData<ulong> Seeds() => [.. Enumerable.Range(1, 24).Select(seed => (ulong)seed)];

    [Theory, MemberData(nameof(Seeds))]
    public void Whoever_is_large_is_taken_once_a_pass_and_stays_first_in_line(ulong seed)
    {
        var (tree, lru) = Two(seed, default);

        Assert.Equal([1, 1], Pass(tree, lru, Large, Large));
        Assert.Equal([1, 1], Pass(tree, lru, Large, Large));
        Assert.Equal((false, false), (lru.IsYoung(Node), lru.IsAtTail(Node)));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Whoever_memory_min_protects_is_passed_over_and_young(ulong seed)
    {
        var (tree, lru) = Two(seed, new MemcgLimits(long.MaxValue, 0, Min: 5000));

        Assert.Equal([0, 1], Pass(tree, lru, Large, Large));
        Assert.True(lru.IsYoung(Node));
        Assert.Equal([0, 1], Pass(tree, lru, Large, Large));
    }

    [Fact]
    public void Whoever_memory_low_protects_is_passed_over_once_and_taken_then()
    {
        var passedOver = 0;
        for (var seed = 1ul; seed <= 24; seed++)
        {
            var (tree, lru) = Two(seed, new MemcgLimits(long.MaxValue, Low: 5000, 0));
            var taken = Pass(tree, lru, Large, Large, before: () => Assert.True(lru.IsAtTail(Node)))[0];
            Assert.True(lru.IsAtTail(Node));
            Assert.Equal(taken, tree.Nodes[Node].EventsLow);
            passedOver += taken == 0 ? 1 : 0;

            // The tail of a bin that the same pass has yet to see counts as another time.
            Assert.Equal(1, Pass(tree, lru, Large, Large)[0]);
            Assert.Equal(taken + 1, tree.Nodes[Node].EventsLow);
        }

        Assert.InRange(passedOver, 1, 24);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void One_page_above_memory_low_is_not_protected(ulong seed)
    {
        var (tree, lru) = Two(seed, new MemcgLimits(long.MaxValue, Low: 4999, 0));

        Assert.Equal([1, 1], Pass(tree, lru, Large, Large));
        Assert.Equal(0, tree.Nodes[Node].EventsLow);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Whoever_is_too_small_has_a_second_chance_and_is_young_then(ulong seed)
    {
        var (tree, lru) = Two(seed, default);
        var times = 0;
        while (!lru.IsYoung(Node))
        {
            times += Pass(tree, lru, Large - 1, Large)[0];
            Assert.InRange(times, 1, 2);
            Assert.Equal(times == 1, lru.IsAtTail(Node));
        }

        Assert.Equal(2, times);
        Assert.Equal(0, Pass(tree, lru, Large - 1, Large)[0]);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Older_kernels_do_not_even_try_one_that_is_too_small(ulong seed)
    {
        var (tree, lru) = Two(seed, default);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal([0, 1], Pass(tree, lru, Large - 1, Large, smallFirst: true));
        }

        Assert.True(lru.IsYoung(Node));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Whoever_was_aged_is_young(ulong seed)
    {
        var (tree, lru) = Two(seed, default);

        Pass(tree, lru, Large, Large, aged: true);
        Assert.True(lru.IsYoung(Node));
        Assert.Equal([0, 1], Pass(tree, lru, Large, Large));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Enough_ends_a_pass_at_once_and_whoever_gave_it_has_moved(ulong seed)
    {
        var (tree, lru) = Two(seed, default);
        var pass = new MemcgLruPass(tree, lru, smallFirst: false, Priority);
        var first = pass.Next(_ => Large)!.Value;
        pass.Took(new ShrinkReport(0, 64, 64, 0) { Aged = true }, abort: true);

        Assert.Null(pass.Next(_ => Large));
        Assert.True(lru.IsYoung(first));
        Assert.False(lru.IsYoung(first == Node ? Other : Node));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void It_ends_with_its_generation_and_takes_none_of_the_young_that_have_its_number_later(ulong seed)
    {
        var (tree, lru) = Two(seed, default);
        // Until the young ones have the number that the old ones had.
        Assert.Single(Taken(tree, lru, _ =>
        {
            foreach (var aged in Enumerable.Range(0, 2 * tree.Nodes.Count).Select(i => i % tree.Nodes.Count).Concat([1, 2]))
            {
                lru.Rotate(aged, MemcgLruOperation.Young);
            }
        }));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void It_passes_over_nobody_because_another_reclaim_has_aged_whom_it_is_at(ulong seed)
    {
        var (tree, lru) = Two(seed, default);

        Assert.Equal([1, 2], Taken(tree, lru, node => lru.Rotate(node, MemcgLruOperation.Young)).Order());
    }

    [Theory, MemberData(nameof(Seeds))]
    public void A_cgroup_without_pages_of_its_own_is_never_taken(ulong seed)
    {
        var (tree, lru) = Two(seed, default);
        for (var i = 0; i < 3; i++)
        {
            var pass = new MemcgLruPass(tree, lru, smallFirst: false, Priority);
            while (pass.Next(_ => Large) is { } node)
            {
                Assert.NotEqual(0, node);
                pass.Took(new ShrinkReport(0, 64, 64, 0) { Lists = new ListState { Evictable = Large } }, abort: false);
            }
        }

        Assert.True(lru.IsYoung(0));
    }

    /// <summary>Two containers of 5000 pages below a root; the second has no limits.</summary>
    private static (MemcgTree Tree, MemcgLru Lru) Two(ulong seed, MemcgLimits limits)
    {
        var (tree, lru) = (new MemcgTree(), new MemcgLru(seed));
        tree.Add("/", -1, new MemcgLimits(long.MaxValue, 0, 0));
        tree.Charge(tree.Add("/a", 0, limits == default ? new MemcgLimits(long.MaxValue, 0, 0) : limits, 0), 5000);
        tree.Charge(tree.Add("/b", 0, new MemcgLimits(long.MaxValue, 0, 0), 1), 5000);
        foreach (var _ in tree.Nodes)
        {
            lru.Add();
        }

        Protection.Calculate(tree, 0);
        return (tree, lru);
    }

    /// <summary>A pass during which others are at it too.</summary>
    /// <returns>Whom it took, ten at most.</returns>
    private static List<int> Taken(MemcgTree tree, MemcgLru lru, Action<int> meanwhile)
    {
        var pass = new MemcgLruPass(tree, lru, smallFirst: false, Priority);
        var taken = new List<int>();
        while (taken.Count < 10 && pass.Next(_ => Large) is { } node)
        {
            taken.Add(node);
            meanwhile(node);
            pass.Took(new ShrinkReport(0, 64, 64, 0) { Lists = new ListState { Evictable = Large } }, abort: false);
        }

        return taken;
    }

    /// <summary>A whole pass.</summary>
    /// <returns>How often each of the two was taken.</returns>
    private static int[] Pass(MemcgTree tree, MemcgLru lru, long first, long second, bool smallFirst = false, bool aged = false, Action? before = null)
    {
        var taken = new int[2];
        var pass = new MemcgLruPass(tree, lru, smallFirst, Priority);
        while (pass.Next(Evictable) is { } node)
        {
            taken[node - 1]++;
            if (node == Node)
            {
                before?.Invoke();
            }

            pass.Took(new ShrinkReport(0, 64, 64, 0) { Aged = aged && node == Node, Lists = new ListState { Evictable = Evictable(node) } }, abort: false);
        }

        return taken;

        long Evictable(int node) => node == Node ? first : second;
    }
}
