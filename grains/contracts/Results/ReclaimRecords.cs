using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Reclaim.Contracts.Results;

/// <summary>Only when asked for, and no part of the digest: what was written down of a cgroup while it ran.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.results.cgroup-records/1")]
public sealed record CgroupRecordsResult
{
    /// <summary>Names of its tasks, by number.</summary>
    [Id(0)] public ImmutableArray<string> Tasks { get; init; } = [];

    /// <summary>What it reclaimed from itself: for memory.max, memory.high, memory.reclaim and lru_gen of its own.</summary>
    [Id(1)] public required ReclaimLogResult Own { get; init; }

    /// <summary>By kind, all stalls of its tasks.</summary>
    [Id(2)] public ImmutableArray<StallTotalResult> StallTotals { get; init; } = [];

    /// <summary>One of so many is in <see cref="Stalls"/>.</summary>
    [Id(3)] public long StallsEvery { get; init; } = 1;

    /// <summary>Stalls, in the order in which they were found.</summary>
    [Id(4)] public ImmutableArray<StallResult> Stalls { get; init; } = [];

    /// <summary>Pages that came back, of those whose eviction is among the reclaims.</summary>
    [Id(5)] public ImmutableArray<RefaultResult> Refaults { get; init; } = [];
}

/// <summary>Reclaims: of a cgroup from itself, or of cgroups from each other for a limit that they share or for their nodes.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.results.reclaim-log/1")]
public sealed record ReclaimLogResult
{
    /// <summary>Paths of the cgroups that may have lost pages.</summary>
    [Id(0)] public ImmutableArray<string> Cgroups { get; init; } = [];

    /// <summary>By kind, all reclaims.</summary>
    [Id(1)] public ImmutableArray<ReclaimTotalResult> Totals { get; init; } = [];

    /// <summary>One of so many is in <see cref="Reclaims"/>: those whose number it divides.</summary>
    [Id(2)] public long Every { get; init; } = 1;

    /// <summary>Reclaims, in the order in which they ended.</summary>
    [Id(3)] public ImmutableArray<ReclaimResult> Reclaims { get; init; } = [];
}

/// <summary>All reclaims of one kind.</summary>
/// <param name="Kind">As in the reclaim matrix, or <c>lru_gen</c>.</param>
/// <param name="Count">How many.</param>
/// <param name="Scanned">Pages looked at.</param>
/// <param name="Reclaimed">Pages freed.</param>
[GenerateSerializer, Immutable, Alias("reclaim.results.reclaim-total/1")]
public sealed record ReclaimTotalResult([property: Id(0)] string Kind, [property: Id(1)] long Count, [property: Id(2)] long Scanned, [property: Id(3)] long Reclaimed);

/// <summary>One reclaim.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.results.reclaim/1")]
public sealed record ReclaimResult
{
    /// <summary>Its number in its log, from 0 on in the order in which they begin.</summary>
    [Id(0)] public long Number { get; init; }

    /// <summary>As in the reclaim matrix, or <c>lru_gen</c>.</summary>
    [Id(1)] public required string Kind { get; init; }

