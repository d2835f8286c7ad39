namespace Reclaim.Model.Nodes;

/// <summary>
/// What is added to the watermarks of a node when its free pages are in the wrong places: in pageblocks of unmovable and reclaimable pages,
/// while what cgroups take (page cache, anonymous memory) is movable. The first page that must be taken from there has kswapd make room,
/// though by number there is plenty.
///
/// <code>
///   free ──── all ──────────── those in blocks of others ─────────── low ───
///              │  taken as ever            │ falls back: boost, kswapd wakes and frees that many
/// </code>
///
/// Source: steal_suitable_fallback, boost_watermark in mm/page_alloc.c, balance_pgdat in mm/vmscan.c, v6.12.
/// Simplified: those blocks have as many free pages all the time, since the few that are taken there before kswapd runs are made up for by
/// what it frees; and as the list of a CPU is filled with dozens of pages at a time, each of which adds a pageblock, the boost is at its most at once.
/// </summary>
public sealed class WatermarkBoost
{
    /// <summary>vm.watermark_boost_factor where nobody has set it: up to 150 % of the high watermark.</summary>
    public const int DefaultFactor = 15_000;

    /// <summary>pageblock_nr_pages, with huge pages of 2 MiB.</summary>
    private const int PageblockPages = 512;

    /// <param name="unmovableFree">Free pages in blocks of unmovable and reclaimable pages.</param>
    /// <param name="size">Pages of the node.</param>
    /// <param name="high">Its high watermark.</param>
    /// <param name="factor">vm.watermark_boost_factor, in 1/10,000 of that.</param>
    public WatermarkBoost(long unmovableFree, long size, long high, int factor = DefaultFactor)
    {
        var most = (long)((UInt128)high * (uint)factor / 10_000);
        Most = most == 0 || size < 4 * PageblockPages ? 0 : Math.Max(PageblockPages, most);
        Mark = Most == 0 ? 0 : unmovableFree;
    }

    /// <summary>The largest boost, pages; 0: there is none.</summary>
    public long Most { get; }

    /// <summary>Free pages of the node at which all that are left are in blocks of others; 0: that does not matter.</summary>
    public long Mark { get; }

    /// <summary>What the watermarks are higher by just now.</summary>
    public long Pages { get; private set; }

    /// <summary>How often it was raised.</summary>
    public long Raised { get; private set; }

    /// <summary>A page was taken from a block of others, if that is all there was.</summary>
    internal void Raise(long free)
    {
        if (free <= Mark && Pages < Most)
        {
            (Pages, Raised) = (Most, Raised + 1);
        }
    }

    /// <summary>kswapd has made room.</summary>
    internal void Lower(long pages) => Pages -= Math.Min(Pages, pages);
}
