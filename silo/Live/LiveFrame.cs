using System.Collections.Immutable;
using Reclaim.Contracts.Results;

namespace Reclaim.Silo.Live;

/// <summary>What the page is told each second: a <see cref="RunView"/> without what it does not draw.</summary>
internal sealed record LiveFrame(
    string Scenario, KernelResult Kernel, string Phase, double? Speed, long NowNs, long? EndNs, long Accesses, long? TotalAccesses, string? Error, ImmutableArray<LiveHost> Hosts)
{
    public static LiveFrame Of(RunView view) => new(
        view.Scenario,
        view.Kernel,
        view.Progress.Phase.ToString().ToLowerInvariant(),
        view.Progress.Speed,
        view.Progress.NowNs,
        view.Progress.EndNs,
        view.Progress.Accesses,
        view.Progress.TotalAccesses,
        view.Progress.Error,
        [.. view.Hosts.Select(LiveHost.Of)]);
}

/// <summary>A host on the page.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="NowNs">Virtual time.</param>
/// <param name="Nodes">Its nodes.</param>
/// <param name="Cgroups">Its cgroups.</param>
/// <param name="Matrix">Who reclaimed from whom: numbers of the two in <paramref name="Cgroups"/>, pages reclaimed, and of them those that came back. All kinds and nodes together, the largest.</param>
internal sealed record LiveHost(
    int Number, string Name, long NowNs, ImmutableArray<NodeResult> Nodes, ImmutableArray<LiveCgroup> Cgroups, ImmutableArray<long[]> Matrix)
{
    /// <summary>Most entries of a matrix that are shown: with hundreds of cgroups a hundred thousand may not be 0.</summary>
    private const int MostEntries = 4096;

    public static LiveHost Of(HostView host) => new(
        host.Number,
        host.Figures.Name,
        host.NowNs,
        host.Figures.Nodes,
        [.. host.Cgroups.Select(cgroup => LiveCgroup.Of(cgroup, host.Figures.Cgroups[cgroup.Path]))],
        Entries(host));

    private static ImmutableArray<long[]> Entries(HostView host)
    {
        var numbers = host.Cgroups.Select((cgroup, i) => (cgroup.Path, i)).ToDictionary(pair => pair.Path, pair => pair.i, StringComparer.Ordinal);
        return [.. host.Figures.ReclaimMatrix
            .GroupBy(entry => (numbers[entry.Aggressor], numbers[entry.Victim]))
            .Select(pair => new[] { pair.Key.Item1, pair.Key.Item2, pair.Sum(entry => entry.Reclaimed), pair.Sum(entry => entry.Refaulted) })
            .OrderByDescending(entry => entry[2]).ThenBy(entry => entry[0]).ThenBy(entry => entry[1])
            .Take(MostEntries)];
    }
}

/// <summary>A cgroup on the page: sizes in bytes, counters since the beginning, pressure totals in microseconds.</summary>
internal sealed record LiveCgroup(CgroupView At, long Current, long? Swap, long Refaults, long Activates, long Scanned, long Stolen, PressureResult? Memory, PressureResult? Io, long OomKills)
{
    public static LiveCgroup Of(CgroupView at, CgroupResult figures)
    {
        long Stat(string name, string? and = null) => figures.MemoryStat.Where(counter => counter.Name == name || counter.Name == and).Sum(counter => counter.Value);
        return new(
            at,
            figures.MemoryCurrent,
            figures.MemorySwapCurrent,
            Stat("workingset_refault_file", "workingset_refault_anon"),
            Stat("workingset_activate_file", "workingset_activate_anon"),
            Stat("pgscan"),
            Stat("pgsteal"),
            figures.MemoryPressure,
            figures.IoPressure,
            figures.MemoryEvents.FirstOrDefault(counter => counter.Name == "oom_kill").Value);
    }
}
