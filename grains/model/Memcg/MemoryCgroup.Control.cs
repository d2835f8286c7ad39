using Reclaim.Model.Folios;
using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;

namespace Reclaim.Model.Memcg;

/// <summary>
/// What writing to the cgroup's files does, and memory.high.
/// Source: memory_max_write, memory_high_write, memory_reclaim, mem_cgroup_handle_over_high in mm/memcontrol.c;
/// drop_caches_sysctl_handler in fs/drop_caches.c, v6.8.
/// </summary>
internal sealed partial class MemoryCgroup
{
    private long _chargedOverHigh;
    private long _highDelayNs;

    /// <summary>memory.high in pages; <see cref="long.MaxValue"/> without one.</summary>
    public long High { get; private set; } = long.MaxValue;

    /// <summary>memory.low and memory.min in pages. They protect from an ancestor's reclaim only (mem_cgroup_calculate_protection).</summary>
    public long Low { get; private set; }

    /// <inheritdoc cref="Low"/>
    public long Min { get; private set; }

    /// <summary>Whether memory.low, memory.min or memory.high was written on the way.</summary>
    public bool RestrictionWritten { get; private set; }

    /// <summary>Whether the task that charged must be held up before it returns to user space: see <see cref="HandleOverHigh"/>.</summary>
    public bool IsOverHigh => _chargedOverHigh != 0 || _highDelayNs != 0;

    /// <summary>Sets memory.high, memory.low and memory.min before anything runs, in pages.</summary>
    public void Restrict(long high, long low, long min) => (High, Low, Min) = (high, low, min);

    /// <summary>Whether the cgroup was removed, and is there only because of its pages (!mem_cgroup_online).</summary>
    public bool IsOffline { get; private set; }

    /// <summary>The cgroup is removed: nothing protects its pages any more (mem_cgroup_css_offline).</summary>
    public void Offline()
    {
        Protect(0, 0);
        Charge.DrainStock();
        IsOffline = true;
    }

    /// <summary>Somebody writes memory.low or memory.min.</summary>
    public void Protect(long low, long min) => (Low, Min, RestrictionWritten) = (low, min, true);

    /// <summary>
    /// memory.max is written: the limit holds at once, and what is above it is reclaimed; if that does not do, processes are killed, and if there
    /// is none to kill usage stays above (memory_max_write).
    /// </summary>
    public void WriteMax(long pages)
    {
        Charge.Max = pages;
        Charge.DrainStock();
        for (var retries = ScanControl.MaxReclaimRetries; Charge.Usage > Charge.Max;)
        {
            if (TryToFreePages(Charge.Usage - Charge.Max) == 0 && WaitForWriteback?.Invoke() != true && retries-- == 0)
            {
                Stat.EventsOom++;
                if (KillForLimit?.Invoke() != true)
                {
                    return;
                }

                retries = ScanControl.MaxReclaimRetries;
            }
        }
    }

    /// <summary>memory.high is written: it tries to reclaim what is above, and gives up after sixteen tries for nothing (memory_high_write).</summary>
    public void WriteHigh(long pages)
    {
        (High, RestrictionWritten) = (pages, true);
        if (Charge.Usage > High)
        {
            Charge.DrainStock();
        }

        for (var retries = ScanControl.MaxReclaimRetries; Charge.Usage > High && retries >= 0;)
        {
            retries -= TryToFreePages(Charge.Usage - High) == 0 ? 1 : 0;
        }
    }

    /// <summary>memory.reclaim is written: reclaims in portions until it has so many pages, or has got nowhere sixteen times (memory_reclaim).</summary>
    /// <param name="pages">Pages asked for.</param>
    /// <param name="portion">How many at a time.</param>
    /// <param name="swappiness">Instead of vm.swappiness; null: that.</param>
    /// <returns>Whether so many were freed; if not, the write fails with EAGAIN.</returns>
    public bool WriteReclaim(long pages, ReclaimPortion portion, int? swappiness = null)
    {
        var usual = Lruvec.Swappiness;
        Lruvec.Swappiness = swappiness ?? usual;
        var freed = 0L;
        for (var retries = ScanControl.MaxReclaimRetries; freed < pages && retries >= 0;)
        {
            var left = pages - freed;
            var more = TryToFreePages(
                portion switch
                {
                    ReclaimPortion.Rest => left,
                    ReclaimPortion.Cluster => Math.Min(left, ScanControl.SwapClusterMax),
                    _ => left / 4,
                },
                proactive: true);
            freed += more;
            retries -= more == 0 ? 1 : 0;
        }

        Lruvec.Swappiness = usual;
        return freed >= pages;
    }

