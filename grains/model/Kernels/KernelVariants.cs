using Reclaim.Model.Classic;

namespace Reclaim.Model.Kernels;

/// <summary>
/// The kernels of the argument, each as a set of rule choices. A new one is a line here.
///
/// Sources: mm/vmscan.c, mm/workingset.c, mm/swap.c and include/linux/mm_inline.h of Debian 6.1.192, v6.6 (for v6.7-rc4),
/// v6.8 and Debian 6.12.117; "[PATCH mm-unstable v1 1/4] mm/mglru: fix underprotected page cache" for what lies between
/// v6.7-rc4 and v6.8; "[RFC PATCH v3 0/6] Refault distance update with MGLRU support" for rfc-v4; mm/workingset.c and mm/vmscan.c
/// of OpenCloudOS 6.6; v6.14 with "[PATCH mm-unstable v3 6/6] mm/mglru: rework workingset protection"; v6.19.
/// </summary>
internal static class KernelVariants
{
    /// <summary>v6.8: 6.7 with "mm/mglru: fix underprotected page cache" and the rest of that series.</summary>
    private static readonly KernelVariant V6_8 = new("v6.8", new KernelRuleSet
    {
        RefsWidth = 2,
        HistoryGenerations = 1,
        AddBatch = 15,
        ColdFile = ColdFilePlacement.Fixed,
        AnonOrDirty = AnonOrDirtyPlacement.MaxMinusOne,
        ActiveClears = ActiveInsertClears.None,
        Active = ActivePlacement.Youngest,
        Saturated = SaturatedPage.Protected,
        ProtectTo = ProtectedEnd.Tail,
        ProtectClears = ProtectClears.All,
        RestoreIf = RestoreCondition.AlmostSaturated,
        RestoreSets = RestoreSets.RefsAndWorkingset,
        RefaultCountIf = RefaultCount.Any,
        Refault = RefaultModel.Sequence,
        ActivateCounts = ActivateCount.RecentRefault,
        TierGains = (1, 2),
        AccessOrder = AccessOrder.WorkingsetSecond,
        MappedUse = MappedUse.FirstSight,
        IsolationClears = IsolationClears.ReferencedAndUnread,
        PutBack = PutBack.Youngest,
        Tier = TierBasis.Refs,
        TierTotals = TierTotals.Protected,
        TypeChoice = TypeChoice.OlderThenFirstTier,
        MinSeqOrder = MinSeqOrder.AnonFirst,
        AgingWanted = AgingCondition.Sizes,
        AgingThen = AgingThen.Stop,
        ScanBudget = 4096,
        Dirty = DirtySort.NextGeneration,
        FlusherWake = FlusherWake.Never,
        FlusherShare = FlusherShare.WrittenLately,
        LookAroundMarksSelf = true,
        GlobalOrder = GlobalOrder.MemcgLru,
        KswapdStop = KswapdStop.HighMark,
        InitialPriority = InitialPriority.Estimated,
        ReclaimPortion = ReclaimPortion.Cluster,
        ProactiveKeepsUndemoted = true,
        BoostsOnSinglePages = true,
        ClassicFlush = StatisticsFlush.EveryPass,
    });

    private static readonly KernelVariant V6_1_192 = new("v6.1.192", V6_8.Rules with
    {
        RefaultCountIf = RefaultCount.Recent,
        ActivateCounts = ActivateCount.Protection,
        AgingThen = AgingThen.GoOn,
        AdvisedMapping = AdvisedMapping.RandomReferenced,
        LookAroundInPlace = true,
        GlobalOrder = GlobalOrder.Tree,
        KswapdStop = KswapdStop.RequestAndHighMark,
        InitialPriority = InitialPriority.Default,
        ReclaimPortion = ReclaimPortion.Rest,
        ProactiveKeepsUndemoted = false,
    });

    /// <summary>Before the fix.</summary>
    private static readonly KernelVariant V6_7_Rc4 = new("v6.7-rc4", Unfixed(V6_8.Rules) with
    {
        SmallMemcgsFirst = true,
        KswapdStop = KswapdStop.Request,
        InitialPriority = InitialPriority.EstimatedOfThird,
    });

