namespace Reclaim.Model.Writeback;

/// <summary>
/// The vm.dirty_* settings of a host (Documentation/admin-guide/sysctl/vm.rst). Of a ratio and its size in bytes one counts: the
/// bytes, unless they are 0.
/// </summary>
public sealed record DirtySysctls
{
    /// <summary>vm.dirty_ratio: per cent of what could be dirty from which on writers wait.</summary>
    public int Ratio { get; init; } = 20;

    /// <summary>vm.dirty_background_ratio: per cent down to which the flusher writes once it has begun.</summary>
    public int BackgroundRatio { get; init; } = 10;

    /// <summary>vm.dirty_bytes; 0: the ratio counts.</summary>
    public long Bytes { get; init; }

    /// <summary>vm.dirty_background_bytes; 0: the ratio counts.</summary>
    public long BackgroundBytes { get; init; }

    /// <summary>vm.dirty_expire_centisecs: age from which on the periodic flush writes a file.</summary>
    public int ExpireCentisecs { get; init; } = 3000;

    /// <summary>vm.dirty_writeback_centisecs: period of that flush; 0: there is none.</summary>
    public int WritebackCentisecs { get; init; } = 500;

    /// <summary>The expiry age in nanoseconds.</summary>
    internal long ExpireNs => ExpireCentisecs * 10_000_000L;

    /// <summary>The period in nanoseconds.</summary>
    internal long PeriodNs => WritebackCentisecs * 10_000_000L;
}
