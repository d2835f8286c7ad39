using Reclaim.Model.Folios;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Mappings;
using Reclaim.Model.Swap;
using Reclaim.Model.Time;

namespace Reclaim.Model.Memcg;

/// <content>
/// Anonymous pages on their way to swap and back.
///
/// <code>
///                ┌──────────── reclaim: slot, unmap, write ───────────┐
///                │                                                    ▼ under writeback (an area that takes time)
///   in memory, no slot                                      in the swap cache ──reclaim, clean──► swapped out, shadow in the slot
///                ▲                                             ▲     │                                │
///                └── slot freed: written, or swap half full ───┼─────┘ ◄──── fault, or readahead ─────┘
///                └───────────────── fault on an area that is memory: no swap cache ───────────────────┘
/// </code>
///
/// Source: add_to_swap, pageout, __remove_mapping in mm/vmscan.c; do_swap_page, should_try_to_free_swap in mm/memory.c;
/// __read_swap_cache_async, swap_vma_readahead, swap_cluster_readahead, swap_cache_get_folio in mm/swap_state.c; folio_end_writeback in
/// mm/filemap.c, v6.8. A page has one user: sharing is not in the model.
/// </content>
internal sealed partial class MemoryCgroup
{
    private long _swapOutNs;
    private long _swapInNs;

    /// <summary>The areas and slots.</summary>
    public SwapSpace Swap { get; }

    /// <summary>What is being read from them and written to them.</summary>
    public SwapTransfers Transfers { get; }

    /// <summary>Compressed memory in front of them; null without.</summary>
    public Zswap? Zswap { get; init; }

    /// <summary>Pages that reclaim has written, wherever to.</summary>
    public long Pageouts { get; private set; }

    /// <summary>Readahead from swap (vm.page_cluster).</summary>
    public SwapReadahead SwapReadahead { get; init; } = new(pageCluster: 3);

    /// <summary>Virtual time in nanoseconds, with what this reclaim has cost so far; asked only if some area takes time.</summary>
    public Func<long> Clock { get; set; } = () => 0;

    /// <summary>Swap it may use: the smaller of all swap and memory.swap.max.</summary>
    public long SwapPages => Swap.Pages;

    /// <summary>Pages of swap in use: memory.swap.current.</summary>
    public long SwapUsed => Swap.Used;

    /// <summary>Pages of swap it may still use (mem_cgroup_get_nr_swap_pages).</summary>
    public long SwapFree => Swap.Free;

    /// <summary>Pages of the node that it holds: those charged, and what its swap takes in compressed memory, which nobody is charged for.</summary>
    public long PagesHeld => Charge.Usage + Swap.CompressedPages;

    /// <summary>The most that can come to.</summary>
    public long PagesLimit => Charge.Max > long.MaxValue - Swap.CompressedLimit ? long.MaxValue : Charge.Max + Swap.CompressedLimit;

    /// <summary>Pages in memory that have a slot: "swapcached" in memory.stat.</summary>
    public long SwapCached { get; private set; }

    /// <summary>Brings in an anonymous page that is not in memory: one written for the first time, or one that was swapped out.</summary>
    /// <returns>Whether it was read from swap: <see cref="SwapTransfers.SubmitReads"/> must follow.</returns>
    /// <exception cref="MemcgOutOfMemoryException">Nothing could be reclaimed.</exception>
    public bool FaultAnon<TPath>(TPath path, Vma vma, uint page, bool write)
        where TPath : struct, ILruvecPath
    {
        if (!Swap.HasSlot(page))
        {
            ChargePage();
            AnonPages++;
            path.Insert(page, shadow: 0, vma.HasRecency);
            return false;
        }

        var area = Swap.AreaOfPage(page);
        if (area.IsSynchronous)
        {
            // One user, and nothing to wait for: the swap cache is passed by, and the slot freed.
            BringIn(path, page, vma.HasRecency);
            ReleaseSlot(page);
            return true;
        }

        EndSwapWrites();
        var alone = ReadAround(path, vma, page, area);
        if (Folios.State[page] == 0)
        {
            ReadIntoSwapCache(path, page, vma.HasRecency);
        }

        MapFromSwapCache(page, write, inAddBatch: alone);
        return true;
    }

