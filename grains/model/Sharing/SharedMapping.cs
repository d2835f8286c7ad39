namespace Reclaim.Model.Sharing;

/// <summary>
/// What ties page tables to those of other cgroups that map the same file.
///
/// <code>
///   the container whose process has the mapping        the container that is charged for the page
///   entry accessed ──────────────── Mapped ──────────► its copy of the entry is accessed
///   its entry is not accessed ◄──── Aged ───────────── reclaim takes the copy's accessed bit
///   entry gone, with its page ◄──── Evicted ────────── reclaim frees the page
///   entry gone, the process exits ─ Unmapped ────────► its copy is gone
/// </code>
///
/// So whoever is charged finds in a copy of the other's page table what reclaim would find in that table itself (folio_referenced walks all
/// mappings of the file), of the pages that it is charged for; of others the copy says nothing.
/// Source: folio_referenced, invalid_folio_referenced_vma in mm/rmap.c, v6.8.
/// </summary>
/// <param name="pages">Of the container that has it or the copy.</param>
/// <param name="mapping">The mapping.</param>
/// <param name="isCopy">Whether it is the copy.</param>
internal sealed class SharedMapping(SharedPages pages, FileMapping mapping, bool isCopy)
{
    /// <summary>Whether reclaim on behalf of a cgroup goes by it: only if its process is below that (mm_match_cgroup).</summary>
    /// <param name="target">Which of the cgroups above, counted from the root on; <see cref="int.MaxValue"/>: the container's own.</param>
    public bool CountsFor(int target) => !isCopy || target < mapping.Common;

    /// <summary>The processor set the accessed bit of a page's entry.</summary>
    public void Accessed(uint page)
    {
        if (!isCopy)
        {
            pages.Mapped(page, mapping);
        }
    }

    /// <summary>Reclaim took it off.</summary>
    public void Aged(uint page)
    {
        if (isCopy)
        {
            pages.Aged(page, mapping);
        }
    }

    /// <summary>A page's entry is gone because its process is.</summary>
    public void Unmapped(uint page)
    {
        if (!isCopy)
        {
            pages.Unmapped(page, mapping);
        }
    }
}
