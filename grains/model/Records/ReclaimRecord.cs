namespace Reclaim.Model.Records;

/// <summary>Why reclaim began: the kinds of the reclaim matrix, and eviction by a command.</summary>
public enum ReclaimKind : byte
{
    /// <summary>memory.max, the cgroup's own or one above it, had no room.</summary>
    Limit,

    /// <summary>A task had charged above memory.high.</summary>
    High,

    /// <summary>memory.reclaim was written.</summary>
    Proactive,

    /// <summary>kswapd, from when it wakes until it sleeps.</summary>
    Kswapd,

    /// <summary>A task found its node short of pages.</summary>
    Direct,

    /// <summary>Eviction was written to lru_gen; in the reclaim matrix it counts as <see cref="Limit"/>.</summary>
    LruGen,
}

/// <summary>
/// One reclaim: a cause with a beginning and an end, and the scans that came of it. What the kernel traces as
/// mm_vmscan_memcg_reclaim_begin, mm_vmscan_direct_reclaim_begin and mm_vmscan_kswapd_wake, each with its end.
/// </summary>
/// <param name="Number">Its number in its log, from 0 on in the order in which they begin.</param>
/// <param name="Kind">Why.</param>
/// <param name="Asker">Number of the container that asked; −1: kswapd, which asks for several, scan by scan.</param>
/// <param name="Task">Number of the job that reclaimed, if that is known; else −1.</param>
/// <param name="Node">The NUMA node that was short of pages; −1: it was a limit.</param>
/// <param name="For">Path of the cgroup whose limit it was, <c>/</c> for a node; null: that of the asker itself.</param>
public readonly record struct ReclaimRecord(long Number, ReclaimKind Kind, int Asker, int Task, int Node, string? For)
{
    /// <summary>Virtual time, nanoseconds.</summary>
    public long StartNs { get; init; }

    /// <inheritdoc cref="StartNs"/>
    public long EndNs { get; init; }

    /// <summary>Pages looked at and freed, all its scans together.</summary>
    public long Scanned { get; init; }

    /// <inheritdoc cref="Scanned"/>
    public long Reclaimed { get; init; }

    /// <summary>Scans that it came to; one of so many was kept.</summary>
    public long Scans { get; init; }

    /// <inheritdoc cref="Scans"/>
    public long ScansEvery { get; init; }

    /// <summary>Free pages of the node at the beginning and at the end; −1 if it was a limit.</summary>
    public long FreeBefore { get; init; }

    /// <inheritdoc cref="FreeBefore"/>
    public long FreeAfter { get; init; }
}

/// <summary>One scan of one lruvec (shrink_lruvec) that met a page.</summary>
/// <param name="Asker">For whom: the container that the reclaim matrix counts it for.</param>
/// <param name="Victim">The container whose pages these are.</param>
/// <param name="Node">The node that they are on.</param>
/// <param name="Priority">12 down to 0.</param>
/// <param name="StartNs">Virtual time, nanoseconds.</param>
/// <param name="EndNs">Likewise, its end.</param>
/// <param name="Scanned">Pages looked at (pgscan).</param>
/// <param name="Reclaimed">Of them freed, or moved to slower memory (pgsteal).</param>
/// <param name="Seen">What else is to be said of it.</param>
public readonly record struct ScanRecord(int Asker, int Victim, int Node, int Priority, long StartNs, long EndNs, long Scanned, long Reclaimed, ScanSeen Seen);

/// <summary>What a scan found, as the lruvec itself knows.</summary>
/// <param name="OldestFile">min_seq of file pages when it began; −1 under the classic policy.</param>
/// <param name="OldestAnon">Likewise of anonymous pages.</param>
/// <param name="EvictedFile">File pages that went and left a shadow.</param>
/// <param name="EvictedAnon">Anonymous pages likewise.</param>
/// <param name="Protected">Pages found worth keeping: moved one generation up (sort_folio), or to the active list.</param>
/// <param name="Activated">Pages found in use (pgactivate).</param>
public readonly record struct ScanSeen(long OldestFile, long OldestAnon, int EvictedFile, int EvictedAnon, int Protected, int Activated);