    /// <summary>A fault on a page that is in memory, in the swap cache: nothing is read, but its read may not have ended.</summary>
    public void FaultSwapCache(Vma vma, uint page, bool write)
    {
        if (!Swap.HasSlot(page))
        {
            return;
        }

        EndSwapWrites();

        // The mark of readahead and that of rotation are one bit; whoever finds it takes it for the former.
        ref var flags = ref Folios.Writeback[page];
        var hit = (flags & WritebackFlags.Reclaim) != 0;
        flags &= ~WritebackFlags.Reclaim;
        Stat.SwapRaHit += hit ? 1 : 0;
        if (!Swap.HasRotational)
        {
            vma.SwapReadahead = vma.SwapReadahead.Found((int)(page - vma.FirstFolio), hit);
        }
        else if (hit)
        {
            SwapReadahead.Hit();
        }

        MapFromSwapCache(page, write, inAddBatch: false);
    }

    /// <summary>Writes an anonymous page that reclaim is about to evict, if its area has no good copy, and takes it out of the page tables.</summary>
    public PageOutcome PageOut(uint page)
    {
        if (Transfers.Reads && Transfers.IsReading(page, Clock()))
        {
            return PageOutcome.Keep;
        }

        var dirty = !Swap.HasSlot(page);
        if (dirty)
        {
            if (!Swap.TryAllocate(page))
            {
                return PageOutcome.Activate;
            }

            SwapCached++;
        }

        if (!Rmap.IsEmpty)
        {
            dirty |= Rmap.IsDirty(page);
            Rmap.Unmap(page);
        }

        dirty |= Zswap?.IsLoaded(page) == true;

        if (!dirty)
        {
            return PageOutcome.Clean;
        }

        Pageouts++;
        if (Zswap is { } zswap)
        {
            if (TryStore(zswap, page))
            {
                return PageOutcome.Clean;
            }

            zswap.Drop(page);
            if (!zswap.Plan.Writeback)
            {
                ReleaseSlot(page);
                SwapCached--;
                return PageOutcome.Activate;
            }
        }

        var area = Swap.AreaOfPage(page);
        Stat.Pswpout++;
        _swapOutNs += area.Plan.OutNs;
        if (area.IsSynchronous)
        {
            return PageOutcome.Clean;
        }

        Folios.Writeback[page] |= WritebackFlags.Writeback | WritebackFlags.Reclaim;
        Transfers.Write(page);
        return PageOutcome.Writing;
    }

    /// <summary>Starts the writes of a round of reclaim.</summary>
    public void SubmitSwapWrites()
    {
        if (Transfers.HasWrites)
        {
            Transfers.SubmitWrites(Clock());
        }
    }

    /// <summary>Records that an anonymous page was freed; its slot keeps the shadow.</summary>
    public void SwappedOut(uint page, uint shadow)
    {
        Folios.Word[page] = shadow;
        SwapCached--;
        if (Folios.Writeback.Length != 0)
        {
            Folios.Writeback[page] = WritebackFlags.None;
        }
    }

    /// <summary>Reclaim keeps a page that is in use: it needs no slot when swap is short (the end of shrink_folio_list).</summary>
    public void KeptInUse(uint page)
    {
        if (Swap.HasSlot(page) && Swap.IsFull && Rmap.IsMapped(page))
        {
            TryFreeSwap(page);
        }
    }

    /// <summary>
    /// Frees the slot of a page, if it has one: its process exits or gives the memory back. A page that is not in memory is as if it had
    /// never been written then.
    /// </summary>
    public void FreeSwap(uint page)
    {
        if (!Swap.HasSlot(page))
        {
            return;
        }

        ReleaseSlot(page);
        if (Folios.State[page] == 0)
        {
            Folios.Word[page] = 0;
        }
        else
        {
            SwapCached--;
        }

        if (Folios.Writeback.Length != 0)
        {
            // A write under way ends without anyone waiting for it.
            Folios.Writeback[page] = WritebackFlags.None;
        }
    }

