using CsCheck;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Workloads;

public sealed class MixSourceTests
{
    private static AccessSource Scan(int n, int accesses, bool write = false) => Patterns.Create("scan", n, accesses, 0, write: write);

    [Fact]
    public void Parts_take_turns_in_accesses()
    {
        var mix = new MixSource((Scan(100, 6), 3), (Scan(100, 2, write: true), 1));
        var w = AccessSource.WriteBit;
        Assert.Equal(8, mix.Length);
        Assert.Equal([0, 1, 2, 0 | w, 3, 4, 5, 1 | w], mix.Drain());
    }

    [Fact]
    public void A_part_that_has_ended_is_passed_over()
    {
        var mix = new MixSource((Scan(100, 7), 2), (Scan(100, 1, write: true), 1));
        Assert.Equal([0, 1, 0 | AccessSource.WriteBit, 2, 3, 4, 5, 6], mix.Drain());
        Assert.Equal(0, mix.Fill(new uint[4]));
    }

    [Fact]
    public void A_turn_belongs_to_one_part()
    {
        var mix = new MixSource((Scan(100, 5), 3), (Scan(100, 2), 1));
        var turns = new List<(int Part, int Count)>();
        var blocks = new uint[64];
        while (mix.FillTurn(blocks, out var part) is var count and > 0)
            turns.Add((part, count));
        Assert.Equal([(0, 3), (1, 1), (0, 2), (1, 1)], turns);
    }

    [Fact]
    public void A_mix_waits_for_the_part_whose_turn_it_is()
    {
        var trace = new TraceSource(3, 10, write: false);
        var mix = new MixSource((Scan(100, 4), 2), (trace, 2));
        Assert.Equal([0u, 1], mix.Take(20));
        Assert.True(mix.Starved);

        trace.Feed(0, TraceSourceTests.Bytes(9));
        Assert.Equal([9u], mix.Take(20));
        Assert.True(mix.Starved);

        trace.Feed(1, TraceSourceTests.Bytes(8, 7));
        Assert.Equal([8u, 2, 3, 7], mix.Take(20));
        Assert.False(mix.Starved);
    }

    [Fact]
    public void Blocks_of_any_size_give_the_same_rotation() =>
        Gen.Select(Gen.Select(Gen.Int[1, 200], Gen.Int[1, 9]).Array[1, 5], Gen.Int[1, 50]).Sample((parts, blockSize) =>
        {
            MixSource Mix() => new([.. parts.Select(part => (Scan(1000, part.Item1), part.Item2))]);
            Assert.Equal(parts.Sum(part => part.Item1), Mix().Drain().Length);
            Assert.Equal(Mix().Drain(), Mix().Drain(blockSize));
        }, iter: 300);

    [Fact]
    public void A_mix_without_parts_or_with_an_idle_one_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new MixSource());
        Assert.Throws<ArgumentException>(() => new MixSource((Scan(10, 10), 0)));
    }
}
