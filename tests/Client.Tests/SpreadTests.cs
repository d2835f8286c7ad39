using Reclaim.Client.Reports;
using Xunit;

namespace Reclaim.Client.Tests;

public sealed class SpreadTests
{
    [Fact]
    public void The_interval_of_a_mean_is_Students()
    {
        // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, sample variance 32/7, t(7) = 2.365.
        var spread = Spread.Of([2, 4, 4, 4, 5, 5, 7, 9]);

        Assert.Equal((5, 2, 9), (spread.Mean, spread.Min, spread.Max));
        Assert.Equal(2.365 * Math.Sqrt(32.0 / 7 / 8), spread.HalfWidth, 6);
    }

    [Fact]
    public void Means_that_overlap_do_not_differ_and_means_far_apart_do()
    {
        Assert.False(Spread.Differ(Spread.Of([1, 2, 3]), Spread.Of([2, 3, 4])));
        Assert.True(Spread.Differ(Spread.Of([1, 2, 3]), Spread.Of([11, 12, 13])));
    }

    [Fact]
    public void Without_any_spread_means_differ_as_soon_as_they_are_unequal()
    {
        Assert.False(Spread.Differ(Spread.Of([5, 5]), Spread.Of([5, 5])));
        Assert.True(Spread.Differ(Spread.Of([5, 5]), Spread.Of([6, 6])));
    }
}