    /// <summary>Ends the writes that are done by now; pages that reclaim waits for go to the tail.</summary>
    public void EndSwapWrites()
    {
        if (Transfers.UnderWriteback != 0)
        {
            EndSwapWrites(Clock());
        }
    }

    /// <summary>Reclaim freed nothing: waits for the next write to end.</summary>
    /// <returns>When that is, or null if none is under way.</returns>
    public long? WaitForSwapWrite(long nowNs)
    {
        if (Transfers.NextEndNs is not { } done)
        {
            return null;
        }

        done = Math.Max(done, nowNs);
        EndSwapWrites(done);
        return done;
    }

    /// <summary>CPU time of writing pages since this was last asked.</summary>
    public long TakeSwapOutNs()
    {
        var ns = _swapOutNs;
        _swapOutNs = 0;
        return ns;
    }

    /// <summary>CPU time of writing pages that was not asked for yet.</summary>
    public long SwapOutNs => _swapOutNs;

    /// <summary>CPU time of reading pages since this was last asked.</summary>
    public long TakeSwapInNs()
    {
        var ns = _swapInNs;
        _swapInNs = 0;
        return ns;
    }

    private static SwapAreaPlan[] OneArea(long pages) => pages == 0 ? []
        : [new SwapAreaPlan { Pages = pages, Device = new Device(DeviceType.Of("brd")), InNs = CostTable.Default.SwapInNs, OutNs = CostTable.Default.SwapOutNs }];

    /// <summary>Reads what readahead makes of a fault.</summary>
    /// <returns>Whether that is nothing but the page itself.</returns>
    private bool ReadAround<TPath>(TPath path, Vma vma, uint target, SwapArea area)
        where TPath : struct, ILruvecPath
    {
        if (Swap.HasRotational)
        {
            var (start, end) = SwapReadahead.Cluster(Swap.SlotOf(target) - area.FirstSlot, area.Plan.Pages);
            for (var offset = start; end - start > 1 && offset < end; offset++)
            {
                if (area.TryGetPage(offset, out var page))
                {
                    ReadAhead(path, page, target, vma.HasRecency);
                }
            }

            return DrainAfter(end - start);
        }

        var (first, last) = SwapReadahead.Around(ref vma.SwapReadahead, (int)(target - vma.FirstFolio), vma.Pte.Length);
        for (var index = first; last - first > 1 && index < last; index++)
        {
            ReadAhead(path, vma.FirstFolio + (uint)index, target, vma.HasRecency);
        }

        return DrainAfter(last - first);
    }

    /// <summary>lru_add_drain, at the end of readahead.</summary>
    private bool DrainAfter(long window)
    {
        if (window > 1)
        {
            Lruvec.Drain();
        }

        return window <= 1;
    }

    private void ReadAhead<TPath>(TPath path, uint page, uint target, bool inFault)
        where TPath : struct, ILruvecPath
    {
        if (Folios.State[page] != 0 || !Swap.HasSlot(page))
        {
            return;
        }

        ReadIntoSwapCache(path, page, inFault);
        if (page != target)
        {
            Folios.Writeback[page] |= WritebackFlags.Reclaim;
            Stat.SwapRa++;
        }
    }

    /// <summary>Reads a page and keeps its slot.</summary>
    private void ReadIntoSwapCache<TPath>(TPath path, uint page, bool inFault)
        where TPath : struct, ILruvecPath
    {
        if (BringIn(path, page, inFault))
        {
            Transfers.Read(page);
        }

        SwapCached++;
    }

    /// <returns>Whether an area has it, and not zswap.</returns>
    private bool BringIn<TPath>(TPath path, uint page, bool inFault)
        where TPath : struct, ILruvecPath
    {
        ChargePage();
        ref var word = ref Folios.Word[page];
        var shadow = word;
        word = 0;
        AnonPages++;
        path.Insert(page, shadow, inFault);
        if (Zswap?.Has(page) == true)
        {
            Zswap.Load(page);
            Charge.RefillStock(Kernel.FreeBytes(Zswap.EntryBytes));
            Stat.Zswpin++;
            _swapInNs += Zswap.Plan.InNs;
            return false;
        }

        Stat.Pswpin++;
        _swapInNs += Swap.AreaOfPage(page).Plan.InNs;
        return true;
    }

