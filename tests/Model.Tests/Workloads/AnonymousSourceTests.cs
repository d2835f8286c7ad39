using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Workloads;

public sealed class AnonymousSourceTests
{
    private const uint W = AccessSource.WriteBit;

    private static AccessSource Scan(int n, int accesses, bool write = false) => Patterns.Create("scan", n, accesses, 0, write: write);

    [Fact]
    public void Every_page_is_stored_to_once_in_order_before_the_pattern_begins()
    {
        var source = new AnonymousSource(Scan(3, 4), prefill: 3, wr: 0);

        Assert.Equal(7, source.Length);
        Assert.Equal([0 | W, 1 | W, 2 | W, 0, 1, 2, 0], source.Drain());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public void Which_accesses_are_stores_follows_from_their_number_in_the_pattern_alone(int block)
    {
        const int n = 5000;
        var source = new AnonymousSource(Scan(n, n), prefill: n, wr: 256);
        var numbers = new List<uint>();
        var blocks = new uint[block];
        while (source.Fill(blocks) is var count and > 0)
            numbers.AddRange(blocks[..count]);

        var expected = Enumerable.Range(0, n).Select(j => (uint)j | (unchecked((ulong)j * 0x9E3779B97F4A7C15) >> 54 < 256 ? W : 0));
        Assert.Equal(expected, numbers.Skip(n));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1024, 100)]
    public void A_share_may_be_none_or_all(int wr, int stores) =>
        Assert.Equal(stores, new AnonymousSource(Scan(10, 100), 0, wr).Drain().Count(number => (number & W) != 0));

    [Fact]
    public void A_page_given_back_is_no_store()
    {
        var numbers = new AnonymousSource(Patterns.Create("grow", 100, 2000, 1, p: 512, free: 512), 0, wr: 1024).Drain();

        Assert.All(numbers, number => Assert.True((number & W) != 0 ^ (number & AccessSource.FreeBit) != 0));
    }

    [Fact]
    public void Stores_of_the_pattern_stay_stores() =>
        Assert.Equal([0 | W, 0 | W, 0 | W], new AnonymousSource(Scan(1, 2, write: true), prefill: 1, wr: 0).Drain());

    [Fact]
    public void A_heap_that_waits_for_its_trace_is_starved_only_after_it_was_filled()
    {
        var source = new AnonymousSource(new TraceSource(1, 2, write: false), prefill: 2, wr: 0);

        Assert.False(source.Starved);
        Assert.Equal(2, source.Fill(new uint[8]));
        Assert.True(source.Starved);
    }

    [Theory]
    [InlineData(-1L, 0, "prefill")]
    [InlineData(0L, 1025, "wr")]
    public void A_parameter_out_of_its_range_is_refused_by_name(long prefill, int wr, string name) =>
        Assert.Equal(name, Assert.Throws<ArgumentException>(() => new AnonymousSource(Scan(1, 1), prefill, wr)).ParamName);
}
