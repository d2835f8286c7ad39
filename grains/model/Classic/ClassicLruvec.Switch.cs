using Reclaim.Model.Lruvecs;

namespace Reclaim.Model.Classic;

/// <summary>
/// The multi-gen LRU is switched on or off. Source: lru_gen_change_state, fill_evictable, drain_evictable in mm/vmscan.c, v6.8.
/// </summary>
internal sealed partial class ClassicLruvec
{
    /// <inheritdoc/>
    public override void HandOver(Lruvec to)
    {
        Drain();
        for (var list = 0; list < _lists.Length; list++)
        {
            while (_lists[list].TryTakeTail(out var page))
            {
                to.Accept(page, (list & 1) != 0, (_state[page] & Referenced) != 0, (_state[page] & Workingset) != 0);
            }
        }

        to.Drain();
        to.TakeLockedMoves();
    }

    /// <inheritdoc/>
    protected internal override void Accept(uint page, bool active, bool referenced, bool workingset)
    {
        _state[page] = (byte)((active ? Active : Inactive) | (referenced ? Referenced : 0) | (workingset ? Workingset : 0));
        Folios.Word[page] = ListOf(page, active).AddHead(page);
    }
}
