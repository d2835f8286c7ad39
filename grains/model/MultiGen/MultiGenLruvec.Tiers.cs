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
/// Source: shrink_folio_list in mm/vmscan.c, v6.12; lru_gen_del_folio, lru_gen_add_folio in include/linux/mm_inline.h;
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

    /// <inheritdoc/>
    protected override void ReceiveDemoted(uint page, bool mapped) => Receive(page, _state[page], active: false, mapped);

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
