using Reclaim.Model.Lruvecs;

namespace Reclaim.Model.Classic;

/// <summary>
/// Pages that leave for the lists of another node, or come from there. One that is demoted enters the inactive list, one that is promoted the
/// list that it was on.
/// Source: shrink_folio_list in mm/vmscan.c; folio_migrate_flags in mm/migrate.c, v6.12.
/// </summary>
internal sealed partial class ClassicLruvec
{
    private readonly uint[] _demoting = new uint[ScanControl.SwapClusterMax];
    private readonly bool _keepsUndemoted;

    /// <summary>Whether this reclaim is memory.reclaim's.</summary>
    private bool _proactive;

    /// <inheritdoc/>
    public override bool TryPromote(uint page, Lruvec to, bool inFault)
    {
        int state = _state[page];
        if ((state & Place) is not (Inactive or Active))
        {
            return false;
        }

        Remove(page);
        ((ClassicLruvec)to).Receive(page, state & (Referenced | Workingset) | ((state & Place) == Active ? InBatchActive : InBatch), Memcg.Migrate(page, to.Node));
        return true;
    }

    /// <inheritdoc/>
    protected override void ReceiveDemoted(uint page, bool mapped) => Receive(page, _state[page] & Workingset | InBatch, mapped);

    /// <summary>A page comes from another node.</summary>
    private void Receive(uint page, int state, bool mapped)
    {
        Enter(page, state);
        if (mapped)
        {
            DrainAdded();
        }
    }
}
