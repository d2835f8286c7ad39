using Reclaim.Model.Folios;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Mappings;
using Reclaim.Model.Swap;

namespace Reclaim.Model.Memcg;

/// <content>
/// Anonymous pages on their way in: faults, the swap cache, readahead.
/// Source: do_anonymous_page, do_swap_page, should_try_to_free_swap in mm/memory.c; __read_swap_cache_async, swap_vma_readahead,
/// swap_cluster_readahead, swap_cache_get_folio in mm/swap_state.c, v6.8.
/// </content>
internal sealed partial class MemoryCgroup
{
    private long _swapInNs;

    /// <summary>Brings in an anonymous page that is not in memory: one written for the first time, or one that was swapped out.</summary>
    /// <returns>Whether it was read from swap: <see cref="SwapTransfers.SubmitReads"/> must follow.</returns>
    /// <exception cref="MemcgOutOfMemoryException">Nothing could be reclaimed.</exception>
    public bool FaultAnon<TPath>(TPath path, Vma vma, uint page, bool write)
        where TPath : struct, ILruvecPath
    {
        if (!Swap.HasSlot(page))
        {
            path.Allocate(page);
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

    /// <summary>CPU time of reading pages since this was last asked.</summary>
    public long TakeSwapInNs()
    {
        var ns = _swapInNs;
        _swapInNs = 0;
        return ns;
    }

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
        path.Allocate(page);
        ChargePage();
        ref var word = ref Folios.Word[page];
        var shadow = word;
        word = 0;
        AnonPages++;
        var refaults = Stat.WorkingsetRefaultAnon;
        path.Insert(page, shadow, inFault);
        if (Stat.WorkingsetRefaultAnon != refaults)
        {
            Culprits.Refaulted(page, Clock);
        }

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
}
