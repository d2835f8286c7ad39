namespace Reclaim.Model.Writeback;

/// <summary>
/// Where a domain stands between its limits, and what follows for the rate at which its writers may go on.
///
/// <code>
///   rate 2 ├ ─ ─ ─ ─╮
///          │         ╲
///        1 ├ ─ ─ ─ ─ ─ ╲▂▂▂▂▂▂▂╮
///          │                    ╲
///        0 └────────┴──────┴─────┴──►  dirty and under writeback
///                freerun setpoint limit
/// </code>
///
/// The nearer the limit, the slower: a third-order curve through 2, 1 and 0, flat at the setpoint, half way between the two. What the
/// flusher itself has dirty bends it further.
///
/// Source: pos_ratio_polynom, wb_position_ratio, hard_dirty_limit (struct dirty_throttle_control) in mm/page-writeback.c, v6.8; the same
/// in v6.1 to v6.19.
/// </summary>
/// <param name="Limits">The domain's limits.</param>
/// <param name="HardLimit">The limit, or where it was shortly before if that was higher.</param>
/// <param name="FlusherLimit">The flusher's share of the limit.</param>
/// <param name="Dirty">Pages dirty or under writeback in the domain.</param>
/// <param name="FlusherDirty">Those of them that are the flusher's.</param>
internal readonly record struct DirtyPosition(DirtyLimits Limits, long HardLimit, long FlusherLimit, long Dirty, long FlusherDirty)
{
    /// <summary>RATELIMIT_CALC_SHIFT: a ratio of 1 is this many binary digits up.</summary>
    public const int RatioShift = 10;

    /// <summary>Pages at which a writer's rate is left as it is.</summary>
    public long Setpoint => (Limits.Freerun + HardLimit) / 2;

    /// <summary>Whether both the domain and the flusher are above the limit.</summary>
    public bool IsExceeded => Dirty > Limits.Limit && FlusherDirty > FlusherLimit;

    /// <summary>By how much a writer's rate is scaled, in 1/1024.</summary>
    /// <param name="bandwidth">Pages that the flusher writes in a second.</param>
    public long Ratio(long bandwidth)
    {
        if (Dirty >= HardLimit)
        {
            return 0;
        }

        var setpoint = Setpoint;
        var off = ((setpoint - Dirty) << RatioShift) / ((HardLimit - setpoint) | 1);
        var ratio = Math.Clamp((off * off >> RatioShift) * off >> RatioShift, -(1 << RatioShift), 1 << RatioShift) + (1 << RatioShift);

        // The flusher's own line: 1 at its setpoint, falling by an eighth for each second's worth of writing above it. One that was idle
        // has no share, and starts with a little.
        var share = Math.Max(Math.Min(FlusherLimit, Limits.Limit), (HardLimit - Dirty) / 8);
        var scale = (share << 16) / (Limits.Limit | 1);
        var ownSetpoint = setpoint * scale >> 16;
        var span = (Limits.Limit - share + 8 * bandwidth) * scale >> 16;
        var intercept = ownSetpoint + span;
        ratio = FlusherDirty < intercept - span / 4
            ? ratio * (intercept - FlusherDirty) / (span | 1)
            : ratio / 4;

        // With little to write the device must not fall idle.
        var reserve = share / 2;
        return FlusherDirty >= reserve ? ratio
            : FlusherDirty > reserve / 8 ? ratio * reserve / FlusherDirty
            : ratio * 8;
    }
}
