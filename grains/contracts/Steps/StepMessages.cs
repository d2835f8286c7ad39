namespace Reclaim.Contracts.Steps;

/// <summary>Which call of which life of a run this is. A repeated (incarnation, step) returns the stored report.</summary>
/// <param name="Incarnation">Grows by one each time the host is rolled back or restarted.</param>
/// <param name="Step">Grows by one each step; the first is 1.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.id/1")]
public readonly record struct StepId([property: Id(0)] int Incarnation, [property: Id(1)] long Step);

/// <summary>What the coordinator allows a memcg in one step.</summary>
/// <param name="Id">The step.</param>
/// <param name="HorizonNs">Virtual time up to which it may run.</param>
/// <param name="Pages">Pages it may take from its node in this step, beyond those it holds.</param>
/// <param name="MaxAccesses">Accesses after which it must report even before the horizon, so that a turn stays short.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.grant/1")]
public readonly record struct StepGrant(
    [property: Id(0)] StepId Id,
    [property: Id(1)] long HorizonNs,
    [property: Id(2)] long Pages,
    [property: Id(3)] long MaxAccesses)
{
    /// <summary>Set for a memcg that shares a limit with others.</summary>
    [Id(4)] public SharedStepGrant? Shared { get; init; }
}

/// <summary>What a memcg must know of the others that it shares a limit with.</summary>
/// <param name="StartNs">Virtual time it is.</param>
/// <param name="Round">Whether to stop after one turn of each of its jobs.</param>
/// <param name="SingleFirst">Whether its first page is charged alone.</param>
/// <param name="StallNs">What reclaim cost the task that waited for it.</param>
/// <param name="OthersStock">Pages that another memcg's stock of this CPU adds to the room above.</param>
/// <param name="DropStock">Pages of its own stock that went back to the counters.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.shared-grant/1")]
public readonly record struct SharedStepGrant(
    [property: Id(0)] long StartNs,
    [property: Id(1)] bool Round,
    [property: Id(2)] bool SingleFirst,
    [property: Id(3)] long StallNs,
    [property: Id(4)] long OthersStock,
    [property: Id(62)] int DropStock)
{
    /// <summary>Classic only: ages and costs of the cgroups above, from the root on, and what the other members below each have on their lists; null: there are none.</summary>
    [Id(110)] public ListsMessage[]? Above { get; init; }

    /// <summary>Pages it may take from its node.</summary>
    [Id(7)] public long NodePages { get; init; }

    /// <summary>What the other memcg's stock adds to <see cref="HighRoom"/>.</summary>
    [Id(70)] public long OthersStockToHigh { get; init; }

    /// <summary>Pages until some memory.high above is exceeded.</summary>
    [Id(71)] public long HighRoom { get; init; }

    /// <summary>What the task must sleep that charged above one.</summary>
    [Id(72)] public long SleepNs { get; init; }

    /// <summary>What others leave it of swap.</summary>
    [Id(73)] public SwapRoomMessage Swap { get; init; }

    /// <summary>What is in the queues of the devices that it shares with others; null: nothing.</summary>
    [Id(90)] public DeviceMessage?[]? Devices { get; init; }

    /// <summary>Virtual time before which nobody makes a request to these any more.</summary>
    [Id(93)] public long RequestsSinceNs { get; init; }

    /// <summary>Virtual time from which on it may begin no request to these.</summary>
    [Id(92)] public long RequestsUntilNs { get; init; }

    /// <summary>What the host has in its page cache; null: so much may be dirty that its own limits never come first.</summary>
    [Id(91)] public HostCacheMessage? Cache { get; init; }

    /// <summary>Virtual time before which the host has no CPU for it.</summary>
    [Id(8)] public long CpuFreeNs { get; init; }

    /// <summary>For one with pages on several nodes: free pages by node; null for others.</summary>
    [Id(40)] public long[]? Free { get; init; }

    /// <summary>Whether it may take pages of them down to their min watermarks.</summary>
    [Id(41)] public bool Slow { get; init; }

    /// <summary>The nodes whose kswapd need not be woken, a bit each.</summary>
    [Id(43)] public ulong Awake { get; init; }

    /// <summary>What the node of its CPU remembers of promotions.</summary>
    [Id(44)] public PromotionMessage Promotion { get; init; }

    /// <summary>What others have done to the files that it shares with them; null: nothing.</summary>
    [Id(60)] public FileChangeMessage[]? News { get; init; }

    /// <summary>Classic only, where files are shared: what refaults of pages are judged by that others evicted.</summary>
    [Id(61)] public EvictorMessage[]? Evictors { get; init; }
}

