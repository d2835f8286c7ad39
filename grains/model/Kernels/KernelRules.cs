using Reclaim.Model.Classic;

namespace Reclaim.Model.Kernels;

/// <summary>
/// The rules of the multi-gen policy by name, with the values each may take: what a scenario may write under
/// <c>kernel.rules</c> to try a changed kernel without writing code.
/// </summary>
public static class KernelRules
{
    private static readonly Rule[] All =
    [
        Of("insert.coldFile", "where a page read through a file descriptor enters", r => r.ColdFile,
            ("fixed", r => r with { ColdFile = ColdFilePlacement.Fixed }),
            ("oldest", r => r with { ColdFile = ColdFilePlacement.Oldest }),
            ("max-3+WS", r => r with { ColdFile = ColdFilePlacement.Distance })),
        Of("insert.anonOrDirty", "where an anonymous page outside a fault enters (no effect on file pages)", r => r.AnonOrDirty,
            ("max-1", r => r with { AnonOrDirty = AnonOrDirtyPlacement.MaxMinusOne }),
            ("min+1", r => r with { AnonOrDirty = AnonOrDirtyPlacement.MinPlusOne })),
        Of("insert.active", "where a page that was faulted in enters, or one that is activated", r => r.Active,
            ("max", r => r with { Active = ActivePlacement.Youngest }),
            ("max-1+WS", r => r with { Active = ActivePlacement.Distance })),
        Of("insert.activeClears", "flags that entering the youngest generation clears", r => r.ActiveClears,
            ("none", r => r with { ActiveClears = ActiveInsertClears.None }),
            ("R F", r => r with { ActiveClears = ActiveInsertClears.RefsAndReferenced })),
        Of("protect.saturated", "whether a saturated page is always protected once", r => r.Saturated,
            ("yes", r => r with { Saturated = SaturatedPage.Protected }),
            ("no", r => r with { Saturated = SaturatedPage.Unprotected }),
            ("yes, not counted", r => r with { Saturated = SaturatedPage.ProtectedUncounted })),
        Of("protect.to", "end of the next generation that a protected page goes to", r => r.ProtectTo,
            ("tail", r => r with { ProtectTo = ProtectedEnd.Tail }),
            ("head", r => r with { ProtectTo = ProtectedEnd.Head })),
        Of("protect.clears", "flags that protection clears", r => r.ProtectClears,
            ("R WS F", r => r with { ProtectClears = ProtectClears.All }),
            ("R F", r => r with { ProtectClears = ProtectClears.KeepWorkingset })),
        Of("refault.restoreIf", "from how many accesses on a recent refault is restored", r => r.RestoreIf,
            ("refs >= 2^W-1 or fault", r => r with { RestoreIf = RestoreCondition.AlmostSaturated }),
            ("refs = 2^W or fault", r => r with { RestoreIf = RestoreCondition.Saturated }),
            ("shadow WS", r => r with { RestoreIf = RestoreCondition.Workingset })),
        Of("refault.restoreSets", "flags that a restored page starts with", r => r.RestoreSets,
            ("F all, WS", r => r with { RestoreSets = RestoreSets.RefsAndWorkingset }),
            ("WS", r => r with { RestoreSets = RestoreSets.Workingset }),
            ("WS, else F", r => r with { RestoreSets = RestoreSets.WorkingsetElseRefs })),
        Of("refault.countIf", "which refaults workingset_refault counts", r => r.RefaultCountIf,
            ("any", r => r with { RefaultCountIf = RefaultCount.Any }),
            ("recent only", r => r with { RefaultCountIf = RefaultCount.Recent })),
        Of("refault.recent", "when a refault is recent, and what follows from it", r => r.Refault,
            ("token seq = min", r => r with { Refault = RefaultModel.Sequence }),
            ("distance", r => r with { Refault = RefaultModel.Distance }),
            ("distance by type", r => r with { Refault = RefaultModel.DistanceByType }),
            ("max - token seq < 4", r => r with { Refault = RefaultModel.Window })),
        Of("activate.counts", "what workingset_activate counts", r => r.ActivateCounts,
            ("recent refault", r => r with { ActivateCounts = ActivateCount.RecentRefault }),
            ("protection", r => r with { ActivateCounts = ActivateCount.Protection }),
            ("recent refault in fault", r => r with { ActivateCounts = ActivateCount.RecentRefaultInFault })),
        Of("access.order", "flags that successive reads of a page set", r => r.AccessOrder,
            ("R, WS, F", r => r with { AccessOrder = AccessOrder.WorkingsetSecond }),
            ("R, F, WS", r => r with { AccessOrder = AccessOrder.WorkingsetLast })),
        Of("access.mapped", "at which sight of an accessed page table entry a page is promoted", r => r.MappedUse,
            ("first", r => r with { MappedUse = MappedUse.FirstSight }),
            ("second", r => r with { MappedUse = MappedUse.SecondSight })),
        Of("access.advised", "accesses that reclaim knows nothing of: through mappings after madvise or POSIX_FADV_NOREUSE, or, of those after MADV_RANDOM, only that a page is in use when it is to be evicted", r => r.AdvisedMapping,
            ("unseen", r => r with { AdvisedMapping = AdvisedMapping.Unseen }),
            ("random in use", r => r with { AdvisedMapping = AdvisedMapping.RandomReferenced })),
        Of("isolate.clears", "flags that isolation clears", r => r.IsolationClears,
            ("R; WS F without R", r => r with { IsolationClears = IsolationClears.ReferencedAndUnread }),
            ("F without R", r => r with { IsolationClears = IsolationClears.UnreadRefs })),
        Of("putback.to", "where an isolated page goes that is not freed", r => r.PutBack,
            ("max", r => r with { PutBack = PutBack.Youngest }),
            ("by flags", r => r with { PutBack = PutBack.Flags })),
        Of("tier.from", "what makes the tier of a page", r => r.Tier,
            ("F+WS", r => r with { Tier = TierBasis.Refs }),
            ("3 with WS, else log2(F+1)", r => r with { Tier = TierBasis.Workingset })),
        Of("tier.totals", "what the controller counts as judged besides evictions", r => r.TierTotals,
            ("protected", r => r with { TierTotals = TierTotals.Protected }),
            ("protected, forced", r => r with { TierTotals = TierTotals.ProtectedAndForced })),
        Of("tier.gains", "gains of tier 0 and of the tiers above", r => r.TierGains,
            ("1:2", r => r with { TierGains = (1, 2) }),
            ("2:3", r => r with { TierGains = (2, 3) })),
        Of("type.choice", "which type is scanned, anonymous pages or files", r => r.TypeChoice,
            ("older, then tier 0", r => r with { TypeChoice = TypeChoice.OlderThenFirstTier }),
            ("sum of all tiers", r => r with { TypeChoice = TypeChoice.AllTiers })),
        Of("type.oldest", "how the oldest generations of the two types may lie", r => r.MinSeqOrder,
            ("anon <= file", r => r with { MinSeqOrder = MinSeqOrder.AnonFirst }),
            ("independent", r => r with { MinSeqOrder = MinSeqOrder.Independent })),
        Of("aging.wanted", "when a new generation is made", r => r.AgingWanted,
            ("2/4 size rule", r => r with { AgingWanted = AgingCondition.Sizes }),
            ("< 4 generations", r => r with { AgingWanted = AgingCondition.FewerThanFour })),
        Of("aging.then", "what a reclaimer does after it aged", r => r.AgingThen,
            ("stop", r => r with { AgingThen = AgingThen.Stop }),
            ("go on", r => r with { AgingThen = AgingThen.GoOn })),
        Of("scan.batch", "pages that one round looks at", r => r.BatchWithinTarget,
            ("4096", r => r with { BatchWithinTarget = false }),
            ("min(target, 4096)", r => r with { BatchWithinTarget = true })),
        Of("sort.dirty", "how reclaim meets a dirty page", r => r.Dirty,
            ("next gen", r => r with { Dirty = DirtySort.NextGeneration }),
            ("isolate", r => r with { Dirty = DirtySort.Isolate })),
        Of("flusher.wake", "when reclaim wakes the flushers: all file pages of a pass, or of a round, were dirty", r => r.FlusherWake,
            ("never", r => r with { FlusherWake = FlusherWake.Never }),
            ("dirty pass", r => r with { FlusherWake = FlusherWake.DirtyPass }),
            ("dirty round", r => r with { FlusherWake = FlusherWake.DirtyRound })),
        Of("flusher.share", "share of the background threshold that a device has: by what was written to it lately", r => r.FlusherShare,
            ("written lately", r => r with { FlusherShare = FlusherShare.WrittenLately }),
            ("at least an eighth", r => r with { FlusherShare = FlusherShare.AtLeastEighth })),
        Of("lookaround.self", "whether a look-around marks the page it began with", r => r.LookAroundMarksSelf,
            ("marked", r => r with { LookAroundMarksSelf = true }),
            ("cleared first", r => r with { LookAroundMarksSelf = false })),
        Of("lookaround.promotes", "how a look-around promotes a batch full of pages or more", r => r.LookAroundInPlace,
            ("by activation", r => r with { LookAroundInPlace = false }),
            ("in place", r => r with { LookAroundInPlace = true })),
        Of("limit.walk", "cgroups that one pass of reclaim for a limit they share walks", r => r.LimitWalk,
            ("full", r => r with { LimitWalk = LimitWalk.Full }),
            ("partial", r => r with { LimitWalk = LimitWalk.Partial })),
        Of("protect.partly", "how far a memcg is scanned that is partly below memory.low or memory.min", r => r.ScalesProtected,
            ("as any other", r => r with { ScalesProtected = false }),
            ("in proportion", r => r with { ScalesProtected = true })),
        Of("global.order", "order in which reclaim of a node goes from memcg to memcg", r => r.GlobalOrder,
            ("memcg LRU", r => r with { GlobalOrder = GlobalOrder.MemcgLru }),
            ("tree", r => r with { GlobalOrder = GlobalOrder.Tree })),
        Of("global.small", "when a memcg too small to be scanned is passed over", r => r.SmallMemcgsFirst,
            ("after a try", r => r with { SmallMemcgsFirst = false }),
            ("at once", r => r with { SmallMemcgsFirst = true })),
        Of("kswapd.stop", "when kswapd ends a pass early", r => r.KswapdStop,
            ("request or high mark", r => r with { KswapdStop = KswapdStop.HighMark }),
            ("request", r => r with { KswapdStop = KswapdStop.Request }),
            ("request and high mark", r => r with { KswapdStop = KswapdStop.RequestAndHighMark })),
        Of("kswapd.priority", "priority at which kswapd begins", r => r.InitialPriority,
            ("12", r => r with { InitialPriority = InitialPriority.Default }),
            ("estimated", r => r with { InitialPriority = InitialPriority.Estimated }),
            ("estimated of a third", r => r with { InitialPriority = InitialPriority.EstimatedOfThird }),
            ("estimated, from 6", r => r with { InitialPriority = InitialPriority.EstimatedToHalf })),
        Of("proactive.portion", "pages that memory.reclaim asks for at a time", r => r.ReclaimPortion,
            ("rest", r => r with { ReclaimPortion = ReclaimPortion.Rest }),
            ("32", r => r with { ReclaimPortion = ReclaimPortion.Cluster }),
            ("quarter of the rest", r => r with { ReclaimPortion = ReclaimPortion.Quarter })),
        Of("proactive.swappiness", "whether memory.reclaim takes a swappiness", r => (r.ReclaimTakesSwappiness, r.ReclaimTakesAnonOnly),
            ("no", r => r with { ReclaimTakesSwappiness = false, ReclaimTakesAnonOnly = false }),
            ("yes", r => r with { ReclaimTakesSwappiness = true, ReclaimTakesAnonOnly = false }),
            ("yes, and max", r => r with { ReclaimTakesSwappiness = true, ReclaimTakesAnonOnly = true })),
        Of("migrate.keeps", "flags that a page keeps that is moved to another node", r => r.MigrationKeepsRefs,
            ("R WS", r => r with { MigrationKeepsRefs = false }),
            ("R WS F", r => r with { MigrationKeepsRefs = true })),
        Of("demote.proactive", "what memory.reclaim does with pages for which slower memory has no room", r => r.ProactiveKeepsUndemoted,
            ("evict", r => r with { ProactiveKeepsUndemoted = false }),
            ("keep", r => r with { ProactiveKeepsUndemoted = true })),
        Of("demote.to", "nodes that the pages of a cgroup are demoted to", r => r.DemotesWithinCpuset,
            ("any", r => r with { DemotesWithinCpuset = false }),
            ("cpuset.mems", r => r with { DemotesWithinCpuset = true })),
        Of("classic.flush", "when classic reclaim refreshes the statistics it balances by", r => r.ClassicFlush,
            ("every pass", r => r with { ClassicFlush = StatisticsFlush.EveryPass }),
            ("periodic", r => r with { ClassicFlush = StatisticsFlush.Periodic })),
        Of("classic.boost", "what boosts the watermarks: a page taken from a pageblock of another mobility, or only a block claimed whole", r => r.BoostsOnSinglePages,
            ("page", r => r with { BoostsOnSinglePages = true }),
            ("block", r => r with { BoostsOnSinglePages = false })),
        Of("batch.add", "pages in the LRU add batch", r => r.AddBatch,
            ("15", r => r with { AddBatch = 15 }),
            ("31", r => r with { AddBatch = 31 })),
    ];

