using CsCheck;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Nodes;
using Xunit;

namespace Reclaim.Model.Tests.Hierarchy;

/// <summary>How far apart the clocks of containers may be that share a node.</summary>
public sealed class LookaheadTests
{
    private const long Quantum = 80_000;

    [Fact]
    public void Without_a_node_it_is_the_quantum() => Assert.Equal(Quantum, new Lookahead(Quantum, null).Ahead(12_345));

    [Fact]
    public void While_kswapd_sleeps_it_is_as_long_as_the_pages_above_the_low_watermark_last()
    {
        var node = Node(free: 1150);
        var lookahead = new Lookahead(Quantum, node);
        node.Take(500);

        // 500 pages in 1,000,000 ns; 500 are left.
        Assert.Equal(1_000_000, lookahead.Ahead(1_000_000));
    }

    [Fact]
    public void While_it_is_awake_as_long_as_those_above_the_min_watermark_at_the_rate_of_before()
    {
        var node = Node(free: 1150);
        var lookahead = new Lookahead(Quantum, node);
        node.Take(1000);
        lookahead.Wake(1_000_000);

        // 1000 pages in 1,000,000 ns; 50 are left.
        Assert.Equal(50_000, lookahead.Ahead(1_000_000));
    }

    [Fact]
    public void As_long_as_nobody_takes_pages_it_is_as_far_as_may_be()
    {
        var lookahead = new Lookahead(Quantum, Node(free: 1150));

        Assert.Equal(100 * Quantum, lookahead.Ahead(5));
    }

    [Fact]
    public void It_is_short_where_nothing_is_left_and_far_again_when_kswapd_sleeps()
    {
        var node = Node(free: 1150);
        var lookahead = new Lookahead(Quantum, node);
        node.Take(1050);
        lookahead.Wake(1_000_000);
        Assert.Equal(Quantum / 8, lookahead.Ahead(1_000_000));
        node.Take(-1050);
        lookahead.Sleep(1_100_000);

        // 1000 pages at the 1050 in 1,000,000 ns of before.
        Assert.Equal(952_380, lookahead.Ahead(1_100_000));
    }

    [Fact]
    public void It_has_bounds_whatever_happens() =>
        Gen.Select(Gen.Long[1, 1_000_000], Gen.Select(Gen.Long[-800, 800], Gen.Long[0, 200_000], Gen.Bool).Array[1, 30]).Sample((quantum, events) =>
        {
            var node = Node(free: 1150);
            var lookahead = new Lookahead(quantum, node);
            var (now, awake) = (0L, false);
            foreach (var (pages, ns, turns) in events)
            {
                now += ns;
                node.Take(Math.Clamp(pages, node.Free - node.Size + node.Used, node.Free));
                if (turns)
                {
                    if (awake)
                    {
                        lookahead.Sleep(now);
                    }
                    else
                    {
                        lookahead.Wake(now);
                    }

                    awake = !awake;
                }

                Assert.InRange(lookahead.Ahead(now), quantum / 8, awake ? quantum : 100 * quantum);
            }
        }, iter: 500);

    /// <summary>Its min watermark is 100, its low one 150.</summary>
    private static NumaNode Node(long free)
    {
        var node = new NumaNode(10_000, 0, new Watermarks(100, 150, 200, 250), seed: 1);
        node.Take(node.Free - free);
        return node;
    }
}
