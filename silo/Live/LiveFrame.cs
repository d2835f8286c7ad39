using System.Collections.Immutable;
using Reclaim.Contracts.Results;

namespace Reclaim.Silo.Live;

/// <summary>What the page is told each second: a <see cref="RunView"/> without what it does not draw, and without what it knows (<see cref="LiveFrames"/>).</summary>
internal sealed record LiveFrame(
    string Scenario, KernelResult Kernel, string Phase, double? Speed, long NowNs, long? EndNs, long Accesses, long? TotalAccesses, string? Error, ImmutableArray<LiveHost> Hosts);

/// <summary>A host on the page.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="NowNs">Virtual time.</param>
/// <param name="Nodes">Its nodes.</param>
/// <param name="Paths">Paths of its cgroups; null: as before.</param>
/// <param name="Cgroups">Those that have changed: the number of each among the paths, and a <see cref="LiveCgroup"/>.</param>
/// <param name="Matrix">Who reclaimed from whom: numbers of the two, pages reclaimed, and of them those that came back. All kinds and nodes together, the largest. Null: as before.</param>
/// <param name="Detail">Everything of the cgroup that was asked for; null: as before.</param>
internal sealed record LiveHost(
    int Number, string Name, long NowNs, ImmutableArray<NodeResult> Nodes, IReadOnlyList<string>? Paths, IReadOnlyList<RawJson> Cgroups, RawJson? Matrix, RawJson? Detail);

/// <summary>A cgroup on the page: sizes in bytes, counters since the beginning, times in nanoseconds but of stalls, microseconds.</summary>
internal sealed record LiveCgroup(
    int I, bool? Parent, bool? Done, long Now, long? Max, long? High, long? Low, long? Min, int? Swappiness, long Accesses, long Misses, long Io, long Current, long? Swap, long Refaults, long Stall,
    LiveLists[]? Lists)
{
    public static LiveCgroup Of(int number, CgroupView cgroup) => new(
        number,
        cgroup.IsParent ? true : null,
        cgroup.Done ? true : null,
        cgroup.NowNs,
        cgroup.MemoryMax,
        cgroup.MemoryHigh,
        cgroup.MemoryLow,
        cgroup.MemoryMin,
        cgroup.Swappiness,
        cgroup.Accesses,
        cgroup.Misses,
        cgroup.DeviceReads + cgroup.DeviceWrites,
        cgroup.Current,
        cgroup.Swap,
        cgroup.Refaults,
        cgroup.MemoryStallUs,
        cgroup.Lruvecs.IsEmpty ? null : [.. cgroup.Lruvecs.Select(LiveLists.Of)]);
}

/// <summary>The lists of a cgroup on a node.</summary>
/// <param name="MultiGen">Whether they are generations.</param>
/// <param name="Pages">File and anonymous pages of each, the oldest first.</param>
/// <param name="Threshold">The highest tier of file pages that may be evicted; null: there are none.</param>
/// <param name="Refaulted">By tier of file pages: those that came back.</param>
/// <param name="Total">Of those evicted.</param>
internal sealed record LiveLists(bool MultiGen, long[][] Pages, int? Threshold, ImmutableArray<ulong>? Refaulted, ImmutableArray<ulong>? Total)
{
    public static LiveLists Of(LruvecView lruvec) => new(
        lruvec.MultiGen,
        [.. lruvec.Generations.Select(generation => new[] { generation.File, generation.Anon })],
        lruvec.FileTiers?.Threshold,
        lruvec.FileTiers?.Refaulted,
        lruvec.FileTiers?.Total);
}