    /// <summary>Names, each with its values and its meaning.</summary>
    public static IReadOnlyList<(string Name, IReadOnlyList<string> Values, string Meaning)> List { get; } =
        [.. All.Select(rule => (rule.Name, (IReadOnlyList<string>)[.. rule.Values.Select(value => value.Text)], rule.Meaning))];

    /// <summary>What a variant chooses for each rule, in the order of <see cref="List"/>.</summary>
    /// <exception cref="ArgumentException">No such variant.</exception>
    public static IReadOnlyList<string> ChoicesOf(string variant) => ChoicesOf(new KernelChoice { Variant = variant });

    /// <summary>What a kernel comes to for each rule, in the order of <see cref="List"/>.</summary>
    /// <exception cref="ArgumentException">No such variant, rule or value.</exception>
    public static IReadOnlyList<string> ChoicesOf(KernelChoice kernel)
    {
        var rules = kernel.ResolveRules();
        return [.. All.Select(rule => rule.Values.First(value => Equals(rule.Read(value.Apply(rules)), rule.Read(rules))).Text)];
    }

    /// <summary>What is wrong with a rule or its value, or null.</summary>
    public static string? Problem(string name, string value)
    {
        try
        {
            Apply(default, name, value);
            return null;
        }
        catch (ArgumentException e)
        {
            return e.Message.Replace($" (Parameter '{e.ParamName}')", "", StringComparison.Ordinal);
        }
    }

