using CsCheck;
using Reclaim.Model.Nodes;
using Xunit;

namespace Reclaim.Model.Tests.Nodes;

/// <summary>The order in which a node's lruvecs are reclaimed from, against plain lists that are given the same lots.</summary>
public sealed class MemcgLruTests
{
    private const int Generations = 3;

    private static readonly Gen<(ulong Seed, int Count, (int Lruvec, MemcgLruOperation Operation)[] Moves)> _runs = Gen.Int[1, 9].SelectMany(count => Gen.Select(
        Gen.ULong, Gen.Select(Gen.Int[0, count - 1], Gen.Enum<MemcgLruOperation>()).Array[0, 60], (seed, moves) => (seed, count, moves)));

    [Fact]
    public void Any_moves_leave_the_order_that_plain_lists_have() => _runs.Sample(run =>
    {
        var (lru, lists) = (new MemcgLru(run.Seed), new PlainLists(run.Seed));
        for (var i = 0; i < run.Count; i++)
        {
            lru.Add();
            lists.Place(i, generation: 0, MemcgLruOperation.Nop);
        }

        foreach (var (lruvec, operation) in run.Moves)
        {
            lru.Rotate(lruvec, operation);
            lists.Rotate(lruvec, operation);
            Assert.Equal(lists.Seq, lru.Seq);
            Assert.Equal(lists.Bins, Bins(lru));
        }
    }, iter: 300);

    [Fact]
    public void Every_lruvec_is_in_one_bin_and_no_more_than_two_generations_are_in_use() => _runs.Sample(run =>
    {
        var lru = Online(run.Seed, run.Count);
        foreach (var (lruvec, operation) in run.Moves)
        {
            lru.Rotate(lruvec, operation);
            var bins = Bins(lru);
            Assert.Equal(Enumerable.Range(0, run.Count), bins.SelectMany(bin => bin).Order());

            var (old, unused) = (InGeneration(bins, lru.Seq), InGeneration(bins, lru.Seq + 2));
            Assert.NotEmpty(old);
            Assert.Empty(unused);
            Assert.All(Enumerable.Range(0, run.Count), i => Assert.Equal(!old.Contains(i), lru.IsYoung(i)));
        }
    }, iter: 300);

    [Theory]
    [InlineData(MemcgLruOperation.Head, false, true)]
    [InlineData(MemcgLruOperation.Tail, false, false)]
    [InlineData(MemcgLruOperation.Old, false, true)]
    [InlineData(MemcgLruOperation.Young, true, false)]
    public void Who_moves_is_at_the_end_of_a_bin_that_it_belongs_to(MemcgLruOperation operation, bool young, bool first)
    {
        // So many that no bin is empty.
        for (var seed = 1ul; seed < 20; seed++)
        {
            var lru = Online(seed, 200);
            foreach (var other in Enumerable.Range(100, 100))
            {
                lru.Rotate(other, MemcgLruOperation.Young);
            }

            lru.Rotate(7, operation);

            var bin = Bins(lru).Single(lruvecs => lruvecs.Contains(7));
            Assert.True(bin.Length > 1);
            Assert.Equal(7, first ? bin[0] : bin[^1]);
            Assert.Equal(young, lru.IsYoung(7));
            Assert.Equal(operation == MemcgLruOperation.Tail, lru.IsAtTail(7));
        }
    }

    [Fact]
    public void A_young_lruvec_whose_cgroup_is_gone_is_old_again()
    {
        var lru = Online(1, 3);
        lru.Rotate(1, MemcgLruOperation.Young);
        Assert.True(lru.IsYoung(1));
        lru.Rotate(1, MemcgLruOperation.Old);

        Assert.False(lru.IsYoung(1));
    }

    [Fact]
    public void When_all_were_aged_all_are_old_again()
    {
        var lru = Online(1, 2);
        lru.Rotate(0, MemcgLruOperation.Young);
        Assert.Equal((0, true, false), (lru.Seq, lru.IsYoung(0), lru.IsYoung(1)));
        lru.Rotate(1, MemcgLruOperation.Young);

        Assert.Equal((1, false, false), (lru.Seq, lru.IsYoung(0), lru.IsYoung(1)));
    }

    [Fact]
    public void Lots_fall_on_all_bins_alike()
    {
        var lots = new MemcgLots(1);
        Func<int, int>[] draws =
        [
            i => lots.Bin(i, 0, MemcgLruOperation.Young), i => lots.Bin(0, i, MemcgLruOperation.Young), i => lots.Bin(i, i, MemcgLruOperation.Tail),
            i => lots.First(i, 0), i => lots.First(0, i), i => new MemcgLots((ulong)i).Bin(0, 0, MemcgLruOperation.Young),
        ];
        foreach (var draw in draws)
        {
            var drawn = new int[MemcgLru.Bins];
            for (var i = 0; i < 8000; i++)
            {
                drawn[draw(i)]++;
            }

            // Five standard deviations of a binomial.
            Assert.All(drawn, count => Assert.InRange(count, 1000 - 150, 1000 + 150));
        }
    }

