namespace Reclaim.Model.Swap;

/// <summary>
/// How far a fault reads ahead of itself in swap: a window that grows with the hits on what was read ahead before, and halves at most.
///
/// <code>
///   no hits, not next to the last fault  1      hits 1, 2   4      hits 3 to 6   8      then 16, 32; never above 2^page_cluster
///   no hits, next to the last fault      2
/// </code>
///
/// Source: __swapin_nr_pages, swapin_nr_pages, swap_ra_info in mm/swap_state.c, v6.8.
/// </summary>
public sealed class SwapReadahead(int pageCluster)
{
    /// <summary>SWAP_RA_ORDER_CEILING.</summary>
    public const int LargestPageCluster = 5;

    private const int PagesOfTable = 512;

    private readonly int _maxPages = 1 << pageCluster;

    /// <summary>swapin_readahead_hits, and what swapin_nr_pages remembers of the last fault.</summary>
    private int _hits = 4;
    private long _lastOffset;
    private int _lastPages;

    /// <summary>A page that was read ahead was used: readahead by slots hears of it.</summary>
    internal void Hit() => _hits++;

    /// <summary>The pages of a mapping to read about a fault in it (swap_vma_readahead), as indices into the mapping, which begins at a page table of its own.</summary>
    /// <param name="info">What the mapping remembers.</param>
    /// <param name="index">The page.</param>
    /// <param name="pages">Size of the mapping.</param>
    internal (int Start, int End) Around(ref SwapReadaheadInfo info, int index, int pages)
    {
        if (_maxPages == 1)
        {
            return (index, index + 1);
        }

        var (last, window, hits) = info.IsFresh ? (SwapReadaheadInfo.Nowhere, 0, SwapReadaheadInfo.FirstHits) : (info.Index, info.Window, info.Hits);
        window = NrPages(last, index, hits, _maxPages, window);
        info = new SwapReadaheadInfo(index, window);
        if (window == 1)
        {
            return (index, index + 1);
        }

        var start = index == last + 1 ? index
            : last == index + 1 ? index - window + 1
            : index - (window - 1) / 2;
        var table = index / PagesOfTable * PagesOfTable;
        return (Math.Max(start, table), Math.Min(Math.Min(start + window, pages), table + PagesOfTable));
    }

    /// <summary>The slots of an area to read about a fault on one of them (swap_cluster_readahead): aligned to their number.</summary>
    internal (long Start, long End) Cluster(long offset, long slots)
    {
        if (_maxPages == 1)
        {
            return (offset, offset + 1);
        }

        var hits = _hits;
        _hits = 0;
        var pages = NrPages(_lastOffset, offset, hits, _maxPages, _lastPages);
        if (hits == 0)
        {
            _lastOffset = offset;
        }

        _lastPages = pages;

        // A power of two, halved or doubled.
        var mask = (long)pages - 1;
        return (offset & ~mask, Math.Min((offset | mask) + 1, slots));
    }

    /// <summary>__swapin_nr_pages.</summary>
    internal static int NrPages(long lastOffset, long offset, int hits, int max, int lastWindow)
    {
        int pages;
        if (hits == 0)
        {
            pages = offset == lastOffset + 1 || offset == lastOffset - 1 ? 2 : 1;
        }
        else
        {
            pages = 4;
            while (pages < hits + 2)
            {
                pages *= 2;
            }
        }

        return Math.Max(Math.Min(pages, max), lastWindow / 2);
    }
}

/// <summary>What a mapping remembers of its last fault on a swapped page (swap_readahead_info): where it was, how far it read, and how many hits that had.</summary>
internal struct SwapReadaheadInfo(int index, int window)
{
    /// <summary>Hits that a mapping begins with (GET_SWAP_RA_VAL).</summary>
    public const int FirstHits = 4;

    /// <summary>Next to no page.</summary>
    public const int Nowhere = -2;

    /// <summary>SWAP_RA_HITS_MAX.</summary>
    private const int MaxHits = 63;

    public int Index { get; } = index;

    public int Window { get; } = window;

    public int Hits { get; set; }

    /// <summary>After a fault that found its page in the swap cache (swap_cache_get_folio).</summary>
    /// <param name="index">The page.</param>
    /// <param name="hit">Whether it had been read ahead.</param>
    public readonly SwapReadaheadInfo Found(int index, bool hit) =>
        new(index, Window) { Hits = Math.Min((IsFresh ? FirstHits : Hits) + (hit ? 1 : 0), MaxHits) };

    /// <summary>Whether there was no fault yet.</summary>
    public readonly bool IsFresh => Window == 0 && Hits == 0;
}
