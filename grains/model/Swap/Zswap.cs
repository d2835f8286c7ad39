namespace Reclaim.Model.Swap;

/// <summary>zswap, as a container is built with it.</summary>
public sealed record ZswapPlan
{
    /// <summary>Size of pages against their size compressed.</summary>
    public required double Ratio { get; init; }

    /// <summary>CPU time of reading and of writing a page, nanoseconds.</summary>
    public long InNs { get; init; }

    public long OutNs { get; init; }

    /// <summary>Pages of memory that the pool may take: max_pool_percent of the host's.</summary>
    public required long MaxPoolPages { get; init; }

    /// <summary>Share of that below which a pool that was full takes pages again.</summary>
    public int AcceptThresholdPercent { get; init; } = 90;

    /// <summary>memory.zswap.max in pages.</summary>
    public long MaxPages { get; init; } = long.MaxValue;

    /// <summary>memory.zswap.writeback: whether pages may go on to the areas.</summary>
    public bool Writeback { get; init; } = true;
}

/// <summary>
/// zswap: compressed memory in front of the areas, charged to the memcg. A page has its slot in an area all the same, which is written when
/// the pool is full.
///
/// <code>
///   reclaim ──► room? ──yes──► pool, oldest ─ ─ ─ ─ newest ──fault──► memory; the copy is dropped
///                 │ no           │ pool full: down to accept_threshold_percent; memory.zswap.max reached: one
///                 ▼              ▼
///               area ◄───────────┘
/// </code>
///
/// Source: zswap_store, zswap_load, shrink_worker, shrink_memcg in mm/zswap.c; obj_cgroup_may_zswap in mm/memcontrol.c, v6.8, but that a load
/// always drops the copy, as from v6.9 on. Simplified: every page compresses alike; the pool is as large as what is in it; what is written
/// back passes through no page of the memcg's, and the worker that does so when the pool is full has done it at once; the dynamic shrinker is
/// off, as by default.
/// </summary>
internal sealed class Zswap(ZswapPlan plan, uint firstAnon, int anonPages)
{
    private const int PageSize = 4096;

    /// <summary>The slot of a page in memory has no copy any more.</summary>
    private const uint Loaded = 1;

    /// <summary>By anonymous page: 0, <see cref="Loaded"/>, or the number of its entry.</summary>
    private readonly uint[] _entries = new uint[anonPages];

    /// <summary>Entries, oldest first; one that is not its page's any more has been dropped.</summary>
    private readonly Queue<(uint Page, uint Entry)> _oldest = new();
    private readonly long _acceptPages = plan.MaxPoolPages * plan.AcceptThresholdPercent / 100;
    private uint _last = Loaded;
    private bool _reachedFull;

    public ZswapPlan Plan { get; } = plan;

    /// <summary>Bytes that a page takes.</summary>
    public int EntryBytes { get; } = (int)Math.Ceiling(PageSize / plan.Ratio);

    /// <summary>Pages in the pool: "zswapped" in memory.stat.</summary>
    public long Stored { get; private set; }

    /// <summary>Bytes of the pool: "zswap" in memory.stat.</summary>
    public long Bytes => Stored * EntryBytes;

    /// <summary>Whether memory.zswap.max is reached (obj_cgroup_may_zswap says no).</summary>
    public bool IsAtLimit => Bytes / PageSize >= Plan.MaxPages;

    /// <summary>Whether the pool has been full, and is not yet below the threshold: it takes no page then.</summary>
    public bool IsFull()
    {
        var pages = (Bytes + PageSize - 1) / PageSize;
        _reachedFull = pages > Plan.MaxPoolPages || (_reachedFull && pages >= _acceptPages);
        return _reachedFull;
    }

    /// <summary>Whether the copy of a page that is not in memory is here.</summary>
    public bool Has(uint page) => _entries[page - firstAnon] > Loaded;

    /// <summary>Whether a page in memory has lost its copy, so that it must be written again.</summary>
    public bool IsLoaded(uint page) => _entries[page - firstAnon] == Loaded;

    /// <summary>Takes a page in.</summary>
    public void Store(uint page)
    {
        _entries[page - firstAnon] = ++_last;
        _oldest.Enqueue((page, _last));
        Stored++;
    }

    /// <summary>Gives a page back; the copy is dropped.</summary>
    public void Load(uint page)
    {
        Drop(page);
        _entries[page - firstAnon] = Loaded;
    }

    /// <summary>The area has a copy, or the slot is freed.</summary>
    /// <returns>Whether the page was in the pool.</returns>
    public bool Drop(uint page)
    {
        ref var entry = ref _entries[page - firstAnon];
        var stored = entry > Loaded;
        Stored -= stored ? 1 : 0;
        entry = 0;
        return stored;
    }

    /// <summary>The page that has been here longest.</summary>
    /// <returns>False if there is none.</returns>
    public bool TryGetOldest(out uint page)
    {
        while (_oldest.TryPeek(out var first))
        {
            page = first.Page;
            if (_entries[page - firstAnon] == first.Entry)
            {
                return true;
            }

            _oldest.Dequeue();
        }

        page = 0;
        return false;
    }
}
