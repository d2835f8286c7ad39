namespace Reclaim.Model.Steps;

/// <summary>cpu.max: CPU time that all tasks of a cgroup may have in each period.</summary>
/// <param name="QuotaNs">That time, nanoseconds.</param>
/// <param name="PeriodNs">Length of a period, nanoseconds.</param>
public readonly record struct CpuMax(long QuotaNs, long PeriodNs);

/// <summary>
/// CPU bandwidth control of one cgroup: once the quota of a period is used up, none of its tasks runs until the next begins. What they took beyond it is owed, what
/// they left is lost. The time is theirs to the nanosecond: not in slices of 5 ms for each CPU, some of which the kernel leaves unused.
/// Periods begin at multiples of their length.
/// Source: struct cfs_bandwidth, __refill_cfs_bandwidth_runtime, do_sched_cfs_period_timer, throttle_cfs_rq in kernel/sched/fair.c, v6.8.
/// </summary>
internal sealed class CpuBandwidth(CpuMax max)
{
    private long _leftNs;
    private bool _throttled;

    /// <summary>When the next period begins.</summary>
    public long NextNs { get; private set; }

    /// <summary>Periods in which some task wanted a CPU (nr_periods).</summary>
    public long Periods { get; private set; }

    /// <summary>Of them those in which one had to wait for the next (nr_throttled).</summary>
    public long Throttled { get; private set; }

    /// <summary>How long they waited, all tasks together (throttled_usec, which is by CPU).</summary>
    public long ThrottledNs { get; private set; }

    /// <summary>CPU time that is left to a task that wants a CPU then; 0: none before <see cref="NextNs"/>.</summary>
    public long LeftAt(long nowNs)
    {
        if (nowNs >= NextNs)
        {
            var begun = (nowNs - NextNs) / max.PeriodNs + 1;
            NextNs += begun * max.PeriodNs;
            _leftNs = (long)Int128.Min(max.QuotaNs, _leftNs + (Int128)begun * max.QuotaNs);
            _throttled = false;
            Periods++;
        }

        return Math.Max(0, _leftNs);
    }

    /// <summary>A task had a CPU.</summary>
    public void Use(long ns) => _leftNs -= ns;

    /// <summary>A task waits until <see cref="NextNs"/>.</summary>
    /// <param name="fromNs">From when on.</param>
    public void Throttle(long fromNs)
    {
        Throttled += _throttled ? 0 : 1;
        _throttled = true;
        ThrottledNs += NextNs - fromNs;
    }
}
