namespace Reclaim.Model.Swap;

/// <summary>
/// All that a memcg swaps to: the areas by priority, and the slot that each anonymous page has in one of them.
///
/// A slot is taken when reclaim first writes the page, and keeps it while the page is in the swap cache, that is in memory with a copy on
/// the area. The area of the highest priority that is not full comes first; areas of equal priority take turns of 64 slots, which is what a
/// CPU's cache of slots is filled with.
///
/// Source: get_swap_pages, vm_swap_full in mm/swapfile.c; SWAP_SLOTS_CACHE_SIZE in mm/swap_slots.c; mem_cgroup_swap_full in
/// mm/memcontrol.c, v6.8.
/// </summary>
internal sealed class SwapSpace
{
    /// <summary>SWAP_SLOTS_CACHE_SIZE.</summary>
    private const int Batch = 64;

    private readonly SwapArea[] _areas;

    /// <summary>The areas in the order in which they are tried (swap_avail_heads).</summary>
    private readonly SwapArea[] _available;

    /// <summary>By anonymous page: its slot among those of all areas + 1, 0 for none.</summary>
    private readonly uint[] _slots;
    private readonly uint _firstAnon;
    private readonly long _total;
    private long _limit;

    /// <summary>Slots by which a memory.swap.max above is reached, and by which one is half used.</summary>
    private (long Full, long Half) _ceiling = (long.MaxValue, long.MaxValue);

    /// <summary>Slots that others have of the areas, together.</summary>
    private long _others;

    /// <summary>How often a slot was taken or freed, and how often when that was last asked for.</summary>
    private long _changes;

    /// <inheritdoc cref="_changes"/>
    private long _reported;
    private SwapArea? _source;
    private int _batchLeft;

    /// <param name="areas">The areas, in the order in which they were turned on.</param>
    /// <param name="limit">Slots that may be used: memory.swap.max.</param>
    /// <param name="firstAnon">Number of the first anonymous page.</param>
    /// <param name="pages">Size of the space of page numbers.</param>
    public SwapSpace(IReadOnlyList<SwapAreaPlan> areas, long limit, uint firstAnon, int pages)
    {
        _areas = new SwapArea[areas.Count];
        var slots = 0L;
        for (var i = 0; i < _areas.Length; i++)
        {
            _areas[i] = new SwapArea(areas[i], (uint)slots);
            slots += areas[i].Pages;
        }

        if (slots >= uint.MaxValue)
        {
            throw new ArgumentException($"the swap areas have {slots} pages together, more than 2³²", nameof(areas));
        }

        _available = [.. _areas.OrderByDescending(area => area.Plan.Priority)];
        _total = slots;
        _firstAnon = firstAnon;
        _slots = slots == 0 ? [] : new uint[pages - firstAnon];
        Restrict(limit);
        CompressedLimit = SwapAreaPlan.CompressedLimit(areas, Math.Min(Pages, pages - firstAnon));
        HasAsynchronous = Array.Exists(_areas, area => !area.IsSynchronous);
        HasRotational = Array.Exists(_areas, area => area.Plan.Rotational);
    }

    /// <summary>memory.swap.max in pages; <see cref="long.MaxValue"/> if the areas have no more.</summary>
    public long Limit => _limit;

    /// <summary>memory.swap.max is written: it holds for slots to be taken, and those in use stay (swap_max_write).</summary>
    public void Restrict(long limit)
    {
        _limit = limit < _total ? limit : long.MaxValue;
        Pages = Math.Min(_total, limit);
    }

    /// <summary>The areas, in the order in which they were turned on.</summary>
    public IReadOnlyList<SwapArea> Areas => _areas;

    /// <summary>Slots that may be used.</summary>
    public long Pages { get; private set; }

    /// <summary>Slots in use: memory.swap.current.</summary>
    public long Used { get; private set; }

