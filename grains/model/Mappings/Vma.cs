using Reclaim.Model.Sharing;
using Reclaim.Model.Swap;

namespace Reclaim.Model.Mappings;

/// <summary>
/// A mapping (struct vm_area_struct) with its page tables: one byte for each page table entry, one for each page of them.
/// A mapping begins at a page table of its own.
/// </summary>
internal sealed class Vma
{
    private readonly TableFlags[] _tables;

    /// <summary>What readahead from swap remembers of it.</summary>
    public SwapReadaheadInfo SwapReadahead;

    public Vma(AddressSpace mm, uint start, uint firstFolio, int pages, bool anonymous, Recency recency, bool executable)
    {
        Mm = mm;
        Start = start;
        FirstFolio = firstFolio;
        Anonymous = anonymous;
        Recency = recency;
        Executable = executable;
        Pte = new PteFlags[pages];
        _tables = new TableFlags[(pages + AddressSpace.TablePages - 1) / AddressSpace.TablePages];
    }

    public AddressSpace Mm { get; }

    /// <summary>Virtual page number of its first page.</summary>
    public uint Start { get; }

    /// <summary>Page number of the folio that its first page maps.</summary>
    public uint FirstFolio { get; }

    public bool Anonymous { get; }

    /// <summary>How far reclaim goes by accesses through it.</summary>
    public Recency Recency { get; }

    /// <summary>vma_has_recency.</summary>
    public bool HasRecency => Recency == Recency.Full;

    /// <summary>Whether an access through it keeps a page from being evicted, and counts when it is unmapped.</summary>
    public bool IsReferenced => Recency != Recency.None;

    /// <summary>VM_EXEC: a program or a library. Reclaim keeps its pages more willingly.</summary>
    public bool Executable { get; }

    /// <summary>Whether the file is mapped to be written to (VM_WRITE), and something is.</summary>
    public bool IsWritten { get; set; }

    /// <summary>Of a file that other cgroups use: what ties it to theirs; null: of none.</summary>
    public SharedMapping? Sharing { get; set; }

    /// <summary>Virtual page number behind its last page.</summary>
    public uint End => Start + (uint)Pte.Length;

    /// <summary>The page table entries.</summary>
    public PteFlags[] Pte { get; }

    /// <summary>Number of tables, allocated or not.</summary>
    public int TableCount => _tables.Length;

    public ref TableFlags Table(int table) => ref _tables[table];

    public ref TableFlags TableOf(int index) => ref _tables[index / AddressSpace.TablePages];

    /// <summary>What the processor does on an access whose translation is not cached and whose page is present.</summary>
    public void Touch(int index, bool write)
    {
        if (Sharing is not null && (Pte[index] & PteFlags.Accessed) == 0)
        {
            Sharing.Accessed(FirstFolio + (uint)index);
        }

        Pte[index] |= PteFlags.Accessed | (write ? PteFlags.Dirty : 0);
        TableOf(index) |= TableFlags.Young;
        Mm.Ran = ulong.MaxValue;
        Mm.Cache(Start + (uint)index, (Pte[index] & PteFlags.Dirty) != 0);
    }

    /// <summary>Maps a page that a neighbour's fault came upon: as accessed as that one.</summary>
    public void MapAround(int index)
    {
        Pte[index] = PteFlags.Present | PteFlags.Accessed;
        Sharing?.Accessed(FirstFolio + (uint)index);
    }

    /// <summary>Reclaim takes note of an access (ptep_clear_young_notify); what the TLB holds stays.</summary>
    public void Age(int index)
    {
        Pte[index] &= ~PteFlags.Accessed;
        Sharing?.Aged(FirstFolio + (uint)index);
    }

    /// <summary>Takes a page out of the page table.</summary>
    public void Unmap(int index)
    {
        Pte[index] = PteFlags.None;
        Mm.FlushPage(Start + (uint)index);
    }
}

/// <summary>Bits of a page table entry.</summary>
[Flags]
internal enum PteFlags : byte
{
    None = 0,
    Present = 1,
    Accessed = 2,
    Dirty = 4,

    /// <summary>Maps the zero page: anonymous memory that was read and never written. It is nobody's folio.</summary>
    Zero = 8,

    /// <summary>Made inaccessible, so that the next access is a fault and seen (PROT_NONE; pte_protnone).</summary>
    Hint = 16,
}

/// <summary>What is known of a page of page table entries (its PMD entry).</summary>
[Flags]
internal enum TableFlags : byte
{
    None = 0,

    Allocated = 1,

    /// <summary>The accessed bit of the PMD entry: something below it was accessed since a walk cleared it.</summary>
    Young = 2,

    /// <summary>In the filter that walks of even generations go by; the kernel's is a bloom filter, this one is exact.</summary>
    FilterEven = 4,

    /// <summary>In that of odd generations.</summary>
    FilterOdd = 8,
}
