using Reclaim.Model.Lruvecs;

namespace Reclaim.Model.MultiGen;

/// <summary>
/// The multi-gen LRU is switched on or off. Off: pages of the two youngest generations become active, slot by slot. On: active
/// pages enter the youngest generation, others by the rules for new pages. F is lost on the way, which classic knows nothing of.
/// Source: lru_gen_change_state, drain_evictable, fill_evictable in mm/vmscan.c, v6.8.
/// </summary>
internal sealed partial class MultiGenLruvec
{
    /// <inheritdoc/>
    public override void HandOver(Lruvec to)
    {
        Drain();
        foreach (var list in _lists)
        {
            while (list.TryTakeTail(out var page))
            {
                int state = _state[page];
                var slot = (state & FolioFlags.Gen) - 1;
                _nrPages[slot * 2 + TypeOf(page)]--;
                to.Accept(
                    page,
                    slot == SlotOf(_maxSeq) || slot == SlotOf(_maxSeq - 1),
                    (state & FolioFlags.Referenced) != 0,
                    (state & FolioFlags.Workingset) != 0);
            }
        }

        to.Drain();
        to.TakeLockedMoves();
    }

    /// <inheritdoc/>
    protected internal override void Accept(uint page, bool active, bool referenced, bool workingset)
    {
        _state[page] = (byte)((active ? FolioFlags.InBatchActive : FolioFlags.InBatch)
            | (referenced ? FolioFlags.Referenced : 0) | (workingset ? FolioFlags.Workingset : 0));
        _batch[_batched++] = page;
        if (_batched == _batch.Length)
        {
            DrainAdded();
        }
    }
}
