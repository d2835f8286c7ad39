using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;

namespace Reclaim.Model.MultiGen;

/// <summary>
/// Aging: when a new generation is made, and how much is scanned.
/// Source: should_run_aging, get_nr_to_scan, try_to_inc_max_seq, inc_max_seq, inc_min_seq in mm/vmscan.c, v6.8, v6.1 and v6.14.
/// </summary>
internal sealed partial class MultiGenLruvec
{
    /// <summary>Pages to look at in this pass; negative: leave the lruvec alone, it was aged.</summary>
    private long GetNrToScan(ref ScanControl sc)
    {
        var wanted = ShouldRunAging(out var total);
        if (Memcg.IsOffline && _rules.ScrapesOffline && EvictableMinSeq + MinNrGens <= _maxSeq)
        {
            return total;
        }

        total = sc.Unprotected(total);
        if (!wanted)
        {
            return total >> sc.Priority;
        }

        var outOfColdPages = EvictableMinSeq + MinNrGens > _maxSeq;
        if (_rules.AgingThen == AgingThen.GoOn)
        {
            if (sc.Priority != ScanControl.DefaultPriority)
            {
                // kswapd ages all memcgs before a pass, and none in it.
                if (sc.Kswapd)
                {
                    return 0;
                }

                IncMaxSeq();
                return total >> sc.Priority;
            }

            return outOfColdPages ? 0 : total >> sc.Priority;
        }

        // Aging is never worth it at the default priority.
        if (sc.Priority == ScanControl.DefaultPriority)
        {
            return outOfColdPages ? 0 : total >> sc.Priority;
        }

        IncMaxSeq();
        return -1;
    }

    /// <inheritdoc/>
    public override void Age()
    {
        Drain();
        _walkContext = true;
        if (ShouldRunAging(out _))
        {
            IncMaxSeq();
        }
    }

    /// <inheritdoc/>
    public override ListState TakeLists()
    {
        var wants = ShouldRunAging(out var total);
        return new ListState(0, FileSizes.Inactive, FileSizes.Active, 0, false)
        {
            InactiveAnon = CanSwap ? AnonSizes.Inactive : 0,
            ActiveAnon = CanSwap ? AnonSizes.Active : 0,
            OldestFileBirthNs = BirthNs(_minSeq[File]),
            Evictable = total,
            WantsAging = wants,
            HasShadowNodes = Memcg.Tree.ShadowNodes != 0,
            Batched = _batched + _activatingCount,
        };
    }

    private bool ShouldRunAging(out long total)
    {
        var (young, old) = (0L, 0L);
        total = 0;
        for (var type = FirstEvictable; type <= LastEvictable; type++)
        {
            for (var seq = _minSeq[type]; seq <= _maxSeq; seq++)
            {
                var size = Size(seq, type);
                total += size;
                if (seq == _maxSeq)
                {
                    young += size;
                }
                else if (seq + MinNrGens == _maxSeq)
                {
                    old += size;
                }
            }
        }

        var oldest = EvictableMinSeq;
        if (oldest + MinNrGens > _maxSeq)
        {
            return true;
        }

        if (_rules.AgingWanted == AgingCondition.FewerThanFour)
        {
            return oldest + MinNrGens >= _maxSeq;
        }

        if (oldest + MinNrGens < _maxSeq)
        {
            return false;
        }

        return young * MinNrGens > total || old * (MinNrGens + 2) < total;
    }

    /// <summary>Makes a new generation.</summary>
    /// <param name="forceScan">Whether the walk looks at every page table, accessed or not.</param>
    private void IncMaxSeq(bool forceScan = false)
    {
        if ((Capabilities & LruGenCapabilities.Walk) != 0 && (!Memcg.Rmap.IsEmpty || CanSwap))
        {
            WalkPageTables(forceScan);
        }

        _walkContext = true;
        for (var type = File; type >= Anon; type--)
        {
            if (NrGens(type) == MaxNrGens)
            {
                IncMinSeq(type);
            }
        }

        Controller.StartGeneration(_maxSeq + 1, Anon);
        Controller.StartGeneration(_maxSeq + 1, File);
        _birthNs[SlotOf(_maxSeq + 1)] = _clock();
        _maxSeq++;
        Agings++;
    }

    /// <summary>Forces the oldest of four generations away: its pages go to the very tail of the next, one by one, so the block ends up reversed.</summary>
    private void IncMinSeq(int type)
    {
        // Pages of a type that is not evictable stay in the slot, which becomes that of the youngest: nothing will scan them anyway.
        if (type >= FirstEvictable && type <= LastEvictable)
        {
            var from = At(_minSeq[type], type);
            var to = At(_minSeq[type] + 1, type);
            while (_lists[from].TryTakeTail(out var page))
            {
                int state = _state[page];
                if (_rules.TierTotals == TierTotals.ProtectedAndForced)
                {
                    CountProtected(state, type);
                }

                var list = ((state & FolioFlags.Gen) - 1) * 2 + type;
                if (list == from)
                {
                    list = to;
                    state = state & _keptByMove | SlotOf(_minSeq[type] + 1) + 1;
                    _state[page] = (byte)state;
                    _nrPages[from]--;
                    _nrPages[to]++;
                }

                Link(page, list, _lists[list].AddTail(page));
            }

            if (type == Anon)
            {
                ref var held = ref _processAnon[SlotOf(_minSeq[Anon])];
                _processAnon[SlotOf(_minSeq[Anon] + 1)] += held;
                held = 0;
            }
        }

        Controller.CarryOver(_minSeq[type], type);
        _minSeq[type]++;
    }
}
