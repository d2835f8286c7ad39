using Reclaim.Model.Kernels;

namespace Reclaim.Model.MultiGen;

/// <summary>
/// Shadow entries and refaults.
///
/// <code>
///   31                                    4   3   2   1   0
///  ┌───────────────────────────────────────┬───────┬────┬───┐
///  │  min_seq, or the count of evictions   │ refs−1│ WS │ 1 │
///  └───────────────────────────────────────┴───────┴────┴───┘
/// </code>
///
/// Source: lru_gen_eviction, lru_gen_test_recent, lru_gen_refault in mm/workingset.c, v6.8; for distances
/// "[RFC PATCH v3 0/6] Refault distance update with MGLRU support", September 2023, and its later form.
/// </summary>
internal sealed partial class MultiGenLruvec
{
    private const int ShadowWorkingset = 2;
    private const int ShadowRefsShift = 2;
    private const int ShadowClockShift = 4;

    /// <summary>How far away a refault is, measured in evictions against the size of the lruvec.</summary>
    private enum Distance
    {
        Short,
        Mid,
        Long,
        None,
    }

    /// <summary>The clock of a shadow counts modulo 2²⁸, as the kernel's does modulo 2³⁴ or more.</summary>
    private const uint ShadowClockMask = uint.MaxValue >> ShadowClockShift;

    /// <summary>Pages evicted since the beginning: the clock that distances are measured with.</summary>
    private uint _evictions;

    private uint ShadowClock(int type) => (_rules.Refault == RefaultModel.Distance ? _evictions++ : (uint)_minSeq[type]) << ShadowClockShift;

    /// <summary>Judges a refault.</summary>
    /// <returns>State of the new page while it waits in the add batch.</returns>
    private int Refault(uint shadow, int type, bool inFault)
    {
        var clock = shadow >> ShadowClockShift;
        var workingset = (shadow & ShadowWorkingset) != 0 ? 1 : 0;
        var refs = (int)(shadow >> ShadowRefsShift & 3) + workingset;
        return _rules.Refault == RefaultModel.Sequence ? RefaultBySequence(clock, refs, type, inFault) : RefaultByDistance(clock, refs, workingset, type, inFault);
    }

    private int RefaultBySequence(uint seq, int refs, int type, bool inFault)
    {
        var recent = seq == ((uint)_minSeq[type] & ShadowClockMask);
        if (recent || _rules.RefaultCountIf == RefaultCount.Any)
        {
            CountRefault(type);
        }

        if (!recent)
        {
            return FolioFlags.InBatch;
        }

        Controller.CountRefaulted(_minSeq[type], type, FolioFlags.TierOf(refs));
        if (_rules.ActivateCounts == ActivateCount.RecentRefault)
        {
            CountActivate(type);
        }

        if (!inFault && !Restores(refs))
        {
            return FolioFlags.InBatch;
        }

        CountRestore(type);
        return FolioFlags.InBatch | FolioFlags.Workingset
            | (_rules.RestoreSets == RestoreSets.RefsAndWorkingset ? MaxRefs << FolioFlags.RefsShift : 0);
    }

    private int RefaultByDistance(uint evictionsThen, int refs, int workingset, int type, bool inFault)
    {
        CountRefault(type);
        var distance = (_evictions - evictionsThen) & ShadowClockMask;
        var grade = Grade(distance);
        var recent = distance <= Controller.Evicted(_minSeq[type], type);
        if (!recent && grade == Distance.None)
        {
            return FolioFlags.InBatch;
        }

        var tier = FolioFlags.TierOf(refs);
        var state = FolioFlags.InBatch;
        if (inFault || Restores(refs))
        {
            CountRestore(type);
            state = grade switch
            {
                Distance.Short when inFault => FolioFlags.InBatch | FolioFlags.Workingset | Math.Min(refs, MaxRefs) << FolioFlags.RefsShift,
                Distance.Short => FolioFlags.InBatchActive | FolioFlags.Workingset,
                _ when recent || grade == Distance.Mid =>
                    FolioFlags.InBatch | FolioFlags.Workingset | Math.Min(refs - workingset, MaxRefs) << FolioFlags.RefsShift,
                _ => FolioFlags.InBatch | Math.Min(1, MaxRefs) << FolioFlags.RefsShift,
            };
        }

        // A page read once that comes back soon starts in tier 1, and counts there: tier 0 shows no refaults then.
        var credited = tier;
        if (grade == Distance.Short && tier == 0)
        {
            state |= FolioFlags.Workingset;
            if (_rules.ActivateCounts == ActivateCount.RecentRefault)
            {
                CountActivate(type);
            }

            credited = 1;
        }

        if (credited == tier && recent)
        {
            Controller.CountRefaulted(_minSeq[type], type, tier);
        }
        else
        {
            Controller.CreditAverage(type, credited);
        }

        return state;
    }

    private int MaxRefs => (1 << _rules.RefsWidth) - 1;

    private bool Restores(int refs) => _rules.RestoreIf == RestoreCondition.AlmostSaturated
        ? refs >= (1 << _rules.RefsWidth) - 1
        : refs == 1 << _rules.RefsWidth;

    private void CountRefault(int type) => (type == File ? ref Memcg.Stat.WorkingsetRefaultFile : ref Memcg.Stat.WorkingsetRefaultAnon)++;

    private void CountActivate(int type) => (type == File ? ref Memcg.Stat.WorkingsetActivateFile : ref Memcg.Stat.WorkingsetActivateAnon)++;

    private void CountRestore(int type) => (type == File ? ref Memcg.Stat.WorkingsetRestoreFile : ref Memcg.Stat.WorkingsetRestoreAnon)++;

    /// <remarks>
    /// The size is what lruvec_page_state shows, and that is as old as the last flush of the memcg's statistics: see
    /// <c>FlushStatistics</c>. At the start of a cgroup's life nothing is close for that reason.
    /// </remarks>
    private Distance Grade(ulong distance)
    {
        var total = (ulong)(FlushedFilePages + (CanSwap ? Memcg.ProcessAnon + Memcg.AnonPages : 0));
        return distance <= total / 4 ? Distance.Short
            : distance <= total / 2 ? Distance.Mid
            : distance <= total ? Distance.Long
            : Distance.None;
    }
}
