using System.Runtime.CompilerServices;
using Reclaim.Model.Numa;

namespace Reclaim.Model.Mappings;

/// <summary>
/// The memory of one process (struct mm_struct): its mappings, and the translations that its CPU caches.
///
/// <code>
///   access ──► TLB holds the translation? ──yes──► nothing in memory changes
///                       │ no
///                       ▼
///              page table: present? ──yes──► accessed bit (and dirty) set, translation cached
///                       │ no
///                       ▼
///                  page fault
/// </code>
///
/// Reclaim clears accessed bits without flushing the TLB (x86: ptep_clear_flush_young), so a page whose translation is cached
/// looks unused until that is dropped: by a conflict in the cache, by unmapping, or by a context switch.
/// </summary>
/// <param name="tlbEntries">Translations cached: a power of two, or 0 for none.</param>
internal sealed class AddressSpace(int tlbEntries)
{
    /// <summary>Pages that one page-table page maps (PTRS_PER_PTE).</summary>
    public const int TablePages = 512;

    private readonly uint[] _tlb = new uint[Math.Max(1, tlbEntries)];
    private readonly uint _mask = (uint)Math.Max(1, tlbEntries) - 1;
    private readonly bool _caches = tlbEntries > 0;
    private readonly List<Vma> _vmas = [];
    private uint _next = TablePages;

    /// <summary>Its mappings, by address.</summary>
    public IReadOnlyList<Vma> Vmas => _vmas;

    /// <summary>By node: whether a walk has seen it: the first one looks at every table (force_scan for those added since).</summary>
    public ulong Walked { get; set; }

    /// <summary>By node: whether it ran on a CPU since the last walk (mm->lru_gen.bitmap).</summary>
    public ulong Ran { get; set; }

    /// <summary>What has its accesses to slower memory seen; null: nobody asks.</summary>
    public HintScanner? Scanner { get; set; }

    /// <summary>Threads that have not ended.</summary>
    public int Threads { get; set; }

    /// <summary>Whether the process exits when the last of them has.</summary>
    public bool Exits { get; set; }

    /// <summary>Whether it has.</summary>
    public bool Exited { get; set; }

    /// <summary>Maps a range of folios at the next free address, aligned to a page table.</summary>
    /// <param name="firstFolio">Page number of the first.</param>
    /// <param name="pages">How many.</param>
    /// <param name="anonymous">Private anonymous memory instead of a shared file mapping.</param>
    /// <param name="recency">How far reclaim goes by accesses through it.</param>
    /// <param name="executable">Whether it is mapped to be executed (VM_EXEC).</param>
    /// <param name="shared">Whether a mapping of the same with the same advice does, if there is one: another thread made it.</param>
    public Vma Map(uint firstFolio, int pages, bool anonymous, Recency recency = Recency.Full, bool shared = false, bool executable = false)
    {
        if (shared && _vmas.Find(other => other.FirstFolio == firstFolio && other.Recency == recency && other.Executable == executable) is { } known)
        {
            return known;
        }

        var vma = new Vma(this, _next, firstFolio, pages, anonymous, recency, executable);
        _vmas.Add(vma);
        _next += (uint)((pages + TablePages - 1) / TablePages * TablePages);
        return vma;
    }

    /// <summary>Whether the translation of a virtual page is cached; for a store, one that is known to be dirty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Caches(uint virtualPage, bool write)
    {
        var entry = _tlb[virtualPage & _mask];
        return write ? entry == (virtualPage << 1 | 1) : entry >> 1 == virtualPage;
    }

    /// <summary>Caches a translation.</summary>
    public void Cache(uint virtualPage, bool dirty)
    {
        if (_caches)
        {
            _tlb[virtualPage & _mask] = virtualPage << 1 | (dirty ? 1u : 0);
        }
    }

    /// <summary>Drops the translation of one page (flush_tlb_page).</summary>
    public void FlushPage(uint virtualPage)
    {
        ref var entry = ref _tlb[virtualPage & _mask];
        if (entry >> 1 == virtualPage)
        {
            entry = 0;
        }
    }

    /// <summary>Drops all translations: another process ran on the CPU.</summary>
    public void Flush() => _tlb.AsSpan().Clear();
}