    /// <summary>Replaces one rule.</summary>
    /// <exception cref="ArgumentException">No such rule or value; the message names what there is.</exception>
    internal static KernelRuleSet Apply(KernelRuleSet rules, string name, string value)
    {
        var rule = Array.Find(All, candidate => candidate.Name == name)
            ?? throw new ArgumentException($"no rule is called '{name}': {string.Join(", ", All.Select(candidate => candidate.Name))}", nameof(name));
        var wanted = Normal(value);
        foreach (var (text, apply) in rule.Values)
        {
            if (Normal(text) == wanted)
            {
                return apply(rules);
            }
        }

        throw new ArgumentException($"'{value}' is not one of: {string.Join(" | ", rule.Values.Select(candidate => candidate.Text))}", nameof(value));
    }

    /// <summary>Values compare without regard to spaces, case and ways of writing ≥, ≤ and −.</summary>
    private static string Normal(string text) =>
        text.Replace(" ", "").Replace("≥", ">=").Replace("≤", "<=").Replace("−", "-").ToLowerInvariant() switch
        {
            "true" or "on" => "yes",
            "false" or "off" => "no",
            var other => other,
        };

    private static Rule Of(string name, string meaning, Func<KernelRuleSet, object> read, params (string Text, Func<KernelRuleSet, KernelRuleSet> Apply)[] values) =>
        new(name, meaning, read, values);

    private sealed record Rule(
        string Name, string Meaning, Func<KernelRuleSet, object> Read, (string Text, Func<KernelRuleSet, KernelRuleSet> Apply)[] Values);
}
