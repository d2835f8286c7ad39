using CsCheck;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Workloads;

/// <summary>The patterns of programs against what docs/scenario.md says of them, written out once more in the plainest way.</summary>
public sealed class HeapPatternTests
{
    private const uint Store = AccessSource.WriteBit;
    private const uint Free = AccessSource.FreeBit;

    [Fact]
    public void A_growing_heap_is_as_documented() =>
        Gen.Select(Gen.Int[1, 200], Gen.ULong, Gen.Int[0, 1024], Gen.Int[0, 1024]).Sample((n, seed, p, shrink) =>
        {
            var free = Math.Min(shrink, 1024 - p);
            Assert.Equal(Grow(n, seed, p, free).Take(3000), Patterns.Create("grow", n, 3000, seed, p: p, free: free).Drain());
        }, iter: 200);

    [Fact]
    public void A_collected_heap_is_as_documented() =>
        Gen.Select(Gen.Int[1, 200], Gen.ULong, Gen.Int[0, 1024], Gen.Int[1, 200]).Sample((n, seed, p, w) =>
            Assert.Equal(Gc(n, seed, Math.Min(w, n), p).Take(3000), Patterns.Create("gc", n, 3000, seed, w: Math.Min(w, n), p: p).Drain()), iter: 200);

    [Fact]
    public void Apps_that_come_to_the_front_are_as_documented() =>
        Gen.Select(Gen.Int[2, 100], Gen.Int[1, 4], Gen.ULong, Gen.Int[1, 100], Gen.Int[1, 700]).Sample((part, nf, seed, w, stay) =>
        {
            // What an app accesses after its start-up is what zipf gives for its part, the draws going on from app to app.
            var ranks = Patterns.Create("zipf", part, 3000, seed, theta: 0.9).Drain();
            var expected = new List<uint>();
            for (var (launch, drawn) = (0, 0); expected.Count < 3000; launch++, drawn += stay)
            {
                var origin = (uint)(launch % nf * part);
                expected.AddRange(Enumerable.Range(0, Math.Min(w, part)).Select(page => (origin + (uint)page) | Store));
                expected.AddRange(ranks.Skip(drawn).Take(stay).Select(page => origin + page));
            }

            Assert.Equal(expected.Take(3000), Patterns.Create("app-launch", part * nf, 3000, seed, 0.9, nf, Math.Min(w, part), stay: stay, startsStoring: true).Drain());
        }, iter: 200);

    [Fact]
    public void A_heap_gives_back_only_what_it_has()
    {
        foreach (var source in new[] { Patterns.Create("grow", 300, 20_000, 3, p: 300, free: 280), Patterns.Create("gc", 300, 20_000, 4, w: 100, p: 700) })
        {
            var heap = new HashSet<uint>();
            foreach (var number in source.Drain())
            {
                var page = number & ~(Store | Free);
                Assert.Equal((number & Store) == 0, heap.Contains(page));
                _ = (number & Store) != 0 ? heap.Add(page) : (number & Free) != 0 && heap.Remove(page);
            }
        }
    }

    private static IEnumerable<uint> Grow(int n, ulong seed, int p, int free)
    {
        var random = new SplitMix64(seed);
        for (var top = 0u; ;)
        {
            var draw = (int)(random.Next() >> 54);
            yield return top == 0 || (draw < p && top < n) ? top++ | Store
                : draw >= 1024 - free ? --top | Free
                : random.Below(top);
        }
    }

    private static IEnumerable<uint> Gc(int n, ulong seed, int w, int p)
    {
        var random = new SplitMix64(seed);
        var live = new bool[n];
        var next = 0;
        while (true)
        {
            for (var allocated = 0; allocated < w && live.Contains(false); allocated++)
            {
                while (live[next])
                {
                    next = (next + 1) % n;
                }

                live[next] = true;
                yield return (uint)next | Store;
                next = (next + 1) % n;
            }

            var dead = new List<int>();
            for (var page = 0; page < n; page++)
            {
                if (live[page])
                {
                    yield return (uint)page;
                    if ((int)(random.Next() >> 54) >= p)
                    {
                        dead.Add(page);
                    }
                }
            }

            foreach (var page in dead)
            {
                yield return (uint)page | Free;
                live[page] = false;
            }
        }
    }
}
