using Reclaim.Model.Classic;

namespace Reclaim.Model.Kernels;

/// <summary>Where a page read through a file descriptor enters (lru_gen_add_folio).</summary>
internal enum ColdFilePlacement
{
    /// <summary>"mm/mglru: fix underprotected page cache": the second oldest of four generations, else the oldest.</summary>
    Fixed,

    /// <summary>Always the oldest (before that fix).</summary>
    Oldest,

    /// <summary>The fourth youngest, one younger with WS, or the oldest if there are fewer (v6.14).</summary>
    Distance,
}

/// <summary>Where a page with PG_active enters (lru_gen_add_folio).</summary>
internal enum ActivePlacement
{
    /// <summary>The youngest generation.</summary>
    Youngest,

    /// <summary>The second youngest, with WS the youngest (v6.14).</summary>
    Distance,
}

/// <summary>Where an anonymous page outside a fault, or a page that waits for its writeback, enters.</summary>
internal enum AnonOrDirtyPlacement
{
    /// <summary>The second youngest generation.</summary>
    MaxMinusOne,

    /// <summary>The second oldest (before the fix).</summary>
    MinPlusOne,
}

/// <summary>Flags that entering the youngest generation with PG_active clears.</summary>
internal enum ActiveInsertClears
{
    None,

    /// <summary>R and F (v6.13 and late v6.12.y).</summary>
    RefsAndReferenced,
}

/// <summary>What happens to a saturated page when its turn comes, whatever the controller says (sort_folio).</summary>
internal enum SaturatedPage
{
    /// <summary>Nothing special (before the fix).</summary>
    Unprotected,

    /// <summary>It is protected once.</summary>
    Protected,

    /// <summary>Likewise, and the controller does not hear of it (v6.14).</summary>
    ProtectedUncounted,
}

/// <summary>To which end of the next generation a protected page goes (sort_folio).</summary>
internal enum ProtectedEnd
{
    Tail,
    Head,
}

/// <summary>Flags that protection clears.</summary>
internal enum ProtectClears
{
    /// <summary>R, WS and F.</summary>
    All,

    /// <summary>R and F; WS stays (v6.14).</summary>
    KeepWorkingset,
}

/// <summary>From how many accesses on a recent refault is restored (lru_gen_refault).</summary>
internal enum RestoreCondition
{
    /// <summary>refs ≥ 2^W − 1.</summary>
    AlmostSaturated,

    /// <summary>refs = 2^W (before the fix).</summary>
    Saturated,

    /// <summary>The shadow says that the page had WS; being in a fault does not matter (v6.14).</summary>
    Workingset,
}

/// <summary>What a restored page starts with.</summary>
internal enum RestoreSets
{
    /// <summary>All of F, and WS: saturated.</summary>
    RefsAndWorkingset,

    /// <summary>WS only (before the fix).</summary>
    Workingset,

    /// <summary>WS; and what is not restored gets its F of before, which a read(2) clears (v6.14).</summary>
    WorkingsetElseRefs,
}

/// <summary>Which refaults workingset_refault counts.</summary>
internal enum RefaultCount
{
    Any,

    /// <summary>Only recent ones (before v6.5).</summary>
    Recent,
}

/// <summary>When a refault is recent, and what comes of it.</summary>
internal enum RefaultModel
{
    /// <summary>When its token carries the oldest generation's number.</summary>
    Sequence,

    /// <summary>By the distance in evictions: short, mid or long against the size of the lruvec ("Refault distance update with MGLRU support").</summary>
    Distance,

    /// <summary>Likewise, with a count of evictions for each type, and for anonymous pages too (OpenCloudOS).</summary>
    DistanceByType,

    /// <summary>When its token is fewer than four generations away from the youngest (v6.14).</summary>
    Window,
}

/// <summary>What workingset_activate counts.</summary>
internal enum ActivateCount
{
    RecentRefault,

    /// <summary>Pages protected in sort_folio (v6.1).</summary>
    Protection,

    /// <summary>Recent refaults in page faults, the only ones that set PG_active (v6.14).</summary>
    RecentRefaultInFault,
}

/// <summary>When a new generation is wanted (should_run_aging).</summary>
internal enum AgingCondition
{
    /// <summary>With two generations left; with three when the youngest holds more than half, or the third youngest less than a quarter.</summary>
    Sizes,

    /// <summary>With fewer than four generations (v6.14).</summary>
    FewerThanFour,
}

/// <summary>What a reclaimer does after it aged (get_nr_to_scan).</summary>
internal enum AgingThen
{
    /// <summary>Leaves the lruvec alone until the next priority.</summary>
    Stop,

