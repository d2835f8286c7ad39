using Reclaim.Model.Hierarchy;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Numa;
using Reclaim.Model.Oom;
using Reclaim.Model.Pressure;
using Reclaim.Model.Records;
using Reclaim.Model.Sharing;
using Reclaim.Model.Swap;
using Reclaim.Model.Time;
using Reclaim.Model.Writeback;

namespace Reclaim.Model.Steps;

/// <summary>What a memcg did in one step. Counts are of this step alone.</summary>
/// <param name="Stop">Why it stopped.</param>
/// <param name="NowNs">Virtual time it has reached.</param>
/// <param name="PagesTaken">Pages it took from its node; negative: gave back.</param>
/// <param name="Accesses">Accesses made.</param>
/// <param name="Misses">Accesses that found no page.</param>
/// <param name="Refaults">Misses on a page whose shadow was found.</param>
/// <param name="Scanned">Pages that reclaim looked at.</param>
/// <param name="Reclaimed">Pages that reclaim freed.</param>
public readonly record struct Report(
    StopReason Stop, long NowNs, long PagesTaken, long Accesses, long Misses, long Refaults, long Scanned, long Reclaimed)
{
    /// <summary>CPU time its jobs had.</summary>
    public long CpuNs { get; init; }

    /// <summary>Its memory.low, memory.min and memory.high, pages, if one was written on the way.</summary>
    public (long Low, long Min, long High)? Restriction { get; init; }

    /// <summary>Whether the cgroup was removed.</summary>
    public bool Offline { get; init; }

    /// <summary>Pages that a task charged above memory.high, its own or one above, and when.</summary>
    public (long Pages, long AtNs) OverHigh { get; init; }

    /// <summary>What its tasks were at, if that is to be reported; null: no change.</summary>
    public IReadOnlyList<StateChange>? Pressure { get; init; }

    /// <summary>The avg10 of memory.pressure's some, hundredths of a per cent, once in each of its periods; null: no news.</summary>
    public int? MemoryAvg10 { get; init; }

    /// <summary>Pages in its stock.</summary>
    public int Stock { get; init; }

    /// <summary>Whether it has filled its stock, and with that taken it from whoever had it.</summary>
    public bool Refilled { get; init; }

    /// <summary>Its lists.</summary>
    public ListState Lists { get; init; }

    /// <summary>Classic only: ages and costs of the cgroups above, as they are now; null: there are none.</summary>
    public IReadOnlyList<ListState>? Above { get; init; }

    /// <summary>Its lists by node, and <see cref="Allocated"/> likewise, if it has pages on several; null if not.</summary>
    public IReadOnlyList<ListState>? ListsByNode { get; init; }

    /// <inheritdoc cref="ListsByNode"/>
    public IReadOnlyList<long>? AllocatedByNode { get; init; }

    /// <summary>The nodes whose kswapd is to be woken, a bit each; none as long as it is only cut off by its accesses.</summary>
    public ulong Wakes { get; init; }

    /// <summary>What the node of its CPU remembers of promotions.</summary>
    public PromotionState Promotion { get; init; }

    /// <summary>Pages it took from the cgroups above: of memory.current.</summary>
    public long Charged { get; init; }

    /// <summary>Pages it took from the node: not those in its stock.</summary>
    public long Allocated { get; init; }

    /// <summary>Slots of swap in use by area; null: no change.</summary>
    public IReadOnlyList<long>? Swap { get; init; }

    /// <summary>What is in the queues of devices that it shares with others, and has used; null: it has used none.</summary>
    public IReadOnlyList<DeviceState?>? Devices { get; init; }

    /// <summary>What it has in its page cache.</summary>
    public CacheState Cache { get; init; }

    /// <summary>Of <see cref="Scanned"/> and <see cref="Reclaimed"/>: what was neither for its limit.</summary>
    public ReclaimKinds Kinds { get; init; }

    /// <summary>What it did to files that it shares with others, in order; null: nothing.</summary>
    public IReadOnlyList<FileChange>? Files { get; init; }
}

/// <summary>Pages scanned and reclaimed by reason: those for a limit are the rest.</summary>
/// <param name="HighScanned">For memory.high.</param>
/// <param name="HighReclaimed">For memory.high.</param>
/// <param name="ProactiveScanned">For memory.reclaim.</param>
/// <param name="ProactiveReclaimed">For memory.reclaim.</param>
public readonly record struct ReclaimKinds(long HighScanned, long HighReclaimed, long ProactiveScanned, long ProactiveReclaimed)
{
    public static ReclaimKinds operator +(ReclaimKinds one, ReclaimKinds other) => new(
        one.HighScanned + other.HighScanned, one.HighReclaimed + other.HighReclaimed,
        one.ProactiveScanned + other.ProactiveScanned, one.ProactiveReclaimed + other.ProactiveReclaimed);

    public static ReclaimKinds operator -(ReclaimKinds one, ReclaimKinds other) => new(
        one.HighScanned - other.HighScanned, one.HighReclaimed - other.HighReclaimed,
        one.ProactiveScanned - other.ProactiveScanned, one.ProactiveReclaimed - other.ProactiveReclaimed);
}

/// <summary>Why is reclaimed from a memcg on somebody else's behalf.</summary>
public enum ReclaimReason
{
    /// <summary>A limit above it has no room.</summary>
    Limit,

    /// <summary>kswapd brings its node back to the high watermark.</summary>
    Kswapd,

    /// <summary>A task found its node below the min watermark.</summary>
    Direct,