    private static readonly KernelVariant V6_12_117 = new("v6.12.117", V6_8.Rules with
    {
        HistoryGenerations = 4,
        AddBatch = 31,
        ActiveClears = ActiveInsertClears.RefsAndReferenced,
        Dirty = DirtySort.Isolate,
        FlusherWake = FlusherWake.DirtyRound,
        LookAroundMarksSelf = false,
        LimitWalk = LimitWalk.Partial,
        InitialPriority = InitialPriority.EstimatedToHalf,
        ReclaimPortion = ReclaimPortion.Quarter,
        ReclaimTakesSwappiness = true,
        ClassicFlush = StatisticsFlush.Periodic,
        NewDebugfs = true,
    });

    private static readonly KernelVariant V6_12_117_Unfixed = new("v6.12.117-unfixed", Unfixed(V6_12_117.Rules));

    /// <summary>"mm/mglru: performance optimizations", December 2024: accesses, placement, protection, refaults and balance anew.</summary>
    private static readonly KernelVariant V6_14 = new("v6.14", V6_12_117.Rules with
    {
        HistoryGenerations = 1,
        ColdFile = ColdFilePlacement.Distance,
        Active = ActivePlacement.Distance,
        ActiveClears = ActiveInsertClears.None,
        Saturated = SaturatedPage.ProtectedUncounted,
        ProtectTo = ProtectedEnd.Head,
        ProtectClears = ProtectClears.KeepWorkingset,
        RestoreIf = RestoreCondition.Workingset,
        RestoreSets = RestoreSets.WorkingsetElseRefs,
        Refault = RefaultModel.Window,
        ActivateCounts = ActivateCount.RecentRefaultInFault,
        AccessOrder = AccessOrder.WorkingsetLast,
        MappedUse = MappedUse.SecondSight,
        IsolationClears = IsolationClears.UnreadRefs,
        PutBack = PutBack.Flags,
        MigrationKeepsRefs = true,
        Tier = TierBasis.Workingset,
        TierGains = (2, 3),
        TierTotals = TierTotals.ProtectedAndForced,
        TypeChoice = TypeChoice.AllTiers,
        MinSeqOrder = MinSeqOrder.Independent,
        AgingWanted = AgingCondition.FewerThanFour,
        Dirty = DirtySort.NextGeneration,
        FlusherWake = FlusherWake.DirtyPass,
        FlusherShare = FlusherShare.AtLeastEighth,
        NewCommands = true,
    });

    /// <summary>v6.14 with rounds no larger than what was asked for.</summary>
    private static readonly KernelVariant V6_19 = new("v6.19", V6_14.Rules with
    {
        BatchWithinTarget = true,
        BoostsOnSinglePages = false,
        ReclaimTakesAnonOnly = true,
        DemotesWithinCpuset = true,
        ScalesProtected = true,
    });

    /// <summary>OpenCloudOS 6.6: a v6.6.y with the fix, and refault distances as its author made them for production.</summary>
    private static readonly KernelVariant OpenCloudOs = new("opencloudos", Distance(V6_8.Rules) with { Refault = RefaultModel.DistanceByType });

    /// <summary>All variants, oldest kernel first.</summary>
    public static IReadOnlyList<KernelVariant> All { get; } =
    [
        V6_1_192,
        V6_7_Rc4,
        new("rfc-v4", Distance(V6_7_Rc4.Rules)),
        OpenCloudOs,
        V6_8,
        V6_12_117,
        V6_12_117_Unfixed,
        new("v6.12.117-refault-distance", Distance(V6_12_117_Unfixed.Rules)),
        V6_14,
        V6_19,
    ];

    /// <summary>The variant of that name, or null.</summary>
    public static KernelVariant? Find(string name) => All.FirstOrDefault(variant => variant.Name == name);

    private static KernelRuleSet Distance(KernelRuleSet rules) => rules with
    {
        Refault = RefaultModel.Distance,
        RestoreIf = RestoreCondition.AlmostSaturated,
    };

    private static KernelRuleSet Unfixed(KernelRuleSet rules) => rules with
    {
        ColdFile = ColdFilePlacement.Oldest,
        AnonOrDirty = AnonOrDirtyPlacement.MinPlusOne,
        Saturated = SaturatedPage.Unprotected,
        RestoreIf = RestoreCondition.Saturated,
        RestoreSets = RestoreSets.Workingset,
    };
}

/// <summary>A kernel by name.</summary>
/// <param name="Name">As scenarios write it.</param>
/// <param name="Rules">Its choices.</param>
internal sealed record KernelVariant(string Name, KernelRuleSet Rules);
