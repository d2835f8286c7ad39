namespace Reclaim.Model.Writeback;

/// <summary>
/// What a flusher knows of its device, in pages a second: how much it writes, and the rate at which a writer above the freerun ceiling
/// may go on. Both begin at 100 MB/s and follow what is measured every 200 ms.
///
/// Source: wb_update_write_bandwidth, wb_update_dirty_ratelimit, __wb_update_bandwidth, wb_bandwidth_estimate_start in
/// mm/page-writeback.c, v6.8; the same in v6.1 to v6.19. Simplified: without the update that follows 200 ms after the last page was
/// written.
/// </summary>
internal sealed class BandwidthEstimate
{
    /// <summary>INIT_BW.</summary>
    private const long Initial = 100L << (20 - 12);

    /// <summary>BANDWIDTH_INTERVAL.</summary>
    private const long Interval = Jiffies.Hz / 5;

    /// <summary>Over about three seconds, in jiffies: 2^10.</summary>
    private const int PeriodShift = 10;

    private const long Period = 1 << PeriodShift;

    private long _bandwidth = Initial;
    private long _balancedRate = Initial;
    private long _stamp;
    private long _dirtiedStamp;
    private long _writtenStamp;

    /// <summary>Pages made dirty through this flusher's files so far (WB_DIRTIED).</summary>
    public long Dirtied { get; set; }

    /// <summary>Pages written so far (WB_WRITTEN).</summary>
    public long Written { get; set; }

    /// <summary>Pages that it writes in a second, smoothed (avg_write_bandwidth).</summary>
    public long Average { get; private set; } = Initial;

    /// <summary>Pages a second that a writer may make dirty if all is in balance (dirty_ratelimit).</summary>
    public long Rate { get; private set; } = Initial;

    /// <summary>Whether it is time to measure again.</summary>
    public bool IsDue(long nowNs) => Jiffies.At(nowNs) > _stamp + Interval;

    /// <summary>Writing begins; after a second without any, what was measured is of no use.</summary>
    public void Start(long nowNs, bool underWriteback)
    {
        if (!underWriteback && Jiffies.At(nowNs) - _stamp > Jiffies.Hz)
        {
            (_dirtiedStamp, _writtenStamp, _stamp) = (Dirtied, Written, Jiffies.At(nowNs));
        }
    }

    /// <summary>Measures what was written since the last time.</summary>
    public void Update(long nowNs)
    {
        UpdateBandwidth(Elapsed(nowNs));
        (_dirtiedStamp, _writtenStamp, _stamp) = (Dirtied, Written, Jiffies.At(nowNs));
    }

    /// <summary>The same, and sets the rate anew; the host's position has its say before the memcg's.</summary>
    public void Update(long nowNs, in DirtyPosition host, in DirtyPosition memcg)
    {
        var elapsed = Elapsed(nowNs);
        UpdateRate(host, elapsed);
        UpdateRate(memcg, elapsed);
        Update(nowNs);
    }

    private long Elapsed(long nowNs) => Math.Max(Jiffies.At(nowNs) - _stamp, 1);

    private void UpdateBandwidth(long elapsed)
    {
        var measured = (Written - _writtenStamp) * Jiffies.Hz;
        if (elapsed > Period)
        {
            _bandwidth = measured / elapsed;
            Average = Math.Max(_bandwidth, 1);
            return;
        }

        var old = _bandwidth;
        _bandwidth = (measured + old * (Period - elapsed)) >> PeriodShift;

        // Smoothed once more, and only if it goes on in the same direction.
        if (Average > old && old >= _bandwidth)
        {
            Average -= (Average - old) >> 3;
        }
        else if (Average < old && old <= _bandwidth)
        {
            Average += (old - Average) >> 3;
        }

        Average = Math.Max(Average, 1);
    }

    /// <summary>
    /// If writers went at this rate and so much became dirty, at which would as much become dirty as is written? The rate follows that,
    /// in small steps, and only when it brings the position nearer to the setpoint too.
    /// </summary>
    private void UpdateRate(in DirtyPosition position, long elapsed)
    {
        var dirtyRate = (Dirtied - _dirtiedStamp) * Jiffies.Hz / elapsed;
        var taskRate = (Rate * position.Ratio(Average) >> DirtyPosition.RatioShift) + 1;
        var balanced = Math.Min(taskRate * Average / (dirtyRate | 1), Average);
        var step = 0L;
        if (position.Dirty < position.Setpoint)
        {
            step = Math.Max(0, Math.Min(Math.Min(_balancedRate, balanced), taskRate) - Rate);
        }
        else
        {
            step = Math.Max(0, Rate - Math.Max(Math.Max(_balancedRate, balanced), taskRate));
        }

        // Slower when near.
        var shift = Rate / (2 * step + 1);
        step = shift < 64 ? ((step >> (int)shift) + 7) / 8 : 0;
        Rate = Math.Max(Rate < balanced ? Rate + step : Rate - step, 1);
        _balancedRate = balanced;
    }
}
