namespace Reclaim.Contracts.Steps;

/// <summary>Reclaim on behalf of a limit above, or of the node, of one memcg at one priority.</summary>
/// <param name="Id">Numbers the orders of a memcg.</param>
/// <param name="Priority">12 down to 0.</param>
/// <param name="NowNs">Virtual time it is.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.shrink/1")]
public readonly record struct ShrinkStep([property: Id(0)] StepId Id, [property: Id(1)] int Priority, [property: Id(2)] long NowNs)
{
    /// <summary>Classic only: whether the active list may be shrunk.</summary>
    [Id(3)] public bool MayDeactivate { get; init; }

    /// <summary>Classic only, as in a grant.</summary>
    [Id(110)] public ListsMessage[]? Above { get; init; }

    /// <summary>Which of those it is for, counted from the root on.</summary>
    [Id(111)] public int Target { get; init; }

    /// <summary>For whom.</summary>
    [Id(5)] public ShrinkReason Reason { get; init; }

    /// <summary>Pages asked for.</summary>
    [Id(6)] public long Wanted { get; init; }

    /// <summary>Pages after which it may end.</summary>
    [Id(7)] public long AbortAfter { get; init; }

    /// <summary>Only age.</summary>
    [Id(8)] public bool AgeOnly { get; init; }

    /// <summary>Classic only: whether the active list of anonymous pages may be shrunk.</summary>
    [Id(9)] public bool MayDeactivateAnon { get; init; }

    /// <summary>What others leave it of swap.</summary>
    [Id(73)] public SwapRoomMessage Swap { get; init; }

    /// <summary>What is in the queues of the devices that it shares with others; null: nothing.</summary>
    [Id(90)] public DeviceMessage?[]? Devices { get; init; }

    /// <summary>Virtual time before which nobody makes a request to these any more.</summary>
    [Id(93)] public long RequestsSinceNs { get; init; }

    /// <summary>Pages of it that are protected; null: it is scanned as any other.</summary>
    [Id(74)] public long? ProtectedPages { get; init; }

    /// <summary>Of how many.</summary>
    [Id(75)] public long ProtectedUsage { get; init; }

    /// <summary>Classic only: whether the node has hardly any file pages left.</summary>
    [Id(76)] public bool FileIsTiny { get; init; }

    /// <summary>Classic only: whether anonymous pages stay.</summary>
    [Id(112)] public bool NoSwap { get; init; }

    /// <summary>What is to be remembered of the pages that go.</summary>
    [Id(10)] public int Cause { get; init; }

    /// <summary>Instead of reclaim: what the OOM killer wants.</summary>
    [Id(30)] public OomStep? Oom { get; init; }

    /// <summary>Of one with pages on several nodes: which are to be reclaimed.</summary>
    [Id(40)] public int Node { get; init; }

    /// <summary>For one with pages on several nodes: free pages by node; null for others.</summary>
    [Id(41)] public long[]? Free { get; init; }

    /// <summary>The nodes that whoever reclaims may take pages from, a bit each.</summary>
    [Id(42)] public ulong Mems { get; init; }

    /// <summary>What others have done to the files that it shares with them; null: nothing.</summary>
    [Id(60)] public FileChangeMessage[]? News { get; init; }

    /// <summary>Only to tell it that.</summary>
    [Id(61)] public bool NewsOnly { get; init; }

    /// <summary>Of the reclaim that is written down: what the first page is marked with that goes; 0: with nothing.</summary>
    [Id(80)] public uint Mark { get; init; }
}

/// <summary>What the OOM killer wants of a memcg.</summary>
/// <param name="Action">To know its best victim, or to kill.</param>
/// <param name="TotalPages">Memory and swap of those among whom the victim is chosen.</param>
/// <param name="For">Path of the cgroup whose limit it is; <c>/</c>: the host's memory.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.oom/1")]
public readonly record struct OomStep([property: Id(0)] OomStepAction Action, [property: Id(1)] long TotalPages, [property: Id(2)] string For);

/// <summary>What is done about a victim.</summary>
[GenerateSerializer, Alias("reclaim.step.oom-action/1")]
public enum OomStepAction
{
    /// <summary>It is found.</summary>
    Weigh,

