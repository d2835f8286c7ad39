using System.Collections.Immutable;
using Reclaim.Contracts.Steps;

namespace Reclaim.Contracts.Results;

/// <summary>What to look at of a run.</summary>
/// <param name="Host">Number of a host; null: all of them.</param>
/// <param name="Cgroup">Path of the cgroup of which to see everything, on each host that is looked at; null: of none.</param>
[GenerateSerializer, Immutable, Alias("reclaim.view.request/1")]
public sealed record ViewRequest([property: Id(0)] int? Host = null, [property: Id(1)] string? Cgroup = null)
{
    /// <summary>Whether somebody watches, who looks again soon: then steps are short, so that what is seen moves. It changes no result.</summary>
    [Id(2)] public bool IsWatching { get; init; }

    /// <summary>Whether figures are wanted of the cgroup that is asked for alone: of the others there are limits, lists and a few sums, which cost next to nothing.</summary>
    [Id(3)] public bool IsBrief { get; init; }
}

/// <summary>How much is to be seen of a cgroup.</summary>
[GenerateSerializer, Alias("reclaim.view.depth/1")]
public enum ViewDepth
{
    /// <summary>What is in <see cref="CgroupView"/>.</summary>
    Lists,

    /// <summary>memory.stat, memory.events and pressure besides.</summary>
    Counters,

    /// <summary>Everything.</summary>
    Everything,
}

/// <summary>
/// A run as it stands between two steps. Looking changes nothing: not what comes of the run, nor when. Virtual time may differ from cgroup to
/// cgroup, as those that do not disturb each other run ahead.
/// </summary>
[GenerateSerializer, Immutable, Alias("reclaim.view.run/1")]
public sealed record RunView
{
    [Id(0)] public required string Scenario { get; init; }

    /// <summary>Which rules run.</summary>
    [Id(1)] public required KernelResult Kernel { get; init; }

    [Id(2)] public required RunProgress Progress { get; init; }

    /// <summary>The hosts that were asked for; of a run that has given up its hosts none.</summary>
    [Id(3)] public ImmutableArray<HostView> Hosts { get; init; } = [];
}

/// <summary>A host between two steps.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.view.host/1")]
public sealed record HostView
{
    /// <summary>Its number.</summary>
    [Id(0)] public int Number { get; init; }

    /// <summary>Virtual time of its last committed step, nanoseconds.</summary>
    [Id(1)] public long NowNs { get; init; }

    /// <summary>
    /// What would be its results, with what is cheap of each cgroup: memory.current, memory.stat, memory.events and pressure. Everything
    /// else is there only of the cgroup that was asked for; samples and records never. Of a brief view there are figures of that cgroup alone, and
    /// no vmstat.
    /// </summary>
    [Id(2)] public required HostResult Figures { get; init; }

    /// <summary>Cgroups in the order of the scenario, those with others below them after them.</summary>
    [Id(3)] public ImmutableArray<CgroupView> Cgroups { get; init; } = [];
}

/// <summary>What results do not have of a cgroup: its limits and its lists as they are just now.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.view.cgroup/1")]
public sealed record CgroupView
{
    [Id(0)] public required string Path { get; init; }

    /// <summary>Whether it has others below it: then it has no lists and no workloads of its own.</summary>
    [Id(1)] public bool IsParent { get; init; }

    /// <summary>Virtual time it has reached, nanoseconds.</summary>
    [Id(2)] public long NowNs { get; init; }

    /// <summary>Whether its workloads have ended.</summary>
    [Id(3)] public bool Done { get; init; }

    /// <summary>memory.max, bytes; null: max.</summary>
    [Id(4)] public long? MemoryMax { get; init; }

    /// <summary>memory.high, bytes; null: max.</summary>
    [Id(5)] public long? MemoryHigh { get; init; }

    /// <summary>memory.low, bytes; null: max.</summary>
    [Id(6)] public long? MemoryLow { get; init; }

