using Reclaim.Model.Folios;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Mappings;

namespace Reclaim.Model.Memcg;

/// <content>
/// Pages that go to another node and stay charged. Where they go and whether, is for <see cref="Numa.PageNodes"/> and
/// <see cref="Numa.Promotion"/> to say.
/// Source: migrate_pages, folio_migrate_flags, migrate_misplaced_folio in mm/migrate.c; do_numa_page in mm/memory.c, v6.12.
/// Simplified: memory.current does not rise while a page is copied.
/// </content>
internal sealed partial class MemoryCgroup
{
    /// <summary>Whether a page is locked because it is being read from swap.</summary>
    public bool IsBeingRead(uint page) => Transfers.Reads && Transfers.IsReading(page, Clock());

    /// <summary>Moves an isolated page to another node.</summary>
    /// <returns>Whether some process maps it.</returns>
    public bool Migrate(uint page, int to)
    {
        Nodes!.Move(page, to);
        return !Rmap.IsEmpty && Rmap.Migrate(page);
    }

    /// <summary>The lruvec of another node, for pages that go there.</summary>
    public Lruvec LruvecOn(int node) => ((NodeLruvecs)Lruvec).On(node);

    /// <summary>A page was used whose entry had been made inaccessible: the entry is restored, and the page promoted if it is hot.</summary>
    /// <returns>Whether it was.</returns>
    public bool HintFault(Vma vma, int index, long nowNs)
    {
        Stat.Pgfault++;
        Stat.NumaHintFaults++;
        vma.Pte[index] &= ~PteFlags.Hint;
        var (page, promotion) = (vma.FirstFolio + (uint)index, Nodes!.Promotion!);
        if (!promotion.IsBelow(page))
        {
            return false;
        }

        var hot = promotion.IsHot(page, nowNs, out var candidate);
        Stat.PgpromoteCandidate += candidate ? 1 : 0;
        return hot && TryPromote(vma, page);
    }

    private bool TryPromote(Vma vma, uint page)
    {
        var writeback = Folios.Writeback.Length == 0 ? WritebackFlags.None : Folios.Writeback[page];
        if (!vma.Anonymous && (writeback & WritebackFlags.Dirty) != 0)
        {
            return false;
        }

        var to = Nodes!.Plan.Cpu;
        if (!Nodes.Promotion!.HasRoom() || (writeback & WritebackFlags.Writeback) != 0 || IsBeingRead(page)
            || !Lruvec.TryPromote(page, LruvecOn(to), vma.HasRecency))
        {
            return false;
        }

        Stat.PgpromoteSuccess++;
        return true;
    }
}