    /// <summary>Path of the cgroup that asked; null: kswapd, which asks for several, scan by scan.</summary>
    [Id(2), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Asker { get; init; }

    /// <summary>Number of the task that reclaimed from its own cgroup; null: another's reclaim, or a control file's.</summary>
    [Id(3), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public int? Task { get; init; }

    /// <summary>The node that was short of pages; null: it was a limit.</summary>
    [Id(4), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public int? Node { get; init; }

    /// <summary>Path of the cgroup whose limit it was, <c>/</c> for a node.</summary>
    [Id(5)] public required string For { get; init; }

    /// <summary>Virtual time, nanoseconds.</summary>
    [Id(6)] public long StartNs { get; init; }

    /// <inheritdoc cref="StartNs"/>
    [Id(7)] public long EndNs { get; init; }

    /// <summary>Pages looked at.</summary>
    [Id(8)] public long Scanned { get; init; }

    /// <summary>Pages freed.</summary>
    [Id(9)] public long Reclaimed { get; init; }

    /// <summary>Free pages of the node at the beginning and at the end; null: it was a limit.</summary>
    [Id(10), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public long? FreeBefore { get; init; }

    /// <inheritdoc cref="FreeBefore"/>
    [Id(11), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public long? FreeAfter { get; init; }

    /// <summary>Scans that met a page; one of so many is in <see cref="Scans"/>.</summary>
    [Id(12)] public long ScanCount { get; init; }

    /// <inheritdoc cref="ScanCount"/>
    [Id(13)] public long ScansEvery { get; init; } = 1;

    /// <summary>Its scans, in order of time.</summary>
    [Id(14)] public ImmutableArray<ScanResult> Scans { get; init; } = [];
}

/// <summary>One scan of one lruvec. Pages counted have the kernel's names where it has them.</summary>
/// <param name="Asker">For whom, as the reclaim matrix has it.</param>
/// <param name="Victim">Whose pages these are.</param>
/// <param name="Node">The node that they are on.</param>
/// <param name="Priority">12 down to 0.</param>
/// <param name="StartNs">Virtual time, nanoseconds.</param>
/// <param name="EndNs">Likewise, its end.</param>
/// <param name="Scanned">Pages looked at.</param>
/// <param name="Reclaimed">Pages freed, or moved to slower memory.</param>
[GenerateSerializer, Immutable, Alias("reclaim.results.scan/1")]
public sealed record ScanResult(
    [property: Id(0)] string Asker,
    [property: Id(1)] string Victim,
    [property: Id(2)] int Node,
    [property: Id(3)] int Priority,
    [property: Id(4)] long StartNs,
    [property: Id(5)] long EndNs,
    [property: Id(6)] long Scanned,
    [property: Id(7)] long Reclaimed)
{
    /// <summary>min_seq of file and of anonymous pages when it began; null under the classic policy.</summary>
    [Id(8), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public long? OldestFile { get; init; }

    /// <inheritdoc cref="OldestFile"/>
    [Id(9), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public long? OldestAnon { get; init; }

    /// <summary>Pages that went and left a shadow.</summary>
    [Id(10)] public long EvictedFile { get; init; }

    /// <inheritdoc cref="EvictedFile"/>
    [Id(11)] public long EvictedAnon { get; init; }

    /// <summary>Pages found worth keeping: moved one generation up, or to the active list.</summary>
    [Id(12)] public long Protected { get; init; }

    /// <summary>Pages found in use.</summary>
    [Id(13)] public long Activated { get; init; }
}

/// <summary>All stalls of one kind.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Count">How many.</param>
/// <param name="Ns">For how long, nanoseconds.</param>
[GenerateSerializer, Immutable, Alias("reclaim.results.stall-total/1")]
public sealed record StallTotalResult([property: Id(0)] string Kind, [property: Id(1)] long Count, [property: Id(2)] long Ns);

/// <summary>A task got nowhere for a time.</summary>
/// <param name="Task">Its number.</param>
/// <param name="Kind"><c>reclaim</c>, <c>writeback</c>, <c>high_throttle</c>, <c>dirty_throttle</c>, <c>thrashing</c> or <c>io</c>.</param>
/// <param name="StartNs">Virtual time, nanoseconds.</param>
/// <param name="EndNs">Likewise, its end.</param>
[GenerateSerializer, Immutable, Alias("reclaim.results.stall/1")]
public sealed record StallResult([property: Id(0)] int Task, [property: Id(1)] string Kind, [property: Id(2)] long StartNs, [property: Id(3)] long EndNs);

/// <summary>A page came back, and was a refault.</summary>
/// <param name="Reclaim">Number of the reclaim that had evicted it.</param>
/// <param name="ByOthers">Whether that is in the host's log; else in the cgroup's own.</param>
/// <param name="Type">file or anon.</param>
/// <param name="AtNs">Virtual time, nanoseconds.</param>
[GenerateSerializer, Immutable, Alias("reclaim.results.refault/1")]
public sealed record RefaultResult([property: Id(0)] long Reclaim, [property: Id(1)] bool ByOthers, [property: Id(2)] string Type, [property: Id(3)] long AtNs);