    /// <summary>
    /// The page cache is dropped, as far as it is clean and nobody maps it; shadows go with it, and leave no refault behind
    /// (invalidate_mapping_pages). Clean pages in a batch are on their lists first (lru_add_drain_all).
    /// </summary>
    public void DropPageCache() => DropPages(0, Folios.FirstAnon);

    /// <summary>Drops a range of the page cache likewise (POSIX_FADV_DONTNEED).</summary>
    /// <param name="first">Its first page.</param>
    /// <param name="end">The page after its last.</param>
    public void DropPages(uint first, uint end)
    {
        Lruvec.Drain();
        var dropped = Lruvec.Discard(page => page >= first && page < end && IsDroppable(page));
        foreach (var page in dropped)
        {
            Charge.RefillStock(Kernel.FreeNodes(Tree.Drop(page)));
            Folios.Word[page] = 0;
            Folios.Readahead?.Clear(page);
            Nodes?.Free(Nodes.NodeOf[page], 1);
        }

        Charge.RefillStock(Kernel.FreeNodes(Tree.DropShadows(first, end, Folios.State, Folios.Word)));
        Uncharge(file: dropped.Count, anon: 0);
    }

    /// <summary>Reclaimable slab is dropped: of what is modelled, nodes of page-cache trees with nothing but shadows, as far as there are too many (drop_slab).</summary>
    public void DropSlab()
    {
        var freed = long.MaxValue;
        for (var shift = 0; freed >> shift > 1; shift++)
        {
            var before = Stat.WorkingsetNodereclaim;
            _shadowShrinker.Shrink(this, priority: 0);
            freed = Stat.WorkingsetNodereclaim - before;
        }
    }

    /// <summary>What the task charged above memory.high, its own or one above it: with one above, others are reclaimed from too, and it is not for this cgroup to do.</summary>
    /// <returns>Pages; 0: it is handled here (<see cref="HandleOverHigh"/>).</returns>
    public long TakeChargedOverHigh()
    {
        var charged = Charge.HighCeiling == long.MaxValue ? 0 : _chargedOverHigh;
        _chargedOverHigh -= charged;
        return charged;
    }

    /// <summary>The task that charged above memory.high returns to user space: it reclaims for what it charged, and may have to sleep.</summary>
    /// <returns>How long, nanoseconds.</returns>
    public long HandleOverHigh()
    {
        var charged = _chargedOverHigh;
        _chargedOverHigh = 0;
        var delay = _highDelayNs;
        _highDelayNs = 0;
        return delay + (charged == 0 ? 0 : ReclaimHigh(charged));
    }

    private long ReclaimHigh(long charged)
    {
        var wanted = charged;
        for (var retries = ScanControl.MaxReclaimRetries; ;)
        {
            var freed = 0L;
            if (Charge.Usage > High)
            {
                Stat.EventsHigh++;
                var (scanned, stolen) = (Stat.Pgscan, Stat.Pgsteal);
                Culprits.Current = ReclaimCause.High;
                freed = TryToFreePages(wanted);
                Culprits.Current = ReclaimCause.Limit;
                Stat.PgscanHigh += Stat.Pgscan - scanned;
                Stat.PgstealHigh += Stat.Pgsteal - stolen;
            }

            var delay = MemoryHigh.DelayNs(Charge.Usage, High, charged);
            if (delay == 0)
            {
                return 0;
            }

            // Only who cannot reclaim any more sleeps.
            if (freed == 0 && retries-- == 0)
            {
                return delay;
            }

            wanted = ScanControl.SwapClusterMax;
        }
    }

    /// <summary>A page was charged other than from the stock: what is now above memory.high is the task's debt.</summary>
    private void NoteHigh(int charged)
    {
        if (Charge.Usage <= High && Charge.Usage <= Charge.HighCeiling)
        {
            return;
        }

        _chargedOverHigh += charged;
        if (_chargedOverHigh > MemcgCharge.Batch && Charge.HighCeiling == long.MaxValue)
        {
            (charged, _chargedOverHigh) = ((int)_chargedOverHigh, 0);
            _highDelayNs += ReclaimHigh(charged);
        }
    }

    private bool IsDroppable(uint page) =>
        (Folios.Writeback.Length == 0 || (Folios.Writeback[page] & (WritebackFlags.Dirty | WritebackFlags.Writeback)) == 0)
        && (Rmap.IsEmpty || !Rmap.IsMapped(page));
}