    /// <summary>A task charged pages above memory.high of a cgroup above.</summary>
    High,
}

/// <summary>An order to reclaim on behalf of a limit that is shared, or of the node (shrink_lruvec and shrink_slab of one memcg at one priority).</summary>
/// <param name="Priority">12 down to 0.</param>
/// <param name="NowNs">Virtual time it is.</param>
public sealed record ShrinkOrder(int Priority, long NowNs)
{
    /// <summary>For whom.</summary>
    public ReclaimReason Reason { get; init; }

    /// <summary>Of one with pages on several nodes: which are to be reclaimed.</summary>
    public int Node { get; init; }

    /// <summary>For one with pages on several nodes: free pages by node.</summary>
    public IReadOnlyList<long>? Free { get; init; }

    /// <summary>What others leave it of swap.</summary>
    public SwapRoom Swap { get; init; } = SwapRoom.Alone;

    /// <summary>What is in the queues of the devices that it shares with others, as in a grant.</summary>
    public IReadOnlyList<DeviceState?>? Devices { get; init; }

    /// <summary>Virtual time before which nobody makes a request to these any more.</summary>
    public long RequestsSinceNs { get; init; }

    /// <summary>The nodes that whoever reclaims may take pages from, a bit each.</summary>
    public ulong Mems { get; init; } = ulong.MaxValue;

    /// <summary>What is to be remembered of the pages that go: who asked (<see cref="Memcg.ReclaimCause"/>).</summary>
    public int Cause { get; init; }

    /// <summary>Of the reclaim that is written down: its mark (<see cref="ReclaimLog.MarkOf"/>), or 0.</summary>
    public uint Mark { get; init; }

    /// <summary>Pages asked for.</summary>
    public long Wanted { get; init; } = ScanControl.SwapClusterMax;

    /// <summary>Pages after which it may end although the scan target is not reached.</summary>
    public long AbortAfter { get; init; } = long.MaxValue;

    /// <summary>How many pages of it memory.low or memory.min protects, and of how many: it is scanned the less for it; null: as any other.</summary>
    public (long Pages, long Usage)? Protected { get; init; }

    /// <summary>Classic only: whether the node has hardly any file pages left, so that it is anonymous ones that go.</summary>
    public bool FileIsTiny { get; init; }

    /// <summary>Classic only: whether anonymous pages stay where they are (may_swap of kswapd, when it makes room for a boost alone).</summary>
    public bool NoSwap { get; init; }

    /// <summary>Instead of all that: what the OOM killer wants.</summary>
    public OomOrder? Oom { get; init; }

    /// <summary>Only age, if a generation is wanted.</summary>
    public bool AgeOnly { get; init; }

    /// <summary>Classic only: whether the active list of files may be shrunk, which the cgroup above decides for all.</summary>
    public bool MayDeactivate { get; init; }

    /// <summary>And that of anonymous pages.</summary>
    public bool MayDeactivateAnon { get; init; }

    /// <summary>Classic only, as in a grant.</summary>
    public IReadOnlyList<ListState> Above { get; init; } = [];

    /// <summary>Which of the cgroups above it is for, counted from the root on.</summary>
    public int Target { get; init; }

    /// <summary>What others have done to the files that it shares with them, as in a grant.</summary>
    public IReadOnlyList<FileChange>? News { get; init; }

    /// <summary>Only to tell it that.</summary>
    public bool NewsOnly { get; init; }
}

/// <summary>What an order came to.</summary>
/// <param name="PagesTaken">Pages given back, negative.</param>
/// <param name="Scanned">Pages looked at.</param>
/// <param name="Freed">Pages freed.</param>
/// <param name="CostNs">CPU time it took.</param>
public readonly record struct ShrinkReport(long PagesTaken, long Scanned, long Freed, long CostNs)
{
    /// <summary>What the scan found, where that is written down.</summary>
    public ScanSeen? Seen { get; init; }

    /// <summary>Its lists.</summary>
    public ListState Lists { get; init; }

    /// <summary>Classic only: ages and costs of the cgroups above, as they are now; null: there are none.</summary>
    public IReadOnlyList<ListState>? Above { get; init; }

    /// <summary>Its lists by node, and <see cref="Allocated"/> likewise, if it has pages on several; null if not.</summary>
    public IReadOnlyList<ListState>? ListsByNode { get; init; }

    /// <inheritdoc cref="ListsByNode"/>
    public IReadOnlyList<long>? AllocatedByNode { get; init; }

    /// <summary>The nodes whose kswapd is to be woken, a bit each.</summary>
    public ulong Wakes { get; init; }

    /// <summary>Pages given back to the cgroups above, and to the node; negative.</summary>
    public long Charged { get; init; }

    /// <inheritdoc cref="Charged"/>
    public long Allocated { get; init; }

    /// <summary>What came of what the OOM killer wanted.</summary>
    public OomAnswer Oom { get; init; }

    /// <summary>Slots of swap in use by area; null: no change.</summary>
    public IReadOnlyList<long>? Swap { get; init; }

    /// <summary>What is in the queues of devices that it shares with others, and was made to use; null: none.</summary>
    public IReadOnlyList<DeviceState?>? Devices { get; init; }

    /// <summary>What it has in its page cache.</summary>
    public CacheState Cache { get; init; }

    /// <summary>Whether it was aged instead of scanned any further.</summary>
    public bool Aged { get; init; }

    /// <summary>What it did to files that it shares with others, in order; null: nothing.</summary>
    public IReadOnlyList<FileChange>? Files { get; init; }
}
