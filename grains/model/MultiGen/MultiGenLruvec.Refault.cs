using Reclaim.Model.Kernels;
using Reclaim.Model.Memcg;

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
/// Until v6.13 the bit WS says that refs was not 0; from v6.14 on it is the page's WS, and refs − 1 = 0 stands for 0 as well.
///
/// Source: lru_gen_eviction, lru_gen_test_recent, lru_gen_refault in mm/workingset.c, v6.8 and v6.14; for distances
/// "[RFC PATCH v3 0/6] Refault distance update with MGLRU support", September 2023, and its later form in OpenCloudOS 6.6.
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

    /// <summary>Pages evicted since the beginning, of each type: the clocks that distances are measured with. The RFC has one for both.</summary>
    private readonly uint[] _evictions = new uint[2];

    private uint ShadowClock(int type) => (_rules.Refault switch
    {
        RefaultModel.Distance => _evictions[File]++,
        RefaultModel.DistanceByType => _evictions[type]++,
        _ => (uint)_minSeq[type],
    }) << ShadowClockShift;

    /// <summary>Judges a refault.</summary>
    /// <returns>State of the new page while it waits in the add batch.</returns>
    private int Refault(uint shadow, int type, bool inFault)
    {
        var clock = shadow >> ShadowClockShift;
        var workingset = (shadow & ShadowWorkingset) != 0;
        var refs = (int)(shadow >> ShadowRefsShift & 3) + (workingset || _rules.Tier == TierBasis.Workingset ? 1 : 0);
        var tier = FolioRefs.Tier(refs, workingset, _rules.Tier);
        Memcg.Fates.Count(PageFate.Returned, type, tier);
        return _rules.Refault is RefaultModel.Sequence or RefaultModel.Window
            ? RefaultBySequence(clock, refs, workingset, tier, type, inFault)
            : RefaultByDistance(clock, refs, workingset, tier, type, inFault);
    }

    private int RefaultBySequence(uint seq, int refs, bool workingset, int tier, int type, bool inFault)
    {
        var recent = _rules.Refault == RefaultModel.Sequence ? seq == ((uint)_minSeq[type] & ShadowClockMask) : IsWithinWindow(seq);
        if (recent || _rules.RefaultCountIf == RefaultCount.Any)
        {
            CountRefault(type);
        }

        if (!recent)
        {
            return FolioFlags.InBatch;
        }

        Controller.CountRefaulted(_minSeq[type], type, tier);
        Memcg.Fates.Count(PageFate.Recent, type, tier);
        CountActivated(type, inFault);
        if (!Restores(refs, workingset, inFault))
        {
            var further = _rules.RestoreSets == RestoreSets.WorkingsetElseRefs ? Math.Clamp(refs - 1, 0, MaxRefs) : 0;
            return FolioFlags.InBatch | further << FolioFlags.RefsShift;
        }

        CountRestore(type);
        return FolioFlags.InBatch | FolioFlags.Workingset
            | (_rules.RestoreSets == RestoreSets.RefsAndWorkingset ? MaxRefs << FolioFlags.RefsShift : 0);
    }

    private bool IsWithinWindow(uint seq)
    {
        var youngest = (uint)_maxSeq & ShadowClockMask;
        return Math.Max(youngest, seq) - Math.Min(youngest, seq) < MaxNrGens;
    }

    private int RefaultByDistance(uint evictionsThen, int refs, bool workingset, int tier, int type, bool inFault)
    {
        CountRefault(type);
        var byType = _rules.Refault == RefaultModel.DistanceByType;
        var distance = (_evictions[byType ? type : File] - evictionsThen) & ShadowClockMask;
        var grade = Grade(distance, countsAnon: byType ? Memcg.SwapFree > 0 : CanSwap);
        var recent = distance <= Controller.Evicted(_minSeq[type], type);
        if (!recent && grade == Distance.None)
        {
            return FolioFlags.InBatch;
        }

        Memcg.Fates.Count(PageFate.Recent, type, tier);
        var state = FolioFlags.InBatch;
        if (Restores(refs, workingset, inFault))
        {
            CountRestore(type);
            state = grade switch
            {
                Distance.Short when inFault => FolioFlags.InBatch | FolioFlags.Workingset | Math.Min(refs, MaxRefs) << FolioFlags.RefsShift,
                Distance.Short => FolioFlags.InBatchActive | FolioFlags.Workingset,
                _ when recent || grade == Distance.Mid =>
                    FolioFlags.InBatch | FolioFlags.Workingset | Math.Min(refs - (workingset ? 1 : 0), MaxRefs) << FolioFlags.RefsShift,
                _ => FolioFlags.InBatch | Math.Min(1, MaxRefs) << FolioFlags.RefsShift,
            };
        }

        // A page read once that comes back soon starts in tier 1, and counts there: tier 0 shows no refaults then.
        var credited = tier;
        if (grade == Distance.Short && tier == 0 && (byType || type == File))
        {
            state |= FolioFlags.Workingset;
            CountActivated(type, inFault);
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

    private bool Restores(int refs, bool workingset, bool inFault) => _rules.RestoreIf switch
    {
        RestoreCondition.AlmostSaturated => inFault || refs >= (1 << _rules.RefsWidth) - 1,
        RestoreCondition.Saturated => inFault || refs == 1 << _rules.RefsWidth,
        _ => workingset,
    };

    private void CountActivated(int type, bool inFault)
    {
        if (_rules.ActivateCounts == ActivateCount.RecentRefault || (_rules.ActivateCounts == ActivateCount.RecentRefaultInFault && inFault))
        {
            CountActivate(type);
        }
    }

    private void CountRefault(int type) => (type == File ? ref Memcg.Stat.WorkingsetRefaultFile : ref Memcg.Stat.WorkingsetRefaultAnon)++;

    private void CountActivate(int type) => (type == File ? ref Memcg.Stat.WorkingsetActivateFile : ref Memcg.Stat.WorkingsetActivateAnon)++;

    private void CountRestore(int type) => (type == File ? ref Memcg.Stat.WorkingsetRestoreFile : ref Memcg.Stat.WorkingsetRestoreAnon)++;

    /// <remarks>
    /// The size is what lruvec_page_state shows, and that is as old as the last flush of the memcg's statistics: see
    /// <c>FlushStatistics</c>. At the start of a cgroup's life nothing is close for that reason.
    /// </remarks>
    private Distance Grade(ulong distance, bool countsAnon)
    {
        var total = (ulong)(FlushedFilePages + (countsAnon ? Memcg.ProcessAnon + Memcg.AnonPages : 0));
        return distance <= total / 4 ? Distance.Short
            : distance <= total / 2 ? Distance.Mid
            : distance <= total ? Distance.Long
            : Distance.None;
    }
}
