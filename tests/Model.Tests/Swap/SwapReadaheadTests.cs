using CsCheck;
using Reclaim.Model.Swap;
using Xunit;

namespace Reclaim.Model.Tests.Swap;

/// <summary>The window of readahead from swap, against the kernel's rules worked out by hand.</summary>
public sealed class SwapReadaheadTests
{
    [Theory]
    [InlineData(100, 200, 0, 8, 0, 1)]
    [InlineData(100, 101, 0, 8, 0, 2)]
    [InlineData(100, 99, 0, 8, 0, 2)]
    [InlineData(100, 200, 1, 8, 0, 4)]
    [InlineData(100, 200, 2, 8, 0, 4)]
    [InlineData(100, 200, 3, 8, 0, 8)]
    [InlineData(100, 200, 7, 8, 0, 8)]
    [InlineData(100, 200, 7, 32, 0, 16)]
    [InlineData(100, 200, 3, 2, 0, 2)]
    [InlineData(100, 200, 0, 8, 8, 4)]
    [InlineData(100, 200, 1, 8, 8, 4)]
    public void The_window_grows_with_hits_and_halves_at_most(long last, long offset, int hits, int max, int window, int pages) =>
        Assert.Equal(pages, SwapReadahead.NrPages(last, offset, hits, max, window));

    [Fact]
    public void The_first_fault_of_a_mapping_reads_the_largest_window_about_itself()
    {
        var info = default(SwapReadaheadInfo);

        Assert.Equal((97, 105), new SwapReadahead(3).Around(ref info, 100, 1000));
        Assert.Equal((100, 8, 0), (info.Index, info.Window, info.Hits));
    }

    [Fact]
    public void A_mapping_that_goes_up_or_down_is_read_ahead_of_in_that_direction()
    {
        var up = new SwapReadaheadInfo(100, 8) { Hits = 3 };
        var down = new SwapReadaheadInfo(100, 8) { Hits = 3 };

        Assert.Equal((101, 109), new SwapReadahead(3).Around(ref up, 101, 1000));
        Assert.Equal((92, 100), new SwapReadahead(3).Around(ref down, 99, 1000));
    }

    [Fact]
    public void Without_hits_the_window_shrinks_to_the_page_itself()
    {
        var readahead = new SwapReadahead(3);
        var info = default(SwapReadaheadInfo);

        var sizes = new[] { 100, 300, 50, 400, 200 }.Select(index => readahead.Around(ref info, index, 500)).Select(window => window.End - window.Start);

        Assert.Equal([8, 4, 2, 1, 1], sizes);
    }

    [Fact]
    public void A_window_stays_within_its_mapping_and_its_page_table_and_has_the_page_in_it() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[1, 2000], Gen.Int[0, 1999].Array[1, 20], Gen.Int[0, 70]).Sample((cluster, pages, faults, hits) =>
        {
            var readahead = new SwapReadahead(cluster);
            var info = default(SwapReadaheadInfo);
            foreach (var index in faults.Select(fault => fault % pages))
            {
                var (start, end) = readahead.Around(ref info, index, pages);
                Assert.InRange(index, start, end - 1);
                Assert.InRange(end - start, 1, 1 << cluster);
                Assert.InRange(start, index / 512 * 512, index);
                Assert.InRange(end, index + 1, Math.Min(pages, index / 512 * 512 + 512));
                info.Hits = hits;
            }
        });

    [Fact]
    public void Readahead_by_slots_reads_an_aligned_block()
    {
        var readahead = new SwapReadahead(3);

        Assert.Equal((96, 104), readahead.Cluster(100, 1000));
        Assert.Equal((500, 504), readahead.Cluster(501, 1000));
        readahead.Hit();
        readahead.Hit();
        readahead.Hit();
        Assert.Equal((992, 1000), readahead.Cluster(999, 1000));
    }

    [Fact]
    public void Page_cluster_0_reads_nothing_ahead()
    {
        var info = default(SwapReadaheadInfo);

        Assert.Equal((100, 101), new SwapReadahead(0).Around(ref info, 100, 1000));
        Assert.Equal((100, 101), new SwapReadahead(0).Cluster(100, 1000));
    }
}
