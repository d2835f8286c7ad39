namespace Reclaim.Model.Nodes;

/// <summary>
/// What is added to the watermarks of a node when its free pages are in the wrong places: in pageblocks of unmovable and reclaimable pages,
/// while what cgroups take (page cache, anonymous memory) is movable. The first page that must be taken from there has kswapd woken,
/// though by number there is plenty.
///
/// <code>
///   free ──── all ──────────── those in blocks of others ─────────── low ───
///              │  taken as ever            │ falls back: boost, kswapd wakes
/// </code>
///
/// Under the classic policy kswapd makes that much room. MGLRU frees nothing for a boost alone, so that those pages are taken after all, as many at a time as the list of a CPU is
/// filled with; but once fewer are free than the raised high watermark, it frees until there are more. Of what it frees then some lie in those blocks again.
///
/// Source: steal_suitable_fallback, boost_watermark in mm/page_alloc.c, balance_pgdat, lru_gen_shrink_node in mm/vmscan.c, v6.12.
/// Simplified: under the classic policy those blocks have as many free pages all the time, since the few that are taken there before kswapd runs are made up for by
/// what it frees. As each page of those dozens adds a pageblock, the boost is at its most at once. No block is claimed whole; what cgroups give back for limits of their own, or when processes end, is
/// taken to lie in their own blocks.
/// </summary>
public sealed class WatermarkBoost
{
    /// <summary>vm.watermark_boost_factor where nobody has set it: up to 150 % of the high watermark.</summary>
    public const int DefaultFactor = 15_000;

    /// <summary>pageblock_nr_pages, with huge pages of 2 MiB.</summary>
    private const int PageblockPages = 512;

    /// <summary>Pages that the list of a CPU is filled with at a time (pcp->batch of all but tiny zones).</summary>
    private const int Refill = 31;

    /// <summary>Pages of those blocks that are free when cgroups have none of them.</summary>
    private readonly long _places;
    private readonly bool _isHeeded;

    /// <summary>Of what was freed, the part of a page in those blocks that has yet to become one, times all that cgroups had.</summary>
    private long _rest;

    /// <param name="unmovableFree">Free pages in blocks of unmovable and reclaimable pages.</param>
    /// <param name="size">Pages of the node.</param>
    /// <param name="high">Its high watermark.</param>
    /// <param name="factor">vm.watermark_boost_factor, in 1/10,000 of that.</param>
    /// <param name="isHeeded">Whether kswapd makes room for a boost alone.</param>
    public WatermarkBoost(long unmovableFree, long size, long high, int factor = DefaultFactor, bool isHeeded = true)
    {
        (_places, _isHeeded) = (unmovableFree, isHeeded);
        var most = (long)((UInt128)high * (uint)factor / 10_000);
        Most = most == 0 || size < 4 * PageblockPages ? 0 : Math.Max(PageblockPages, most);
        Mark = Most == 0 ? 0 : unmovableFree;
    }

    /// <summary>The largest boost, pages; 0: there is none.</summary>
    public long Most { get; }

    /// <summary>Free pages of the node at which all that are left are in blocks of others; 0: that does not matter.</summary>
    public long Mark { get; private set; }

    /// <summary>What the watermarks are higher by just now.</summary>
    public long Pages { get; private set; }

    /// <summary>How often it was raised.</summary>
    public long Raised { get; private set; }

    /// <summary>A page was taken from a block of others, if that is all there was.</summary>
    internal void Raise(long free)
    {
        if (free > Mark || Most == 0)
        {
            return;
        }

        Raised += Pages < Most ? 1 : 0;
        Pages = Most;
        Mark = _isHeeded ? Mark : Math.Max(0, free - Refill);
    }

    /// <summary>Reclaim has freed pages: in those blocks by the part of all that lies there.</summary>
    /// <param name="pages">Pages freed.</param>
    /// <param name="taken">Pages that cgroups had before.</param>
    internal void Freed(long pages, long taken)
    {
        if (_isHeeded || pages == 0 || Mark == _places)
        {
            return;
        }

        _rest += pages * (_places - Mark);
        Mark = Math.Min(_places, Mark + _rest / taken);
        _rest %= taken;
    }

    /// <summary>kswapd has made room.</summary>
    internal void Lower(long pages) => Pages -= Math.Min(Pages, pages);
}