    /// <summary>memory.min, bytes; null: max.</summary>
    [Id(7)] public long? MemoryMin { get; init; }

    /// <summary>vm.swappiness, as far as its reclaim goes; null: it has none.</summary>
    [Id(8)] public int? Swappiness { get; init; }

    /// <summary>Page accesses since the beginning.</summary>
    [Id(9)] public long Accesses { get; init; }

    /// <summary>Of them those that found no page.</summary>
    [Id(10)] public long Misses { get; init; }

    /// <summary>Pages read from devices since the beginning.</summary>
    [Id(11)] public long DeviceReads { get; init; }

    /// <summary>Pages written to devices since the beginning.</summary>
    [Id(12)] public long DeviceWrites { get; init; }

    /// <summary>memory.current, bytes.</summary>
    [Id(14)] public long Current { get; init; }

    /// <summary>memory.swap.current, bytes; null: it may not swap.</summary>
    [Id(15)] public long? Swap { get; init; }

    /// <summary>Refaults since the beginning, of file pages and anonymous ones.</summary>
    [Id(16)] public long Refaults { get; init; }

    /// <summary>For how long some task waited for memory since the beginning, microseconds: total in memory.pressure.</summary>
    [Id(17)] public long MemoryStallUs { get; init; }

    /// <summary>Its lists, by node; none under a reference policy.</summary>
    [Id(13)] public ImmutableArray<LruvecView> Lruvecs { get; init; } = [];
}

/// <summary>The lists of a cgroup on one node.</summary>
/// <param name="Node">Number of the node.</param>
/// <param name="MultiGen">Whether they are generations; if not, the inactive list and the active one.</param>
/// <param name="Generations">The oldest first.</param>
/// <param name="FileTiers">Tiers of file pages; null but of the multi-gen LRU.</param>
/// <param name="AnonTiers">Tiers of anonymous pages; null but of the multi-gen LRU.</param>
[GenerateSerializer, Immutable, Alias("reclaim.view.lruvec/1")]
public sealed record LruvecView(
    [property: Id(0)] int Node,
    [property: Id(1)] bool MultiGen,
    [property: Id(2)] ImmutableArray<GenerationView> Generations,
    [property: Id(3)] TiersView? FileTiers,
    [property: Id(4)] TiersView? AnonTiers);

/// <summary>A generation, or a list of the classic policy.</summary>
/// <param name="Seq">Its number; of the classic policy 0 inactive, 1 active.</param>
/// <param name="BirthNs">Virtual time at which it began; 0 of the classic policy.</param>
/// <param name="File">File pages.</param>
/// <param name="Anon">Anonymous pages.</param>
[GenerateSerializer, Immutable, Alias("reclaim.view.generation/1")]
public readonly record struct GenerationView(
    [property: Id(0)] ulong Seq, [property: Id(1)] long BirthNs, [property: Id(2)] long File, [property: Id(3)] long Anon);

/// <summary>The tiers of one type of pages, as the feedback controller sees them.</summary>
/// <param name="Threshold">The highest tier that may be evicted: those above it are protected.</param>
/// <param name="Refaulted">By tier: pages that came back.</param>
/// <param name="Total">By tier: pages that were evicted or protected.</param>
[GenerateSerializer, Immutable, Alias("reclaim.view.tiers/1")]
public sealed record TiersView([property: Id(0)] int Threshold, [property: Id(1)] ImmutableArray<ulong> Refaulted, [property: Id(2)] ImmutableArray<ulong> Total);

/// <summary>A memcg between two steps.</summary>
/// <param name="Cgroup">Its limits and lists.</param>
/// <param name="Figures">Of its results what was asked for.</param>
[GenerateSerializer, Immutable, Alias("reclaim.view.memcg/1")]
public sealed record MemcgView([property: Id(0)] CgroupView Cgroup, [property: Id(1)] CgroupResult Figures);
