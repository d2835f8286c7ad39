using Reclaim.Model.Pressure;
using Xunit;

namespace Reclaim.Model.Tests.Pressure;

/// <summary>The kernel's averages in fixed point. Figures are worked out by hand from its constants: 2048 is one, 1677, 1981 and 2034 are the factors.</summary>
public sealed class RunningAverageTests
{
    private const long Period = PressureGroup.PeriodNs;

    [Fact]
    public void A_period_is_two_seconds_and_a_tick() => Assert.Equal(2_004_000_000, Period);

    /// <summary>100 × (2048 − 1677) = 37 100 = 18.11 × 2048; 100 × 67 = 6700 = 3.27; 100 × 14 = 1400 = 0.68.</summary>
    [Fact]
    public void A_period_of_nothing_but_stall_weighs_in_by_its_share() =>
        Assert.Equal("avg10=18.11 avg60=3.27 avg300=0.68 total=2004000", After((0, Period)).ToString());

    /// <summary>37 100 × 1677 / 2048 = 30 379 = 14.83 × 2048; 6700 × 1981 / 2048 = 6480 = 3.16; 1400 × 2034 / 2048 = 1390 = 0.67.</summary>
    [Fact]
    public void A_period_without_lets_it_fade() =>
        Assert.Equal("avg10=14.83 avg60=3.16 avg300=0.67 total=2004000", After((0, Period), (0, 0)).ToString());

    /// <summary>Per cent are whole: 1.99 per cent of a period count as one. 1 × 371 = 371, rounded up to 371 by 2047 / 2048; 0.18 × 2048.</summary>
    [Fact]
    public void Per_cent_of_a_period_are_whole() =>
        Assert.Equal(After((0, Period / 100)) with { Total = 0 }, After((0, Period * 199 / 10_000)) with { Total = 0 });

    [Theory]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(100)]
    public void A_steady_share_is_reached_and_never_exceeded(int percent)
    {
        var average = new RunningAverage();
        for (var period = 0; period < 3000; period++)
        {
            average.TotalNs += Period / 100 * percent;
            average.Update(0, Period);
            Assert.True(Math.Max(average.Line.Avg10, Math.Max(average.Line.Avg60, average.Line.Avg300)) <= percent * 100);
        }

        Assert.Equal((percent * 100, percent * 100, percent * 100), (average.Line.Avg10, average.Line.Avg60, average.Line.Avg300));
    }

    /// <summary>What slips into a period beyond its length counts for the next.</summary>
    [Fact]
    public void No_period_is_more_than_full() =>
        Assert.Equal(After((0, Period), (0, Period)), After((0, Period + (Period / 2)), (0, Period / 2)));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(150)]
    public void Periods_caught_up_with_are_what_each_of_them_would_have_come_to(int missed)
    {
        var (once, each) = (new RunningAverage(), new RunningAverage());
        for (var period = 0; period < 20; period++)
        {
            Stall(ref once);
            Stall(ref each);
        }

        for (var period = 0; period < missed; period++)
        {
            each.Update(0, Period);
        }

        Stall(ref each);
        once.TotalNs += Period;
        once.Update(missed, Period);

        // Rounded at other places: by less than a tenth of a per cent.
        Assert.InRange(Math.Abs(once.Line.Avg10 - each.Line.Avg10), 0, 10);
        Assert.InRange(Math.Abs(once.Line.Avg60 - each.Line.Avg60), 0, 10);
        Assert.InRange(Math.Abs(once.Line.Avg300 - each.Line.Avg300), 0, 10);
    }

    private static void Stall(ref RunningAverage average)
    {
        average.TotalNs += Period;
        average.Update(0, Period);
    }

    private static PressureLine After(params (long Missed, long Ns)[] periods)
    {
        var average = new RunningAverage();
        foreach (var (missed, ns) in periods)
        {
            average.TotalNs += ns;
            average.Update(missed, Period);
        }

        return average.Line;
    }
}