    /// <summary>Slots that may still be taken (mem_cgroup_get_nr_swap_pages).</summary>
    public long Free => Math.Min(Math.Min(Pages, _ceiling.Full), _total - _others) - Used;

    /// <summary>Whether some area takes time to write, so that pages wait in the swap cache for it.</summary>
    public bool HasAsynchronous { get; }

    /// <summary>Whether some area has a head that moves (nr_rotate_swap).</summary>
    public bool HasRotational { get; }

    /// <summary>Whether swap is more than half full, of the machine or of the memcg: then a slot is not kept beside a page in memory.</summary>
    public bool IsFull => (_total - _others - Used) * 2 < _total || Used * 2 >= _limit || Used >= _ceiling.Half;

    /// <summary>What others have, and what limits above leave: what is shared, for the time being.</summary>
    public void Share(in SwapRoom room)
    {
        _ceiling = (Above(room.Max), Above(room.Half));
        _others = 0;
        for (var i = 0; i < _areas.Length; i++)
        {
            _areas[i].Others = room.Others?[i] ?? 0;
            _others += _areas[i].Others;
        }
    }

    /// <summary>Slots in use by area; null: as many as when this was last asked.</summary>
    public long[]? TakeUsed()
    {
        if (_changes == _reported)
        {
            return null;
        }

        _reported = _changes;
        return Array.ConvertAll(_areas, area => area.Used);
    }

    private long Above(long room) => room > long.MaxValue - Used ? long.MaxValue : Used + room;

    /// <summary>Pages of the host's memory that its compressed areas take (zram), rounded up.</summary>
    public long CompressedPages
    {
        get
        {
            var pages = 0L;
            foreach (var area in _areas)
            {
                pages += area.Plan.Ratio > 0 ? SwapAreaPlan.Compressed(area.Used, area.Plan.Ratio) : 0;
            }

            return pages;
        }
    }

    /// <summary>The most that can come to.</summary>
    public long CompressedLimit { get; }

    /// <summary>Whether a page has a slot; one of a file never has.</summary>
    public bool HasSlot(uint page) => page - _firstAnon < (uint)_slots.Length && _slots[page - _firstAnon] != 0;

    /// <summary>Slot of a page that has one, among those of all areas.</summary>
    public uint SlotOf(uint page) => _slots[page - _firstAnon] - 1;

    /// <summary>Area of a slot.</summary>
    public SwapArea AreaOf(uint slot)
    {
        var i = _areas.Length - 1;
        while (_areas[i].FirstSlot > slot)
        {
            i--;
        }

        return _areas[i];
    }

    /// <summary>Area of a page that has a slot.</summary>
    public SwapArea AreaOfPage(uint page) => AreaOf(SlotOf(page));

    /// <summary>Takes a slot for a page that has none (folio_alloc_swap).</summary>
    /// <returns>False if none is free.</returns>
    public bool TryAllocate(uint page)
    {
        if (Free <= 0)
        {
            return false;
        }

        if (_batchLeft == 0 || _source!.IsFull)
        {
            _source = NextSource();
            _batchLeft = Batch;
        }

        _batchLeft--;
        Used++;
        _changes++;
        _slots[page - _firstAnon] = _source.FirstSlot + _source.Allocate(page) + 1;
        return true;
    }

    /// <summary>Frees the slot of a page that has one.</summary>
    public void Release(uint page)
    {
        ref var entry = ref _slots[page - _firstAnon];
        var area = AreaOf(entry - 1);
        area.Free(entry - 1 - area.FirstSlot);
        entry = 0;
        Used--;
        _changes++;
    }

    /// <summary>The first area that is not full; it goes behind those of its priority.</summary>
    private SwapArea NextSource()
    {
        var i = 0;
        while (_available[i].IsFull)
        {
            i++;
        }

        var area = _available[i];
        for (; i + 1 < _available.Length && _available[i + 1].Plan.Priority == area.Plan.Priority; i++)
        {
            _available[i] = _available[i + 1];
        }

        return _available[i] = area;
    }
}
