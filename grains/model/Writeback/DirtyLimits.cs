using System.Numerics;

namespace Reclaim.Model.Writeback;

/// <summary>
/// How much may be dirty, in pages.
///
/// <code>
///   0 ───────── background ───────── freerun ───────── limit
///    flusher stops here ◄──────────────┘ writers start it and wait
/// </code>
///
/// Source: domain_dirty_limits, dirty_freerun_ceiling, dirty_poll_interval in mm/page-writeback.c, v6.8; the same in v6.1 to v6.19.
/// </summary>
/// <param name="Background">bg_thresh.</param>
/// <param name="Limit">thresh.</param>
internal readonly record struct DirtyLimits(long Background, long Limit)
{
    private const int PageSize = 4096;

    /// <summary>Up to here nobody waits.</summary>
    public long Freerun => (Background + Limit) / 2;

    /// <summary>The limits of a memcg's domain. Sizes in bytes become the share of all memory that they are: they cannot be a memcg's as they stand.</summary>
    /// <param name="sysctls">What was set.</param>
    /// <param name="available">Pages of the memcg that could be dirty.</param>
    /// <param name="host">Pages of the host that could be dirty.</param>
    public static DirtyLimits OfMemcg(DirtySysctls sysctls, long available, long host)
    {
        var limit = Share(sysctls.Ratio, sysctls.Bytes, host) * available / PageSize;
        var background = Share(sysctls.BackgroundRatio, sysctls.BackgroundBytes, host) * available / PageSize;
        return new DirtyLimits(background >= limit ? limit / 2 : background, limit);
    }

    /// <summary>The limits of the host itself.</summary>
    public static DirtyLimits OfHost(DirtySysctls sysctls, long host)
    {
        var limit = Pages(sysctls.Ratio, sysctls.Bytes);
        var background = Pages(sysctls.BackgroundRatio, sysctls.BackgroundBytes);
        return new DirtyLimits(background >= limit ? limit / 2 : background, limit);

        long Pages(int ratio, long bytes) => bytes != 0 ? (bytes + PageSize - 1) / PageSize : Share(ratio, 0, host) * host / PageSize;
    }

    /// <summary>Pages that a task may make dirty before it looks again.</summary>
    public int PollInterval(long dirty) => Limit > dirty ? 1 << (BitOperations.Log2((ulong)(Limit - dirty)) >> 1) : 1;

    /// <summary>In parts of 4096, which is how the kernel counts it.</summary>
    private static long Share(int ratio, long bytes, long host) =>
        bytes != 0 ? Math.Min((bytes + host - 1) / host, PageSize) : (long)ratio * PageSize / 100;
}
