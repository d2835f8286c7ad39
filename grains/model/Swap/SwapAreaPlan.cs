using Reclaim.Model.Time;

namespace Reclaim.Model.Swap;

/// <summary>An area to swap to, as a container is built with it.</summary>
public sealed record SwapAreaPlan
{
    /// <summary>Slots: pages that it holds.</summary>
    public required long Pages { get; init; }

    /// <summary>What it lies on. A device that is memory completes within the call (SWP_SYNCHRONOUS_IO).</summary>
    public required Device Device { get; init; }

    /// <summary>Areas of higher priority are filled first.</summary>
    public int Priority { get; init; }

    /// <summary>Whether the device has a head that moves: readahead goes by slots then, not by addresses.</summary>
    public bool Rotational { get; init; }

    /// <summary>CPU time of reading and of writing a page, nanoseconds.</summary>
    public long InNs { get; init; }

    public long OutNs { get; init; }

    /// <summary>Compression ratio of an area that is memory of the host (zram); 0: it takes none.</summary>
    public double Ratio { get; init; }

    /// <summary>Most pages of the host's memory that compressed areas come to take when so many anonymous pages may be swapped.</summary>
    public static long CompressedLimit(IEnumerable<SwapAreaPlan> areas, long pages) =>
        Math.Min(pages, areas.Where(area => area.Ratio > 0).Sum(area => Compressed(Math.Min(area.Pages, pages), area.Ratio)));

    /// <summary>Pages of memory that so many pages take compressed.</summary>
    internal static long Compressed(long pages, double ratio) => (long)Math.Ceiling(pages / ratio);
}
