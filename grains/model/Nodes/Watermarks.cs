namespace Reclaim.Model.Nodes;

/// <summary>
/// Free pages of a node at which something happens: below low kswapd wakes, at high it stops, at min only reclaim itself gets pages.
/// A node is one zone here.
/// Source: calculate_min_free_kbytes, __setup_per_zone_wmarks in mm/page_alloc.c, v6.8.
/// </summary>
/// <param name="Min">WMARK_MIN.</param>
/// <param name="Low">WMARK_LOW.</param>
/// <param name="High">WMARK_HIGH.</param>
/// <param name="Promo">WMARK_PROMO: the high mark of a node that others promote pages to.</param>
public readonly record struct Watermarks(long Min, long Low, long High, long Promo)
{
    /// <summary>vm.watermark_scale_factor where nobody has set it: 0.1 %.</summary>
    public const int DefaultScaleFactor = 10;

    private const long MaxMinFreeKbytes = 262_144;

    /// <summary>The marks of a node.</summary>
    /// <param name="pages">Its pages.</param>
    /// <param name="hostPages">Those of all nodes.</param>
    /// <param name="minFreeKbytes">vm.min_free_kbytes of the host, or null: what the kernel computes.</param>
    /// <param name="scaleFactor">vm.watermark_scale_factor, in 1/10,000 of the node.</param>
    public static Watermarks Of(long pages, long hostPages, long? minFreeKbytes = null, int scaleFactor = DefaultScaleFactor)
    {
        var minPages = (minFreeKbytes ?? MinFreeKbytes(hostPages)) >> 2;
        var min = (long)((UInt128)minPages * (ulong)pages / (ulong)hostPages);
        var gap = Math.Max(min >> 2, (long)((UInt128)pages * (uint)scaleFactor / 10_000));
        return new Watermarks(min, min + gap, min + 2 * gap, min + 3 * gap);
    }

    /// <summary>vm.min_free_kbytes as the kernel computes it at boot, huge pages apart: 4 × √(memory in KiB).</summary>
    public static long MinFreeKbytes(long hostPages) =>
        Math.Clamp((long)Math.Sqrt(16.0 * (hostPages << 2)), 128, MaxMinFreeKbytes);
}