    /// <summary>It is killed.</summary>
    Kill,

    /// <summary>All are killed, with a cgroup above.</summary>
    KillAll,

    /// <summary>All are killed, for the cgroup's own memory.oom.group.</summary>
    KillGroup,
}

/// <summary>What came of it.</summary>
/// <param name="Points">Of the best victim, or null.</param>
/// <param name="Ended">Whether none of its jobs is left.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.oom-answer/1")]
public readonly record struct OomStepAnswer([property: Id(0)] long? Points, [property: Id(1)] bool Ended);

/// <summary>For whom is reclaimed.</summary>
[GenerateSerializer, Alias("reclaim.step.reason/1")]
public enum ShrinkReason
{
    /// <summary>A limit above.</summary>
    Limit,

    /// <summary>kswapd.</summary>
    Kswapd,

    /// <summary>A task that found its node short of pages.</summary>
    Direct,

    /// <summary>A task that charged pages above memory.high of a cgroup above.</summary>
    High,
}

/// <summary>What that came to.</summary>
/// <param name="PagesTaken">Pages given back, negative.</param>
/// <param name="Scanned">Pages looked at.</param>
/// <param name="Freed">Pages freed.</param>
/// <param name="CostNs">CPU time it took.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.shrunk/1")]
public readonly record struct ShrunkReport(
    [property: Id(0)] long PagesTaken,
    [property: Id(1)] long Scanned,
    [property: Id(2)] long Freed,
    [property: Id(3)] long CostNs)
{
    /// <summary>Slots of swap in use by area; null: no change.</summary>
    [Id(73)] public long[]? Swap { get; init; }

    /// <summary>What is in the queues of devices that it shares with others, and has used; null: it has used none.</summary>
    [Id(90)] public DeviceMessage?[]? Devices { get; init; }

    /// <summary>What it has in its page cache.</summary>
    [Id(91)] public CacheMessage Cache { get; init; }

    /// <summary>Its lists.</summary>
    [Id(4)] public ListsMessage Lists { get; init; }

    /// <summary>Pages given back to the cgroups above; negative.</summary>
    [Id(5)] public long Charged { get; init; }

    /// <summary>And to the node.</summary>
    [Id(6)] public long Allocated { get; init; }

    /// <summary>Whether it was aged.</summary>
    [Id(7)] public bool Aged { get; init; }

    /// <summary>What came of what the OOM killer wanted.</summary>
    [Id(30)] public OomStepAnswer Oom { get; init; }

    /// <summary>Classic only: ages and costs of the cgroups above, as they are now; null: there are none.</summary>
    [Id(110)] public ListsMessage[]? Above { get; init; }

    /// <summary>Of one with pages on several nodes: its lists, and pages given back, by node; null of others.</summary>
    [Id(40)] public ListsMessage[]? ListsByNode { get; init; }

    /// <inheritdoc cref="ListsByNode"/>
    [Id(41)] public long[]? AllocatedByNode { get; init; }

    /// <summary>The nodes whose kswapd is to be woken, a bit each.</summary>
    [Id(42)] public ulong Wakes { get; init; }

    /// <summary>What it did to files that it shares with others; null: nothing.</summary>
    [Id(60)] public FileChangeMessage[]? Files { get; init; }

    /// <summary>What the scan found, where that is written down.</summary>
    [Id(80)] public ScanSeenMessage? Seen { get; init; }
}

/// <summary>What a scan found.</summary>
/// <param name="OldestFile">min_seq of file pages when it began; −1 under the classic policy.</param>
/// <param name="OldestAnon">Likewise of anonymous pages.</param>
/// <param name="EvictedFile">File pages that went.</param>
/// <param name="EvictedAnon">Anonymous pages likewise.</param>
/// <param name="Protected">Pages found worth keeping.</param>
/// <param name="Activated">Pages found in use.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.scan-seen/1")]
public readonly record struct ScanSeenMessage(
    [property: Id(0)] long OldestFile,
    [property: Id(1)] long OldestAnon,
    [property: Id(2)] int EvictedFile,
    [property: Id(3)] int EvictedAnon,
    [property: Id(4)] int Protected,
    [property: Id(5)] int Activated);
