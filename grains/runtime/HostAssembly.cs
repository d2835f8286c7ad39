using System.Collections.Immutable;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Model.Nodes;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>Builds the shared parts of a host from its specification, and puts its results together.</summary>
internal static class HostAssembly
{
    private const long PageBytes = 4096;

    /// <summary>The counters of memory.stat that /proc/vmstat has under the same name: events that add up over cgroups.</summary>
    private static readonly ImmutableArray<string> VmstatPrefixes = ["pgscan_", "pgsteal_", "pgfault", "pgmajfault", "pswpin", "pswpout", "swap_ra", "zswpin", "zswpout", "zswpwb", "workingset_", "pgdemote_", "pgpromote_", "numa_"];

    public static NodeMemory Memory(HostSpec host, int node) =>
        new(host.Nodes.IsEmpty ? long.MaxValue : host.Nodes[node].MemoryBytes / PageBytes);

    public static NodeResult Result(int id, NodeMemory memory) => new(id, memory.Size, memory.Free);

    /// <summary>The results of a host.</summary>
    public static HostResult Result(HostSpec host, Coordinator coordinator, ImmutableArray<NodeResult> nodes, ImmutableArray<CgroupResult> cgroups) =>
        Together(host, coordinator, nodes, SharedResults.WithEvents(coordinator, cgroups));

    /// <summary>How a host stands.</summary>
    /// <param name="host">The host.</param>
    /// <param name="number">Its number.</param>
    /// <param name="coordinator">Its coordinator.</param>
    /// <param name="nodes">Its nodes.</param>
    /// <param name="memcgs">Its containers.</param>
    /// <param name="cgroup">The cgroup that is asked for.</param>
    /// <param name="brief">Whether there are to be figures of that one alone.</param>
    public static HostView View(
        HostSpec host, int number, Coordinator coordinator, ImmutableArray<NodeResult> nodes, IReadOnlyList<MemcgView> memcgs, string? cgroup, bool brief)
    {
        ImmutableArray<CgroupResult> figures = [.. memcgs.Select(memcg => memcg.Figures)];
        return new HostView
        {
            Number = number,
            NowNs = coordinator.NowNs,
            Figures = brief ? Brief(host, coordinator, nodes, figures, cgroup) : Result(host, coordinator, nodes, figures) with { Reclaims = default },
            Cgroups = [.. memcgs.Select(memcg => memcg.Cgroup), .. CgroupViews.Parents(coordinator, memcgs)],
        };
    }

    private static HostResult Brief(HostSpec host, Coordinator coordinator, ImmutableArray<NodeResult> nodes, ImmutableArray<CgroupResult> cgroups, string? wanted)
    {
        var index = host.Cgroups.FirstOrDefault(cgroup => cgroup.Path == wanted) is { } leaf ? host.Cgroups.IndexOf(leaf) : -1;
        return new HostResult
        {
            Name = host.Name,
            Nodes = WithReclaim(coordinator, nodes),
            ReclaimMatrix = SharedResults.ReclaimMatrix(coordinator, cgroups),
            Cgroups = (index >= 0
                ? [KeyValuePair.Create(wanted!, SharedResults.WithEvents(coordinator, cgroups, index))]
                : SharedResults.Groups(coordinator, cgroups, wanted)).ToImmutableSortedDictionary(StringComparer.Ordinal),
        };
    }

    private static HostResult Together(HostSpec host, Coordinator coordinator, ImmutableArray<NodeResult> nodes, ImmutableArray<CgroupResult> cgroups) => new()
    {
        Name = host.Name,
        Vmstat = Vmstat(coordinator, cgroups),
        Nodes = WithReclaim(coordinator, nodes),
        Pressure = SharedResults.Pressure(coordinator),
        SharedFiles = FileSharing.Together(cgroups),
        Reclaims = RecordResults.Of(coordinator),
        ReclaimMatrix = SharedResults.ReclaimMatrix(coordinator, cgroups),
        Cgroups = host.Cgroups.Select((cgroup, i) => KeyValuePair.Create(cgroup.Path, cgroups[i]))
            .Concat(SharedResults.Groups(coordinator, cgroups, null))
            .ToImmutableSortedDictionary(StringComparer.Ordinal),
    };

    private static ImmutableArray<NodeResult> WithReclaim(Coordinator coordinator, ImmutableArray<NodeResult> nodes) =>
        [.. nodes.Select(node => Short(coordinator).FirstOrDefault(memory => memory.Id == node.Id) is { } memory
            ? node with { Reclaim = new NodeReclaimResult(memory.Marks.Min, memory.Marks.Low, memory.Marks.High, memory.Rounds, memory.Stalls) { Boosts = memory.Boost?.Raised } }
            : node)];

    /// <summary>Nodes whose memory may be short.</summary>
    private static IEnumerable<NumaNode> Short(Coordinator coordinator) => coordinator.Domains.SelectMany(domain => domain.Nodes);

    private static ImmutableSortedDictionary<string, long> Vmstat(Coordinator coordinator, ImmutableArray<CgroupResult> cgroups)
    {
        var sums = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (var counter in cgroups.SelectMany(cgroup => cgroup.MemoryStat))
        {
            if (VmstatPrefixes.Any(prefix => counter.Name.StartsWith(prefix, StringComparison.Ordinal)))
            {
                sums[counter.Name] = sums.GetValueOrDefault(counter.Name) + counter.Value;
            }
        }

        if (Short(coordinator).Any())
        {
            sums["nr_free_pages"] = Short(coordinator).Sum(node => node.Free);
            sums["pageoutrun"] = Short(coordinator).Sum(node => node.Rounds);
            sums["allocstall"] = Short(coordinator).Sum(node => node.Stalls);
        }

        var killed = cgroups.SelectMany(cgroup => cgroup.MemoryEvents).Where(counter => counter.Name == "oom_kill").Sum(counter => counter.Value);
        if (killed > 0)
        {
            sums["oom_kill"] = killed;
        }

        // What cgroups hold of the node and are not charged for is zram; what zswap takes they are charged for.
        var zswap = cgroups.SelectMany(cgroup => cgroup.MemoryStat).Where(counter => counter.Name == "zswap").Sum(counter => counter.Value);
        var compressed = coordinator.Memcgs.Select((memcg, i) => memcg.PagesHeld - cgroups[i].MemoryCurrent / PageBytes).Sum()
            + (zswap + PageBytes - 1) / PageBytes;
        if (compressed > 0)
        {
            sums["nr_zspages"] = compressed;
        }

        return sums.ToImmutable();
    }
}
