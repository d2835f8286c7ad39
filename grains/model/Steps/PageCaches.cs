using System.Runtime.CompilerServices;
using Reclaim.Model.Folios;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Mappings;
using Reclaim.Model.Memcg;
using Reclaim.Model.Reference;

namespace Reclaim.Model.Steps;

/// <summary>What the access loop reads and writes through. Structs implement it, so that the loop is compiled for each and calls nothing virtual of a kernel policy.</summary>
internal interface IPageCache
{
    /// <summary>Reads a page.</summary>
    /// <param name="page">The page.</param>
    /// <param name="again">The previous read of this open file ended in the same page: it is not counted as an access.</param>
    /// <returns>Whether it was in memory; if not, <see cref="BringIn"/> follows.</returns>
    bool Read(uint page, bool again);

    /// <summary>Brings in a page that was read and not in memory.</summary>
    void BringIn(uint page, bool again);

    /// <summary>Brings in a page that nobody has read yet.</summary>
    /// <param name="page">The page.</param>
    /// <param name="inFault">In a page fault through a mapping that has recency.</param>
    void Insert(uint page, bool inFault);

    /// <summary>A page fault begins: it is counted, and has a page table.</summary>
    void BeginFault(Vma vma, int index);

    /// <summary>A page fault: the page is not in the process's page table, or is the zero page and written.</summary>
    FaultKind Fault(Vma vma, int index, bool write);

    /// <summary>A process gives a page of anonymous memory back.</summary>
    void Free(Vma vma, int index);

    /// <summary>A process exits: all its mappings are torn down.</summary>
    void Exit(AddressSpace mm);

    /// <summary>Says that a page will be read or written soon.</summary>
    void Prefetch(uint page);

    /// <summary>What an access to a page costs more because it is on a node that is farther away, nanoseconds.</summary>
    long FarNs(uint page);

    /// <summary>Writes a page, bringing it in if need be.</summary>
    /// <returns>Whether it was in memory.</returns>
    bool Write(uint page);
}

/// <summary>What a page fault came to.</summary>
internal enum FaultKind
{
    /// <summary>Nothing was read: a page that was there, or new anonymous memory.</summary>
    Minor,

    /// <summary>A file page was read.</summary>
    Read,

    /// <summary>A page was read from swap.</summary>
    SwapIn,

    /// <summary>A page was in the swap cache, though its read may not have ended.</summary>
    SwapCache,
}

/// <summary>A page cache under a kernel policy.</summary>
internal readonly struct KernelCache<TPath>(MemoryCgroup memcg, FolioTable folios, TPath path) : IPageCache
    where TPath : struct, ILruvecPath
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Read(uint page, bool again) => again ? folios.State[page] != 0 : path.TryTouch(page);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(uint page) => folios.Prefetch(page);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long FarNs(uint page) => path.FarNs(page);

    public void BringIn(uint page, bool again)
    {
        memcg.Fault(path, page, write: false);
        if (!again)
        {
            path.TryTouch(page);
        }
    }

    public void Insert(uint page, bool inFault) => memcg.Fault(path, page, write: false, inFault);

    public void BeginFault(Vma vma, int index)
    {
        ref var table = ref vma.TableOf(index);
        if ((table & TableFlags.Allocated) == 0)
        {
            memcg.ChargePageTable();
            table |= TableFlags.Allocated;
        }

        memcg.Stat.Pgfault++;
    }

    public FaultKind Fault(Vma vma, int index, bool write)
    {
        var page = vma.FirstFolio + (uint)index;
        var kind = FaultKind.Minor;
        if (!vma.Anonymous)
        {
            if (folios.State[page] == 0)
            {
                memcg.Fault(path, page, write: false, inFault: vma.HasRecency);
                memcg.Stat.Pgmajfault++;
                kind = FaultKind.Read;
            }
        }
        else if (folios.State[page] != 0)
        {
            memcg.FaultSwapCache(vma, page, write);
            kind = FaultKind.SwapCache;
        }
        else if (folios.Word[page] == 0 && !write)
        {
            vma.Pte[index] = PteFlags.Present | PteFlags.Zero;
            vma.Touch(index, write: false);
            return kind;
        }
        else if (memcg.FaultAnon(path, vma, page, write))
        {
            memcg.Stat.Pgmajfault++;
            kind = FaultKind.SwapIn;
        }

        vma.Pte[index] = PteFlags.Present;
        vma.Touch(index, write);
        return kind;
    }

    public void Free(Vma vma, int index) => new Zap<TPath>(memcg, path).Free(vma, index);

    public void Exit(AddressSpace mm) => new Zap<TPath>(memcg, path).Exit(mm);

    /// <remarks>write(2) on ext4 and xfs never counts as an access ("mm: filemap: only do access activations on reads").</remarks>
    public bool Write(uint page)
    {
        if (folios.State[page] != 0)
        {
            return true;
        }

        memcg.Fault(path, page, write: true);
        return false;
    }
}

/// <summary>A cache under a reference policy: every request counts, and so many pages fit.</summary>
internal readonly struct ReferenceCache(ReferencePolicy policy) : IPageCache
{
    public bool Read(uint page, bool again) => policy.Access(page);

    public long FarNs(uint page) => 0;

    public void BringIn(uint page, bool again)
    {
    }

    public void Insert(uint page, bool inFault)
    {
    }

    public void BeginFault(Vma vma, int index)
    {
    }

    public FaultKind Fault(Vma vma, int index, bool write) =>
        throw new NotSupportedException("a reference policy knows no page tables");

    public void Free(Vma vma, int index)
    {
    }

    public void Exit(AddressSpace mm)
    {
    }

    public void Prefetch(uint page)
    {
    }

    public bool Write(uint page) => policy.Access(page);
}
