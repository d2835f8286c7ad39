using Reclaim.Model.Nodes;
using Xunit;

namespace Reclaim.Model.Tests.Nodes;

/// <summary>How far watermarks are raised when pages are taken from blocks of others, and when.</summary>
public sealed class WatermarkBoostTests
{
    [Theory]
    [InlineData(137_269, 1105, 15_000, 1657)]
    [InlineData(137_269, 1105, 5000, 552)]
    [InlineData(137_269, 1105, 1, 0)]
    [InlineData(137_269, 1105, 100, 512)]
    [InlineData(137_269, 1105, 0, 0)]
    [InlineData(2047, 60, 15_000, 0)]
    [InlineData(2048, 60, 15_000, 512)]
    public void It_is_a_share_of_the_high_watermark_a_pageblock_at_least_and_none_on_tiny_nodes(long size, long high, int factor, long most) =>
        Assert.Equal(most, new WatermarkBoost(100, size, high, factor).Most);

    [Theory]
    [InlineData(true, 5000, 5000)]
    [InlineData(false, 4969, 4938)]
    public void It_is_raised_once_all_free_pages_are_in_blocks_of_others_of_which_a_list_of_a_CPU_is_filled_unless_kswapd_makes_room(bool isHeeded, long then, long atLast)
    {
        var boost = new WatermarkBoost(5000, 100_000, 1000, isHeeded: isHeeded);
        boost.Raise(5001);
        Assert.Equal((0, 0, 5000), (boost.Pages, boost.Raised, boost.Mark));

        boost.Raise(5000);
        Assert.Equal((1500, 1, then), (boost.Pages, boost.Raised, boost.Mark));

        boost.Lower(1500);
        boost.Raise(then + 1);
        Assert.Equal((0, 1, then), (boost.Pages, boost.Raised, boost.Mark));

        boost.Raise(then);
        Assert.Equal((1500, 2, atLast), (boost.Pages, boost.Raised, boost.Mark));
    }

    [Fact]
    public void Raised_already_it_is_not_raised_again()
    {
        var boost = new WatermarkBoost(5000, 100_000, 1000);
        boost.Raise(5000);
        boost.Raise(4990);

        Assert.Equal((1500, 1), (boost.Pages, boost.Raised));
    }

    [Fact]
    public void What_reclaim_frees_lies_in_those_blocks_by_the_part_of_all_that_is_there()
    {
        var boost = new WatermarkBoost(5000, 100_000, 1000, isHeeded: false);
        boost.Raise(1031);
        Assert.Equal(1000, boost.Mark);

        // 4,000 of the 20,000 pages in use are in them: one in five.
        boost.Freed(64, taken: 20_000);
        Assert.Equal(1012, boost.Mark);
        boost.Freed(6, taken: 20_000);
        Assert.Equal(1013, boost.Mark);
        boost.Freed(20_000, taken: 20_000);
        Assert.Equal(5000, boost.Mark);
    }

    [Fact]
    public void Switched_off_it_does_not_matter_where_free_pages_are()
    {
        var boost = new WatermarkBoost(5000, 100_000, 1000, factor: 0);
        boost.Raise(0);

        Assert.Equal((0, 0), (boost.Mark, boost.Pages));
    }
}
