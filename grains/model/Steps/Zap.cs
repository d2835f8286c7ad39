using Reclaim.Model.Lruvecs;
using Reclaim.Model.Mappings;
using Reclaim.Model.Memcg;

namespace Reclaim.Model.Steps;

/// <summary>
/// Takes mappings apart: all when a process exits, one page of memory when it gives that back.
///
/// <code>
///   entry of a file page, accessed, in a mapping with recency ──► one access, as by read(2); the page stays cached
///   entry of an anonymous page ──► the page is freed, off its list and uncharged; no shadow
///   entry of a page in swap ──► its slot is freed
///   page tables ──► uncharged
/// </code>
///
/// This is the only way in which an access through a mapping raises the tier of a page, or activates one under the classic policy.
/// Source: exit_mmap in mm/mmap.c; madvise_dontneed_single_vma in mm/madvise.c; zap_pte_range, free_pgtables in mm/memory.c; folio_mark_accessed in mm/swap.c, v6.8.
/// A dirty entry makes its page dirty here in the kernel; in the model the store that set it already has, and the entry is
/// cleaned when the page is. Simplified: exiting takes no time, and nobody waits for it.
/// </summary>
internal readonly struct Zap<TPath>(MemoryCgroup memcg, TPath path)
    where TPath : struct, ILruvecPath
{
    /// <summary>All mappings of a process.</summary>
    public void Exit(AddressSpace mm)
    {
        memcg.Lruvec.Drain();
        var (freed, tables) = (0, 0);
        foreach (var vma in mm.Vmas)
        {
            for (var t = 0; t < vma.TableCount; t++)
            {
                ref var table = ref vma.Table(t);
                if ((table & TableFlags.Allocated) == 0)
                {
                    continue;
                }

                var end = Math.Min((t + 1) * AddressSpace.TablePages, vma.Pte.Length);
                for (var index = t * AddressSpace.TablePages; index < end; index++)
                {
                    freed += Entry(vma, index);
                }

                table = TableFlags.None;
                tables++;
            }
        }

        mm.Flush();
        mm.Exited = true;
        memcg.Rmap.End(mm);
        memcg.Uncharge(file: 0, freed);
        memcg.UnchargePageTables(tables);
    }

    /// <summary>One page (MADV_DONTNEED): the next access to it is a first one. Its page table stays.</summary>
    public void Free(Vma vma, int index)
    {
        memcg.Lruvec.Drain();
        var page = vma.FirstFolio + (uint)index;
        if (vma.Pte[index] != PteFlags.None || memcg.Folios.State[page] != 0 || memcg.Swap.HasSlot(page))
        {
            memcg.Uncharge(file: 0, Entry(vma, index));
            vma.Mm.FlushPage(vma.Start + (uint)index);
        }
    }

    /// <returns>Pages freed.</returns>
    private int Entry(Vma vma, int index)
    {
        ref var pte = ref vma.Pte[index];
        var page = vma.FirstFolio + (uint)index;
        var was = pte;
        pte = PteFlags.None;
        if ((was & PteFlags.Present) != 0)
        {
            vma.Sharing?.Unmapped(page);
        }

        if (vma.Anonymous)
        {
            return (was & PteFlags.Zero) != 0 ? 0 : memcg.FreeAnon(page);
        }

        if ((was & PteFlags.Accessed) != 0 && vma.IsReferenced)
        {
            path.TryTouch(page);
        }

        return 0;
    }
}
