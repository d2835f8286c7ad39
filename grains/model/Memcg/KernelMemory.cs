namespace Reclaim.Model.Memcg;

/// <summary>
/// Kernel memory of a memcg: slab objects are charged by the byte out of whole pages that the memcg pays for.
///
/// Source: obj_cgroup_charge, refill_obj_stock, obj_full_size in mm/memcontrol.c and mm/slab.h, v6.8. A struct xa_node is
/// 576 bytes, and 8 more say whose it is.
/// </summary>
internal sealed class KernelMemory(long processPages)
{
    /// <summary>Bytes charged for one page-cache tree node.</summary>
    public const int NodeBytes = 576 + 8;

    private const int PageSize = 4096;

    private int _bytes;

    /// <summary>Pages charged, those of the processes included: "kernel" in memory.stat.</summary>
    public long Pages { get; private set; } = processPages;

    /// <summary>Bytes of tree nodes alive: "slab" in memory.stat.</summary>
    public long SlabBytes { get; private set; }

    /// <summary>Takes the bytes of one node from the page at hand.</summary>
    /// <returns>False if a page must be charged first: see <see cref="AddPage"/>.</returns>
    public bool TryAllocateNode()
    {
        if (!TryTake(NodeBytes))
        {
            return false;
        }

        SlabBytes += NodeBytes;
        return true;
    }

    /// <summary>Takes bytes, a page at most, from the page at hand.</summary>
    /// <returns>False if a page must be charged first: see <see cref="AddPage"/>.</returns>
    public bool TryTake(int bytes)
    {
        if (_bytes < bytes)
        {
            return false;
        }

        _bytes -= bytes;
        return true;
    }

    /// <summary>Records a page that was charged to the memcg.</summary>
    public void AddPage()
    {
        Pages++;
        _bytes += PageSize;
    }

    /// <summary>Pages of page tables: "pagetables" in memory.stat.</summary>
    public long PageTables { get; private set; }

    /// <summary>Records a page of page table entries that was charged.</summary>
    public void AddPageTable()
    {
        Pages++;
        PageTables++;
    }

    /// <summary>Records that pages of page table entries were freed.</summary>
    public void RemovePageTables(int count)
    {
        Pages -= count;
        PageTables -= count;
    }

    /// <summary>Frees nodes.</summary>
    /// <returns>Whole pages that go back to the memcg's stock.</returns>
    public int FreeNodes(int nodes)
    {
        SlabBytes -= nodes * NodeBytes;
        return FreeBytes(nodes * NodeBytes);
    }

    /// <summary>Frees what was taken.</summary>
    /// <returns>Whole pages that go back to the memcg's stock.</returns>
    public int FreeBytes(int bytes)
    {
        _bytes += bytes;
        var pages = _bytes > PageSize ? _bytes / PageSize : 0;
        _bytes -= pages * PageSize;
        Pages -= pages;
        return pages;
    }
}