/// <summary>What a memcg must know of the page cache of its host.</summary>
/// <param name="Dirtyable">Pages that could be dirty.</param>
/// <param name="OthersDirty">Dirty pages of others.</param>
/// <param name="OthersUnderWriteback">Pages of others that are being written.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.host-cache/1")]
public readonly record struct HostCacheMessage(
    [property: Id(0)] long Dirtyable, [property: Id(1)] long OthersDirty, [property: Id(2)] long OthersUnderWriteback);

/// <summary>What a memcg has in its page cache.</summary>
/// <param name="FilePages">All pages of files.</param>
/// <param name="Dirty">Those that are dirty.</param>
/// <param name="UnderWriteback">Those that are being written.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.cache/1")]
public readonly record struct CacheMessage([property: Id(0)] long FilePages, [property: Id(1)] long Dirty, [property: Id(2)] long UnderWriteback);

/// <summary>What a node that pages are promoted to remembers.</summary>
/// <param name="ThresholdMs">The hot threshold in force; 0: as it was set.</param>
/// <param name="AdjustedMs">When it was last adjusted.</param>
/// <param name="CandidatesAdjusted">Candidates until then.</param>
/// <param name="RateSinceMs">When the second began that the rate is of.</param>
/// <param name="CandidatesThen">Candidates until then.</param>
/// <param name="Candidates">Candidates in all.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.promotion/1")]
public readonly record struct PromotionMessage(
    [property: Id(0)] long ThresholdMs,
    [property: Id(1)] long AdjustedMs,
    [property: Id(2)] long CandidatesAdjusted,
    [property: Id(3)] long RateSinceMs,
    [property: Id(4)] long CandidatesThen,
    [property: Id(5)] long Candidates);

/// <summary>What happened to a page of a shared file.</summary>
/// <param name="Kind">What.</param>
/// <param name="File">Number of the file on its host.</param>
/// <param name="Cgroup">Number of the cgroup it is about.</param>
/// <param name="Index">Page of the file.</param>
/// <param name="Shadow">The shadow entry it left.</param>
/// <param name="MappedBy">Number of the cgroup through whose mapping it was accessed.</param>
/// <param name="Mapping">Which of that cgroup's mappings of shared files.</param>
/// <param name="Recency">How far reclaim goes by accesses through it.</param>
/// <param name="Executable">Whether it is mapped to be executed.</param>
/// <param name="Common">How many of the cgroups above that cgroup are above whoever is told as well.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.file-change/2")]
public readonly record struct FileChangeMessage(
    [property: Id(0)] byte Kind, [property: Id(1)] ushort File, [property: Id(2)] ushort Cgroup, [property: Id(3)] uint Index, [property: Id(4)] uint Shadow,
    [property: Id(5)] ushort MappedBy, [property: Id(6)] ushort Mapping, [property: Id(7)] byte Recency, [property: Id(8)] bool Executable, [property: Id(9)] ushort Common);

/// <summary>What a refault of a page that another cgroup evicted is judged by.</summary>
/// <param name="Cgroup">Number of that cgroup.</param>
/// <param name="Common">How many of the cgroups above it are above the one that asks as well.</param>
/// <param name="Ages">nonresident_age of those above it, from the root on, and of itself.</param>
/// <param name="Workingsets">Pages that a refaulting file page competes with there, likewise.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.evictor/2")]
public readonly record struct EvictorMessage(
    [property: Id(0)] ushort Cgroup, [property: Id(1)] int Common, [property: Id(2)] uint[] Ages, [property: Id(3)] long[] Workingsets);

