using System.Runtime.CompilerServices;

namespace Reclaim.Model.Memcg;

/// <summary>What may become of a page that reclaim comes upon.</summary>
internal enum PageFate
{
    /// <summary>It went, and left a shadow.</summary>
    Evicted,

    /// <summary>It was found worth keeping: moved to the next generation (sort_folio), or to the active list (mark_page_accessed, shrink_folio_list).</summary>
    Kept,

    /// <summary>It had gone, and came back while its shadow was there.</summary>
    Returned,

    /// <summary>It came back soon enough to count as part of the working set (workingset_test_recent).</summary>
    Recent,
}

/// <summary>
/// What became of the pages of a memcg, by type and by class: of the multi-gen LRU the tier, of the classic one whether a page had been
/// active (PG_workingset). It says which pages a policy lets go, and which of those it should have kept; no rule goes by it.
/// </summary>
internal sealed class PageFates
{
    /// <summary>Classes of a type: as many as there are tiers.</summary>
    public const int Classes = 4;

    private const int Fates = 4;

    private readonly long[] _counts = new long[2 * Classes * Fates];

    /// <summary>Counts a page.</summary>
    /// <param name="fate">What becomes of it.</param>
    /// <param name="type">0: anonymous, 1: file, as lruvecs count.</param>
    /// <param name="ofClass">Its class.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Count(PageFate fate, int type, int ofClass) => _counts[(type * Classes + ofClass) * Fates + (int)fate]++;

    /// <summary>Pages of a type so far.</summary>
    public long Of(PageFate fate, int type)
    {
        var sum = 0L;
        for (var ofClass = 0; ofClass < Classes; ofClass++)
        {
            sum += Of(fate, type, ofClass);
        }

        return sum;
    }

    /// <summary>Pages so far.</summary>
    public long Of(PageFate fate, int type, int ofClass) => _counts[(type * Classes + ofClass) * Fates + (int)fate];
}
