using Reclaim.Model.Folios;
using Reclaim.Model.Swap;
using Reclaim.Model.Time;

namespace Reclaim.Model.Memcg;

/// <content>
/// Swap as a memcg has it. What is done on the way out and on the way in is in files of their own beside this one.
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
/// Source: folio_free_swap, free_swap_and_cache in mm/swapfile.c, v6.8. A page has one user: sharing is not in the model.
/// </content>
internal sealed partial class MemoryCgroup
{
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

    private static SwapAreaPlan[] OneArea(long pages) => pages == 0 ? []
        : [new SwapAreaPlan { Pages = pages, Device = new Device(DeviceType.Of("brd")), InNs = CostTable.Default.SwapInNs, OutNs = CostTable.Default.SwapOutNs }];

    private void ReleaseSlot(uint page)
    {
        if (Zswap?.Drop(page) == true)
        {
            Charge.RefillStock(Kernel.FreeBytes(Zswap.EntryBytes));
        }

        Swap.Release(page);
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
}