    [Fact]
    public void One_lot_says_nothing_of_another()
    {
        var lots = new MemcgLots(1);
        Func<int, int>[] others =
        [
            i => lots.Bin(i, 0, MemcgLruOperation.Tail), i => lots.Bin(i, 1, MemcgLruOperation.Young), i => lots.Bin(i + 1, 0, MemcgLruOperation.Young),
            i => lots.First(i, 0), i => new MemcgLots(2).Bin(i, 0, MemcgLruOperation.Young), i => new MemcgLots(1 + 0x9E3779B97F4A7C15).Bin(i - 1, 0, MemcgLruOperation.Young),
        ];
        foreach (var other in others)
        {
            var pairs = new int[MemcgLru.Bins * MemcgLru.Bins];
            for (var i = 0; i < 64_000; i++)
            {
                pairs[lots.Bin(i, 0, MemcgLruOperation.Young) * MemcgLru.Bins + other(i)]++;
            }

            Assert.All(pairs, count => Assert.InRange(count, 1000 - 160, 1000 + 160));
        }
    }

    [Fact]
    public void Who_moves_besides_changes_nobody_elses_lot() => _runs.Sample(run =>
    {
        var (lru, more) = (Online(run.Seed, run.Count), Online(run.Seed, run.Count + 1));
        foreach (var (lruvec, operation) in run.Moves)
        {
            // The one more keeps it from being old again, as all others move: as much as one lruvec can change.
            lru.Rotate(lruvec, operation);
            more.Rotate(lruvec, operation);
            if (lru.Seq != more.Seq)
            {
                return;
            }

            more.Rotate(run.Count, MemcgLruOperation.Head);
            Assert.Equal(Bins(lru), [.. Bins(more).Select(bin => bin.Where(other => other != run.Count).ToArray())]);
        }
    }, iter: 300);

    private static MemcgLru Online(ulong seed, int count)
    {
        var lru = new MemcgLru(seed);
        for (var i = 0; i < count; i++)
        {
            lru.Add();
        }

        return lru;
    }

    private static int[] InGeneration(int[][] bins, long seq) =>
        [.. bins.Skip((int)(seq % Generations) * MemcgLru.Bins).Take(MemcgLru.Bins).SelectMany(bin => bin)];

    /// <summary>All bins, generation by generation.</summary>
    private static int[][] Bins(MemcgLru lru) => [.. Enumerable.Range(0, Generations * MemcgLru.Bins).Select(i =>
    {
        var bin = new List<int>();
        for (var lruvec = lru.First(i / MemcgLru.Bins, i % MemcgLru.Bins); lruvec is { } next; lruvec = lru.After(next))
        {
            bin.Add(next);
        }

        return bin.ToArray();
    })];

    private sealed class PlainLists(ulong seed)
    {
        private readonly List<int>[] _bins = [.. Enumerable.Range(0, Generations * MemcgLru.Bins).Select(_ => new List<int>())];
        private readonly MemcgLots _lots = new(seed);

        public long Seq { get; private set; }

        public int[][] Bins => [.. _bins.Select(bin => bin.ToArray())];

        public void Place(int lruvec, long generation, MemcgLruOperation operation)
        {
            var bin = _bins[(int)(generation % Generations) * MemcgLru.Bins + _lots.Bin(lruvec, generation, operation)];
            bin.Insert(operation is MemcgLruOperation.Head or MemcgLruOperation.Old ? 0 : bin.Count, lruvec);
        }

        public void Rotate(int lruvec, MemcgLruOperation operation)
        {
            if (operation == MemcgLruOperation.Nop)
            {
                return;
            }

            var was = Array.FindIndex(_bins, bin => bin.Contains(lruvec)) / MemcgLru.Bins == (int)(Seq % Generations) ? Seq : Seq + 1;
            Array.ForEach(_bins, bin => bin.Remove(lruvec));
            var to = operation switch { MemcgLruOperation.Old => Seq, MemcgLruOperation.Young => Seq + 1, _ => was };
            Place(lruvec, to, operation);
            Seq += _bins.Skip((int)(Seq % Generations) * MemcgLru.Bins).Take(MemcgLru.Bins).All(bin => bin.Count == 0) ? 1 : 0;
        }
    }
}