/// <summary>What the classic policy of a memcg contributes to the cgroup above that reclaims for several.</summary>
/// <param name="Age">nonresident_age of that cgroup.</param>
/// <param name="InactiveFile">File pages on the inactive list.</param>
/// <param name="ActiveFile">On the active list.</param>
/// <param name="ActivatedFile">workingset_activate_file.</param>
/// <param name="SkippedDeactivate">Whether the last order was not let shrink the active list.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.lists/1")]
public readonly record struct ListsMessage(
    [property: Id(0)] uint Age,
    [property: Id(1)] long InactiveFile,
    [property: Id(2)] long ActiveFile,
    [property: Id(3)] long ActivatedFile,
    [property: Id(4)] bool SkippedDeactivate)
{
    /// <summary>Anonymous pages on the inactive list.</summary>
    [Id(5)] public long InactiveAnon { get; init; }

    /// <summary>On the active list.</summary>
    [Id(6)] public long ActiveAnon { get; init; }

    /// <summary>workingset_activate_anon.</summary>
    [Id(7)] public long ActivatedAnon { get; init; }

    /// <summary>What evicting anonymous pages has cost that cgroup.</summary>
    [Id(8)] public long AnonCost { get; init; }

    /// <summary>And file pages.</summary>
    [Id(9)] public long FileCost { get; init; }

    /// <summary>Multi-gen only: pages that could be evicted.</summary>
    [Id(10)] public long Evictable { get; init; }

    /// <summary>Multi-gen only: whether a generation is wanted before.</summary>
    [Id(11)] public bool WantsAging { get; init; }

    /// <summary>Whether there are tree nodes of nothing but shadows.</summary>
    [Id(12)] public bool HasShadowNodes { get; init; }

    /// <summary>New pages that are in a batch yet.</summary>
    [Id(13)] public int Batched { get; init; }

    /// <summary>Multi-gen only: when its oldest generation of files was made.</summary>
    [Id(30)] public long OldestFileBirthNs { get; init; }

    /// <summary>Classic only: pages that a refaulting file page competes with.</summary>
    [Id(60)] public long Workingset { get; init; }
}

/// <summary>What others leave a cgroup of swap, slots.</summary>
/// <param name="Max">Until some memory.swap.max above is reached.</param>
/// <param name="Half">Until half of it is.</param>
/// <param name="Others">By area: those that others use; null: none.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.swap-room/1")]
public readonly record struct SwapRoomMessage([property: Id(0)] long Max, [property: Id(1)] long Half, [property: Id(2)] long[]? Others);

/// <summary>What is in the queue of a device.</summary>
/// <param name="StartsNs">When requests get their channel, ascending.</param>
/// <param name="DonesNs">When they give it back, ascending.</param>
/// <param name="TransferringNs">From when to when something is transferred: two for each such time, ascending.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.device/1")]
public readonly record struct DeviceMessage([property: Id(0)] long[] StartsNs, [property: Id(1)] long[] DonesNs, [property: Id(2)] long[] TransferringNs);

/// <summary>Why a memcg stopped.</summary>
[GenerateSerializer, Alias("reclaim.step.stop/1")]
public enum StepStop
{
    /// <summary>It reached the horizon.</summary>
    Horizon,

    /// <summary>It used up the accesses of its grant.</summary>
    Accesses,

    /// <summary>It needs more pages than granted.</summary>
    Pages,

    /// <summary>All its workloads are done.</summary>
    Done,

    /// <summary>Each of its jobs has had its turn.</summary>
    Round,

    /// <summary>The kswapd of some node is to be woken.</summary>
    Wake,

    /// <summary>A task has charged pages above some memory.high above it.</summary>
    High,

    /// <summary>It is before a request to a device that it shares, which others may come before.</summary>
    Request,
}