    /// <summary>The rest of do_swap_page: the slot is freed if the page is about to be written, or swap is more than half full.</summary>
    private void MapFromSwapCache(uint page, bool write, bool inAddBatch)
    {
        if (write && inAddBatch)
        {
            // The batch has a reference, which would make the page look shared.
            Lruvec.Drain();
        }

        if (write || Swap.IsFull)
        {
            TryFreeSwap(page);
        }
    }

    private void ReleaseSlot(uint page)
    {
        if (Zswap?.Drop(page) == true)
        {
            Charge.RefillStock(Kernel.FreeBytes(Zswap.EntryBytes));
        }

        Swap.Release(page);
    }

    /// <summary>Puts a page into zswap (zswap_store).</summary>
    /// <returns>False if that takes none now.</returns>
    private bool TryStore(Zswap zswap, uint page)
    {
        if (zswap.Plan.MaxPages == 0 || (zswap.IsAtLimit && !TryWriteBackOldest(zswap)))
        {
            return false;
        }

        if (zswap.IsFull())
        {
            // A worker makes room; until then pages pass by.
            while (zswap.IsFull() && TryWriteBackOldest(zswap))
            {
            }

            return false;
        }

        // Reclaim may exceed the limit: the page itself is about to be freed (PF_MEMALLOC).
        if (!Kernel.TryTake(zswap.EntryBytes))
        {
            Charge.Force();
            Kernel.AddPage();
            Kernel.TryTake(zswap.EntryBytes);
        }

        zswap.Store(page);
        Stat.Zswpout++;
        _swapOutNs += zswap.Plan.OutNs;
        return true;
    }

    /// <summary>Writes the oldest page of zswap to its area (zswap_writeback_entry).</summary>
    private bool TryWriteBackOldest(Zswap zswap)
    {
        if (!zswap.Plan.Writeback || !zswap.TryGetOldest(out var page))
        {
            return false;
        }

        zswap.Drop(page);
        Charge.RefillStock(Kernel.FreeBytes(zswap.EntryBytes));
        Stat.Zswpwb++;
        Stat.Pswpout++;
        if (!Swap.AreaOfPage(page).IsSynchronous)
        {
            Transfers.Write(page);
        }

        return true;
    }

    /// <summary>Takes a page out of the swap cache (folio_free_swap); one under writeback stays.</summary>
    private void TryFreeSwap(uint page)
    {
        if ((Folios.Writeback[page] & WritebackFlags.Writeback) == 0)
        {
            ReleaseSlot(page);
            SwapCached--;
        }
    }

    /// <summary>Ends the writes that are done by then.</summary>
    public void EndSwapWrites(long nowNs)
    {
        while (Transfers.TryEnd(nowNs, out var page, out var slot))
        {
            ref var flags = ref Folios.Writeback[page];
            if ((flags & WritebackFlags.Writeback) == 0 || !Swap.HasSlot(page) || Swap.SlotOf(page) != slot)
            {
                // Freed meanwhile.
                continue;
            }

            var marked = (flags & WritebackFlags.Reclaim) != 0;
            flags &= ~(WritebackFlags.Writeback | WritebackFlags.Reclaim);
            if (marked)
            {
                Lruvec.Rotate(page);
            }
        }
    }
}

/// <summary>What became of an anonymous page that was to be written to swap (pageout_t).</summary>
internal enum PageOutcome
{
    /// <summary>The area has a good copy: the page can be freed.</summary>
    Clean,

    /// <summary>It is being written.</summary>
    Writing,

    /// <summary>It is still being read, and locked.</summary>
    Keep,

    /// <summary>There is no slot for it: it is activated.</summary>
    Activate,
}
