using System.Buffers.Binary;
using CsCheck;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Workloads;

public sealed class TraceSourceTests
{
    [Fact]
    public void A_trace_is_starved_until_its_next_batch_arrives()
    {
        var trace = new TraceSource(accesses: 3, pages: 10, write: false);
        Assert.True(trace.Starved);
        Assert.Empty(trace.Take(5));

        trace.Feed(0, Bytes(7, 9));
        Assert.False(trace.Starved);
        Assert.Equal([7u, 9], trace.Take(5));
        Assert.True(trace.Starved);

        trace.Feed(1, Bytes(0));
        Assert.Equal([0u], trace.Take(5));
        Assert.False(trace.Starved);
        Assert.Empty(trace.Take(5));
    }

    [Fact]
    public void Batches_in_any_order_and_repeated_give_the_trace() =>
        Gen.Select(Gen.UInt[0, 99].Array[0, 20].Array[1, 12], Gen.Int[0, 11].Array[0, 10], Gen.Int[1, 7]).Where((batches, _, _) => batches.Any(b => b.Length > 0))
            .SelectMany((batches, again, block) => Gen.Shuffle(Enumerable.Range(0, batches.Length).ToArray()).Select(order => (batches, again, block, order)))
            .Sample((batches, again, block, order) =>
            {
                var pages = batches.SelectMany(b => b).ToArray();
                var trace = new TraceSource(pages.Length, 100, write: false);
                var taken = new List<uint>();
                foreach (var sequence in order.Concat(again.Where(s => s < batches.Length)))
                {
                    trace.Feed(sequence, Bytes(batches[sequence]));
                    taken.AddRange(trace.Take(1000, block));
                }

                Assert.Equal(pages, taken);
                Assert.Equal(batches.Length, trace.NextSequence);
                Assert.False(trace.Starved);
            }, iter: 300);

    [Fact]
    public void Writes_are_marked()
    {
        var trace = new TraceSource(1, 10, write: true);
        trace.Feed(0, Bytes(4));
        Assert.Equal([4 | AccessSource.WriteBit], trace.Take(2));
    }

    [Fact]
    public void A_page_beyond_the_file_is_refused_with_the_number_of_its_access()
    {
        var trace = new TraceSource(accesses: 5, pages: 10, write: false);
        trace.Feed(1, Bytes(3, 10));
        Assert.Contains("access 3", Assert.Throws<ArgumentException>(() => trace.Feed(0, Bytes(1, 2))).Message, StringComparison.Ordinal);
        Assert.Equal([1u, 2], trace.Take(5));
        Assert.Equal(1, trace.NextSequence);
        Assert.True(trace.Starved);
    }

    [Fact]
    public void More_accesses_than_announced_and_broken_numbers_are_refused()
    {
        var trace = new TraceSource(accesses: 2, pages: 10, write: false);
        Assert.Throws<ArgumentException>(() => trace.Feed(0, Bytes(1, 2, 3)));
        Assert.Throws<ArgumentException>(() => trace.Feed(0, new byte[6]));
        trace.Feed(0, Bytes(1, 2));
        Assert.Equal([1u, 2], trace.Take(5));
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(5, 0)]
    [InlineData(5, (1L << 31) + 1)]
    public void A_trace_of_nothing_or_over_too_large_a_file_is_refused(long accesses, long pages) =>
        Assert.Throws<ArgumentException>(() => new TraceSource(accesses, pages, write: false));

    internal static byte[] Bytes(params uint[] pages)
    {
        var bytes = new byte[pages.Length * 4];
        for (var i = 0; i < pages.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), pages[i]);
        return bytes;
    }
}