    /// <summary>Goes on evicting (v6.1).</summary>
    GoOn,
}

/// <summary>How reclaim meets a dirty page or one under writeback.</summary>
internal enum DirtySort
{
    /// <summary>sort_folio moves it to the next generation.</summary>
    NextGeneration,

    /// <summary>It is isolated, and comes back from shrink_folio_list to the youngest generation (late v6.12.y).</summary>
    Isolate,
}

/// <summary>When multi-gen reclaim wakes the flushers: when all file pages it took were dirty, and nobody was writing them.</summary>
internal enum FlusherWake
{
    /// <summary>Never (up to v6.12.0): a cgroup full of dirty pages may run out of memory before anything is written.</summary>
    Never,

    /// <summary>All of a pass, those that sort_folio moved on included (try_to_shrink_lruvec, v6.13).</summary>
    DirtyPass,

    /// <summary>All of one round (evict_folios, late v6.12.y), as shrink_inactive_list always did.</summary>
    DirtyRound,
}

/// <summary>What share of the background threshold a flusher has that wrote nothing lately (__wb_calc_thresh).</summary>
internal enum FlusherShare
{
    /// <summary>None: it writes all that is dirty as soon as it wakes.</summary>
    WrittenLately,

    /// <summary>An eighth of what is left ("mm/page-writeback: consolidate wb_thresh bumping logic into __wb_calc_thresh", v6.14).</summary>
    AtLeastEighth,
}

/// <summary>How much of a subtree one pass of reclaim for its limit walks (shrink_node_memcgs).</summary>
internal enum LimitWalk
{
    /// <summary>All of it.</summary>
    Full,

    /// <summary>From where the last one stopped until enough is freed (v6.12).</summary>
    Partial,
}

/// <summary>In which order reclaim of a node goes from cgroup to cgroup (shrink_node).</summary>
internal enum GlobalOrder
{
    /// <summary>By the memcg LRU (v6.3).</summary>
    MemcgLru,

    /// <summary>All of the tree, as the classic policy does always.</summary>
    Tree,
}

/// <summary>When kswapd lets go of a pass over the memcgs before all of it is done (should_abort_scan).</summary>
internal enum KswapdStop
{
    /// <summary>With as much as it asked for, or with the high watermark reached ("mm/mglru: try to stop at high watermarks", v6.7).</summary>
    HighMark,

    /// <summary>With as much as it asked for.</summary>
    Request,

    /// <summary>With both, and only at priorities above 10 (v6.1).</summary>
    RequestAndHighMark,
}

/// <summary>At which priority kswapd begins (set_initial_priority).</summary>
internal enum InitialPriority
{
    /// <summary>At 12 (v6.1).</summary>
    Default,

    /// <summary>Where what it asks for is about what would be scanned of all inactive pages, 12 to 0.</summary>
    Estimated,

    /// <summary>Likewise, of a third of them ("mm/mglru: try to stop at high watermarks" undid that, v6.7).</summary>
    EstimatedOfThird,

    /// <summary>Likewise, of all, 12 to 6 (v6.12).</summary>
    EstimatedToHalf,
}

/// <summary>How many pages memory.reclaim asks for at a time (memory_reclaim).</summary>
internal enum ReclaimPortion
{
    /// <summary>All that is left (before "mm:vmscan: fix inaccurate reclaim during proactive reclaim", v6.6).</summary>
    Rest,

    /// <summary>SWAP_CLUSTER_MAX.</summary>
    Cluster,

    /// <summary>A quarter of what is left (v6.9).</summary>
    Quarter,
}

