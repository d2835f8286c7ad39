using Reclaim.Model.Steps;
using Xunit;

namespace Reclaim.Model.Tests.Steps;

/// <summary>The quota of cpu.max, period by period.</summary>
public sealed class CpuBandwidthTests
{
    private readonly CpuBandwidth _bandwidth = new(new CpuMax(QuotaNs: 30, PeriodNs: 100));

    [Fact]
    public void A_task_has_what_others_left_of_the_period()
    {
        Assert.Equal(30, _bandwidth.LeftAt(0));
        _bandwidth.Use(20);
        Assert.Equal(10, _bandwidth.LeftAt(50));
        _bandwidth.Use(10);
        Assert.Equal(0, _bandwidth.LeftAt(60));
        Assert.Equal(100, _bandwidth.NextNs);
        Assert.Equal(30, _bandwidth.LeftAt(100));
    }

    [Fact]
    public void What_is_left_of_a_period_is_lost()
    {
        _ = _bandwidth.LeftAt(0);
        Assert.Equal(30, _bandwidth.LeftAt(250));
        Assert.Equal(300, _bandwidth.NextNs);
    }

    [Fact]
    public void What_was_taken_beyond_it_is_owed()
    {
        _ = _bandwidth.LeftAt(0);
        _bandwidth.Use(75);
        Assert.Equal(0, _bandwidth.LeftAt(100));
        Assert.Equal(15, _bandwidth.LeftAt(200));
    }

    [Fact]
    public void Periods_count_in_which_a_task_wants_a_CPU_and_those_in_which_one_waits()
    {
        foreach (var now in new[] { 510L, 520, 730, 740, 800 })
        {
            _ = _bandwidth.LeftAt(now);
            if (now is 730 or 740)
            {
                _bandwidth.Throttle(now);
            }
        }

        Assert.Equal((3, 1, 130), (_bandwidth.Periods, _bandwidth.Throttled, _bandwidth.ThrottledNs));
    }
}
