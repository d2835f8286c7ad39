using Reclaim.Model.Lruvecs;

namespace Reclaim.Model.MultiGen;

/// <summary>
/// Pages that leave for a lruvec on another node, or come from one.
///
/// <code>
///   oldest generation ──would be evicted──► node below: where a cold page enters, keeping WS        (demotion)
///   any generation ──hint fault──► node of the CPU: where an active page enters, the youngest        (promotion)
/// </code>
///
/// The list of pages to be demoted is built from its end and gone through from its beginning: the youngest of a round goes first, and if room
/// ends before the list does, the oldest are evicted.
/// Source: shrink_folio_list, demote_folio_list in mm/vmscan.c, v6.12; lru_gen_del_folio, lru_gen_add_folio in include/linux/mm_inline.h;
/// folio_migrate_flags in mm/migrate.c, v6.12 and v6.14.
/// </summary>
internal sealed partial class MultiGenLruvec
{
    private readonly uint[] _demoting = new uint[MinLruBatch];

    /// <summary>Whether this reclaim is memory.reclaim's.</summary>
    private bool _proactive;

    /// <inheritdoc/>
    public override bool TryPromote(uint page, Lruvec to, bool inFault)
    {
        int state = _state[page];
        var gen = state & FolioFlags.Gen;
        if (gen is 0 or >= FolioFlags.InBatch || (state & FolioFlags.Activating) != 0)
        {
            return false;
        }

        var active = inFault || gen == SlotOf(_maxSeq) + 1 || gen == SlotOf(_maxSeq - 1) + 1;
        Remove(page);
        ((MultiGenLruvec)to).Receive(page, state, active, Memcg.Migrate(page, to.Node));
        return true;
    }

    /// <summary>Demotes isolated pages, the last ones first.</summary>
    /// <returns>How many of them found room.</returns>
    private int Demote(ReadOnlySpan<uint> pages)
    {
        if (pages.IsEmpty)
        {
            return 0;
        }

        var (nodes, left) = (Memcg.Nodes!, pages.Length);
        for (var target = nodes.NextDemotionNode(Node); left > 0 && nodes.FindBelow(target) is >= 0 and var node; left--)
        {
            var page = pages[left - 1];
            ((MultiGenLruvec)Memcg.LruvecOn(node)).Receive(page, _state[page], active: false, Memcg.Migrate(page, node));
        }

        return pages.Length - left;
    }

    /// <summary>A page comes from another node.</summary>
    private void Receive(uint page, int state, bool active, bool mapped)
    {
        _state[page] = (byte)(state & KeptByMigration | (active ? FolioFlags.InBatchActive : FolioFlags.InBatch));
        _batch[_batched++] = page;
        if (mapped || _batched == _batch.Length)
        {
            DrainAdded();
        }
    }

    /// <summary>Flags that a page keeps on another node.</summary>
    private int KeptByMigration => FolioFlags.Workingset | FolioFlags.Referenced | (_rules.MigrationKeepsRefs ? FolioFlags.Refs : 0);
}
