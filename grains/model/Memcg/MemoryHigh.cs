namespace Reclaim.Model.Memcg;

/// <summary>
/// memory.high: a task that charges above it reclaims for what it charged, and sleeps the longer the further above the usage is.
/// Source: try_charge_memcg, mem_cgroup_handle_over_high, reclaim_high, calculate_overage, calculate_high_delay in mm/memcontrol.c,
/// v6.8. The clock ticks 250 times a second.
/// </summary>
internal static class MemoryHigh
{
    private const long Hz = 250;
    private const long TickNs = 1_000_000_000 / Hz;

    /// <summary>MEMCG_MAX_HIGH_DELAY_JIFFIES.</summary>
    private const long MaxDelayTicks = 2 * Hz;

    private const int PrecisionShift = 20;
    private const int ScalingShift = 14;

    /// <summary>A sleep not longer than this is not worth it, ticks.</summary>
    private const long WorthTicks = Hz / 100;

    /// <summary>What a task must sleep that has charged pages above memory.high, nanoseconds; 0: not worth sleeping.</summary>
    /// <param name="usage">Pages charged.</param>
    /// <param name="high">memory.high in pages.</param>
    /// <param name="charged">Pages that the task charged above it.</param>
    public static long DelayNs(long usage, long high, long charged)
    {
        if (usage <= high)
        {
            return 0;
        }

        var overage = (UInt128)(ulong)(usage - high) << PrecisionShift;
        overage /= (ulong)Math.Max(high, 1);
        var ticks = (overage * overage * (ulong)Hz) >> PrecisionShift >> ScalingShift;
        ticks = UInt128.Min(ticks * (ulong)charged / MemcgCharge.Batch, (UInt128)MaxDelayTicks);
        return ticks <= (UInt128)WorthTicks ? 0 : (long)ticks * TickNs;
    }
}