/// <summary>What a memcg did in one step: all that the shared nodes and devices must know.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.step.report/1")]
public readonly record struct StepReport(
    [property: Id(0)] StepId Id,
    [property: Id(1)] StepStop Stop,
    [property: Id(2)] long NowNs,
    [property: Id(3)] long PagesTaken,
    [property: Id(4)] long Accesses,
    [property: Id(5)] long Misses,
    [property: Id(6)] long Refaults,
    [property: Id(7)] long Scanned,
    [property: Id(8)] long Reclaimed)
{
    /// <summary>Pages in its stock.</summary>
    [Id(9)] public int Stock { get; init; }

    /// <summary>Whether it has filled its stock.</summary>
    [Id(10)] public bool Refilled { get; init; }

    /// <summary>Its lists.</summary>
    [Id(11)] public ListsMessage Lists { get; init; }

    /// <summary>Pages it took from the cgroups above.</summary>
    [Id(13)] public long Charged { get; init; }

    /// <summary>Pages it took from the node.</summary>
    [Id(14)] public long Allocated { get; init; }

    /// <summary>Classic only: ages and costs of the cgroups above, as they are now; null: there are none.</summary>
    [Id(110)] public ListsMessage[]? Above { get; init; }

    /// <summary>Of one with pages on several nodes: its lists, and pages it took, by node; null of others.</summary>
    [Id(40)] public ListsMessage[]? ListsByNode { get; init; }

    /// <inheritdoc cref="ListsByNode"/>
    [Id(41)] public long[]? AllocatedByNode { get; init; }

    /// <summary>The nodes whose kswapd is to be woken, a bit each.</summary>
    [Id(42)] public ulong Wakes { get; init; }

    /// <summary>What the node of its CPU remembers of promotions.</summary>
    [Id(43)] public PromotionMessage Promotion { get; init; }

    /// <summary>CPU time its jobs had.</summary>
    [Id(15)] public long CpuNs { get; init; }

    /// <summary>memory.low, memory.min and memory.high, pages, if one was written on the way.</summary>
    [Id(17)] public long? Low { get; init; }

    /// <inheritdoc cref="Low"/>
    [Id(18)] public long? Min { get; init; }

    /// <inheritdoc cref="Low"/>
    [Id(70)] public long? High { get; init; }

    /// <summary>Whether the cgroup was removed.</summary>
    [Id(77)] public bool Offline { get; init; }

    /// <summary>Pages that a task charged above memory.high, its own or one above.</summary>
    [Id(71)] public long OverHighPages { get; init; }

    /// <summary>Virtual time at which it did.</summary>
    [Id(72)] public long OverHighAtNs { get; init; }

    /// <summary>Slots of swap in use by area; null: no change.</summary>
    [Id(73)] public long[]? Swap { get; init; }

    /// <summary>What is in the queues of devices that it shares with others, and has used; null: it has used none.</summary>
    [Id(90)] public DeviceMessage?[]? Devices { get; init; }

    /// <summary>What it has in its page cache.</summary>
    [Id(91)] public CacheMessage Cache { get; init; }

    /// <summary>What its tasks were at, for the pressure of cgroups above; null: no change.</summary>
    [Id(16)] public TaskChange[]? Pressure { get; init; }

    /// <summary>The avg10 of memory.pressure's some, hundredths of a per cent; null: no news.</summary>
    [Id(80)] public int? MemoryAvg10 { get; init; }

    /// <summary>Of scanned and reclaimed: what was not for its limit.</summary>
    [Id(12)] public KindsMessage Kinds { get; init; }

    /// <summary>What it did to files that it shares with others; null: nothing.</summary>
    [Id(60)] public FileChangeMessage[]? Files { get; init; }
}

/// <summary>A task goes from one set of states to another (psi.c), and perhaps to another CPU.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.step.task-change/1")]
public readonly record struct TaskChange(
    [property: Id(0)] long AtNs,
    [property: Id(1)] int FromCpu,
    [property: Id(2)] int ToCpu,
    [property: Id(3)] byte From,
    [property: Id(4)] byte To);

/// <summary>Pages scanned and reclaimed by reason.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.step.kinds/1")]
public readonly record struct KindsMessage(
    [property: Id(0)] long HighScanned,
    [property: Id(1)] long HighReclaimed,
    [property: Id(2)] long ProactiveScanned,
    [property: Id(3)] long ProactiveReclaimed);
