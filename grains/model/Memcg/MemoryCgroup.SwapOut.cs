using Reclaim.Model.Folios;
using Reclaim.Model.Swap;

namespace Reclaim.Model.Memcg;

/// <content>
/// Anonymous pages on their way out: a slot, zswap, the write and its end.
/// Source: add_to_swap, pageout, __remove_mapping in mm/vmscan.c; swap_writepage in mm/page_io.c; zswap_store, shrink_worker in
/// mm/zswap.c; folio_end_writeback in mm/filemap.c, v6.8.
/// </content>
internal sealed partial class MemoryCgroup
{
    private long _swapOutNs;

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
        Culprits.Took(page);
        SwapCached--;
        if (Folios.Writeback.Length != 0)
        {
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
