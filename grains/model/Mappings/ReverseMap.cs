namespace Reclaim.Model.Mappings;

/// <summary>
/// Which mappings map a folio (mm/rmap.c). Folios of one file, or of one region of anonymous memory, lie together, so the answer
/// is the list of mappings of that file and an index into each.
/// </summary>
internal sealed class ReverseMap
{
    private readonly int[] _regionOfLeaf;
    private readonly Vma[][] _vmas;

    /// <param name="regionPages">Pages of each file and region, in the order in which they lie in the space of page numbers, each aligned to 64.</param>
    public ReverseMap(ReadOnlySpan<int> regionPages)
    {
        var leaves = new List<int>();
        for (var region = 0; region < regionPages.Length; region++)
        {
            leaves.AddRange(Enumerable.Repeat(region, (regionPages[region] + 63) >> 6));
        }

        _regionOfLeaf = [.. leaves];
        _vmas = new Vma[regionPages.Length][];
        _vmas.AsSpan().Fill([]);
    }

    /// <summary>Whether nothing is, was or will be mapped: then nobody need remember where on its list a page is.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>For which of the cgroups above reclaim is at it, counted from the root on (target_mem_cgroup); <see cref="int.MaxValue"/>: for the memcg itself.</summary>
    public int Target { get; set; } = int.MaxValue;

    /// <summary>Processes that map something, in the order in which they began (the mm_list of a memcg).</summary>
    public List<AddressSpace> AddressSpaces { get; } = [];

    /// <summary>Others will map files of it.</summary>
    public void Expect() => IsEmpty = false;

    /// <summary>Whether reclaim goes by what was accessed through a mapping (invalid_folio_referenced_vma).</summary>
    public bool Counts(Vma vma) => vma.IsReferenced && (vma.Sharing?.CountsFor(Target) ?? true);

    /// <summary>Records a mapping.</summary>
    public void Add(Vma vma)
    {
        IsEmpty = false;
        ref var of = ref _vmas[_regionOfLeaf[vma.FirstFolio >> 6]];
        of = [.. of, vma];
    }

    /// <summary>A process begins (lru_gen_add_mm).</summary>
    public void Begin(AddressSpace mm)
    {
        if (mm.Vmas.Count != 0 && !AddressSpaces.Contains(mm))
        {
            AddressSpaces.Add(mm);
        }
    }

    /// <summary>A process has exited: its mappings are forgotten (lru_gen_del_mm, unlink_file_vma, unlink_anon_vmas).</summary>
    public void End(AddressSpace mm)
    {
        AddressSpaces.Remove(mm);
        foreach (var vma in mm.Vmas)
        {
            ref var of = ref _vmas[_regionOfLeaf[vma.FirstFolio >> 6]];
            of = Array.FindAll(of, other => other != vma);
        }
    }

    /// <summary>The mappings of a folio's region; whether its page is mapped there is for the page table to say.</summary>
    public Vma[] Of(uint page) => _vmas[_regionOfLeaf[page >> 6]];

    /// <summary>Whether some process has the page in its page table (folio_mapped).</summary>
    public bool IsMapped(uint page)
    {
        foreach (var vma in Of(page))
        {
            if ((vma.Pte[page - vma.FirstFolio] & PteFlags.Present) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the page was stored to through some mapping.</summary>
    public bool IsDirty(uint page)
    {
        foreach (var vma in Of(page))
        {
            if ((vma.Pte[page - vma.FirstFolio] & PteFlags.Dirty) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes a page out of all page tables (try_to_unmap).</summary>
    /// <returns>Entries that were there.</returns>
    public int Unmap(uint page)
    {
        var entries = 0;
        foreach (var vma in Of(page))
        {
            var index = (int)(page - vma.FirstFolio);
            if ((vma.Pte[index] & PteFlags.Present) != 0)
            {
                vma.Unmap(index);
                entries++;
            }
        }

        return entries;
    }

    /// <summary>A page goes to another place in memory: what its entries say stays, but that they are inaccessible for a hint (remove_migration_pte).</summary>
    /// <returns>Whether some process maps it.</returns>
    public bool Migrate(uint page)
    {
        var mapped = false;
        foreach (var vma in Of(page))
        {
            var index = (int)(page - vma.FirstFolio);
            if ((vma.Pte[index] & PteFlags.Present) != 0)
            {
                vma.Pte[index] &= ~PteFlags.Hint;
                vma.Mm.FlushPage(vma.Start + (uint)index);
                mapped = true;
            }
        }

        return mapped;
    }

    /// <summary>
    /// Counts the page table entries through which a page was accessed, clearing the bits (folio_referenced). Mappings without
    /// recency do not count, nor those of processes outside of what is reclaimed for.
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="executable">Whether one of them was in an executable mapping.</param>
    public int Referenced(uint page, out bool executable)
    {
        executable = false;
        var referenced = 0;
        foreach (var vma in Of(page))
        {
            var index = (int)(page - vma.FirstFolio);
            if ((vma.Pte[index] & PteFlags.Accessed) != 0 && Counts(vma))
            {
                vma.Age(index);
                executable |= vma.Executable;
                referenced++;
            }
        }

        return referenced;
    }

    /// <inheritdoc cref="Referenced(uint, out bool)"/>
    public int Referenced(uint page) => Referenced(page, out _);

    /// <summary>Writeback begins: the next store to the page must make it dirty again (folio_mkclean).</summary>
    public void Clean(uint page)
    {
        foreach (var vma in Of(page))
        {
            var index = (int)(page - vma.FirstFolio);
            vma.Pte[index] &= ~PteFlags.Dirty;
            vma.Mm.FlushPage(vma.Start + (uint)index);
        }
    }
}