/// <summary>
/// The rule choices: everything in which kernels and patches differ, nearly all of it in the multi-gen policy. A variant is a
/// value of this type, and each place that asks one of these is a place where kernels differ.
/// </summary>
internal readonly record struct KernelRuleSet
{
    /// <summary>LRU_REFS_WIDTH, W: 0, 1 or 2.</summary>
    public int RefsWidth { get; init; }

    /// <summary>NR_HIST_GENS: 4 with CONFIG_LRU_GEN_STATS, else 1.</summary>
    public int HistoryGenerations { get; init; }

    /// <summary>PAGEVEC_SIZE: pages in the LRU add batch.</summary>
    public int AddBatch { get; init; }

    public ColdFilePlacement ColdFile { get; init; }

    public AnonOrDirtyPlacement AnonOrDirty { get; init; }

    public ActivePlacement Active { get; init; }

    public ActiveInsertClears ActiveClears { get; init; }

    public AccessOrder AccessOrder { get; init; }

    public TierBasis Tier { get; init; }

    public MappedUse MappedUse { get; init; }

    public AdvisedMapping AdvisedMapping { get; init; }

    public IsolationClears IsolationClears { get; init; }

    public PutBack PutBack { get; init; }

    /// <summary>What becomes of a page with refs = 2^W.</summary>
    public SaturatedPage Saturated { get; init; }

    public ProtectedEnd ProtectTo { get; init; }

    public ProtectClears ProtectClears { get; init; }

    public RestoreCondition RestoreIf { get; init; }

    public RestoreSets RestoreSets { get; init; }

    public RefaultCount RefaultCountIf { get; init; }

    public RefaultModel Refault { get; init; }

    public ActivateCount ActivateCounts { get; init; }

    /// <summary>Gains of tier 0 and of the tiers above when refault ratios are compared: 1:2, or 2:3 in v6.14.</summary>
    public (ulong Base, ulong Upper) TierGains { get; init; }

    public TierTotals TierTotals { get; init; }

    public TypeChoice TypeChoice { get; init; }

    public MinSeqOrder MinSeqOrder { get; init; }

    public AgingCondition AgingWanted { get; init; }

    public AgingThen AgingThen { get; init; }

    /// <summary>Pages looked at in one scan are at most this (MAX_LRU_BATCH).</summary>
    public int ScanBudget { get; init; }

    /// <summary>Whether one round evicts no more than the scan target even if that is below 64 (v6.19).</summary>
    public bool BatchWithinTarget { get; init; }

    public DirtySort Dirty { get; init; }

    public FlusherWake FlusherWake { get; init; }

    public FlusherShare FlusherShare { get; init; }

    /// <summary>
    /// Whether a look-around finds the page it began with accessed as well, and so marks it (before v6.12, which clears that entry first).
    /// </summary>
    public bool LookAroundMarksSelf { get; init; }

    /// <summary>Whether a look-around that finds a batch full of pages or more promotes them in place (v6.1).</summary>
    public bool LookAroundInPlace { get; init; }

    public LimitWalk LimitWalk { get; init; }

    /// <summary>Whether a memcg that is partly below memory.low or memory.min is scanned in proportion to the rest (v6.17; the classic policy always did).</summary>
    public bool ScalesProtected { get; init; }

    public GlobalOrder GlobalOrder { get; init; }

    /// <summary>Whether a memcg too small to be scanned is passed over before anything else is tried (before v6.7).</summary>
    public bool SmallMemcgsFirst { get; init; }

    /// <summary>Whether all pages of a memcg that was removed are looked at in a pass ("mm/mglru: reclaim offlined memcgs harder", as the above).</summary>
    public bool ScrapesOffline => GlobalOrder == GlobalOrder.MemcgLru && !SmallMemcgsFirst;

    public KswapdStop KswapdStop { get; init; }

    public InitialPriority InitialPriority { get; init; }

    public ReclaimPortion ReclaimPortion { get; init; }

    /// <summary>Whether LRU_REFS goes with a page to another node (folio_migrate_refs, v6.14).</summary>
    public bool MigrationKeepsRefs { get; init; }

    /// <summary>Whether memory.reclaim puts back what finds no room in slower memory, instead of evicting it (v6.3).</summary>
    public bool ProactiveKeepsUndemoted { get; init; }

    /// <summary>Whether pages are demoted to nodes of their memcg's cpuset.mems only (v6.16).</summary>
    public bool DemotesWithinCpuset { get; init; }

    /// <summary>Whether memory.reclaim takes a swappiness of its own (v6.9).</summary>
    public bool ReclaimTakesSwappiness { get; init; }

    /// <summary>Whether that may be <c>max</c>, for anonymous pages only (v6.16).</summary>
    public bool ReclaimTakesAnonOnly { get; init; }

    /// <summary>
    /// Whether a single page taken from a pageblock of another mobility boosts the watermarks; else only a block that is claimed whole does
    /// ("mm: page_alloc: don't steal single pages from biggest buddy", v6.15). A rule of the classic policy.
    /// </summary>
    public bool BoostsOnSinglePages { get; init; }

    /// <summary>A rule of the classic policy.</summary>
    public StatisticsFlush ClassicFlush { get; init; }

    /// <summary>Whether lru_gen_full has the columns of v6.12 and later.</summary>
    public bool NewDebugfs { get; init; }

    /// <summary>
    /// Whether lru_gen takes commands as from v6.14 on: "+" makes a generation however many there are and whichever is named, but
    /// for a future one; swappiness may be 201.
    /// </summary>
    public bool NewCommands { get; init; }
}
