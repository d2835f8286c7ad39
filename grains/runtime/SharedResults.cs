using System.Collections.Immutable;
using Reclaim.Contracts.Results;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Memcg;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>What cgroups show together: who reclaimed from whom, and the sums of those that have others below them.</summary>
internal static class SharedResults
{
    private const int Limit = 0;
    private const int High = 1;
    private const int Proactive = 2;

    private const int Kswapd = 3;
    private const int Direct = 4;

    private static readonly string[] _kinds = ["limit", "high", "proactive", "kswapd", "direct"];

    /// <summary>What a domain orders its members to shrink for.</summary>
    private static readonly ImmutableArray<(ReclaimReason Reason, int Kind)> _ordered =
        [(ReclaimReason.Limit, Limit), (ReclaimReason.High, High), (ReclaimReason.Kswapd, Kswapd), (ReclaimReason.Direct, Direct)];

    /// <summary>Who asked and who lost, in the order of the scenario: for limits of their own, and for those they share.</summary>
    /// <param name="coordinator">The host's.</param>
    /// <param name="cgroups">Results of the containers: they know what came back.</param>
    public static ImmutableArray<ReclaimMatrixEntry> ReclaimMatrix(Coordinator coordinator, ImmutableArray<CgroupResult> cgroups)
    {
        var memcgs = coordinator.Memcgs;
        var sums = new SortedDictionary<(int Aggressor, int Victim, int Kind, int Node), (long Scanned, long Reclaimed, long Refaulted)>();
        for (var i = 0; i < memcgs.Count; i++)
        {
            var kinds = memcgs[i].Kinds;
            Add(i, i, Limit, memcgs[i].Terms.Node, memcgs[i].Scanned - kinds.HighScanned - kinds.ProactiveScanned, memcgs[i].Reclaimed - kinds.HighReclaimed - kinds.ProactiveReclaimed, ReclaimCause.Limit);
            Add(i, i, High, memcgs[i].Terms.Node, kinds.HighScanned, kinds.HighReclaimed, ReclaimCause.High);
            Add(i, i, Proactive, memcgs[i].Terms.Node, kinds.ProactiveScanned, kinds.ProactiveReclaimed, ReclaimCause.Proactive);
        }

        foreach (var domain in coordinator.Domains)
        {
            var members = domain.Members.ToList();
            var nodes = members.Select((_, victim) => domain.NodesOf(victim).ToArray()).ToArray();
            for (var aggressor = 0; aggressor < members.Count; aggressor++)
            {
                for (var victim = 0; victim < members.Count; victim++)
                {
                    foreach (var (reason, kind) in _ordered)
                    {
                        foreach (var node in nodes[victim])
                        {
                            // Of many cgroups most never had to do with each other.
                            var (scanned, freed) = domain.Reclaimed(reason, aggressor, victim, node);
                            if (scanned > 0)
                            {
                                Add(members[aggressor], members[victim], kind, node, scanned, freed, domain.CauseOf(reason, aggressor, node));
                            }
                        }
                    }
                }
            }
        }

        return [.. sums.Where(entry => entry.Value.Scanned > 0).Select(entry => new ReclaimMatrixEntry
        {
            Aggressor = memcgs[entry.Key.Aggressor].Terms.Path,
            Victim = memcgs[entry.Key.Victim].Terms.Path,
            Node = entry.Key.Node,
            Kind = _kinds[entry.Key.Kind],
            Scanned = entry.Value.Scanned,
            Reclaimed = entry.Value.Reclaimed,
            Refaulted = entry.Value.Refaulted,
        })];

        void Add(int aggressor, int victim, int kind, int node, long scanned, long reclaimed, int cause)
        {
            var causes = cgroups[victim].RefaultsByCause;
            var refaulted = cause < causes.Length ? causes[cause] : 0;
            if ((scanned, reclaimed, refaulted) == default)
            {
                return;
            }

            var sum = sums.GetValueOrDefault((aggressor, victim, kind, node));
            sums[(aggressor, victim, kind, node)] = (sum.Scanned + scanned, sum.Reclaimed + reclaimed, sum.Refaulted + refaulted);
        }
    }

    /// <summary>Adds to memory.events what a container does not know of itself: that it was reclaimed from although below memory.low.</summary>
    public static ImmutableArray<CgroupResult> WithEvents(Coordinator coordinator, ImmutableArray<CgroupResult> cgroups)
    {
        var results = cgroups.ToBuilder();
        foreach (var node in coordinator.Domains.SelectMany(domain => domain.Tree.Nodes).Where(node => node.Member >= 0))
        {
            results[node.Member] = results[node.Member] with { MemoryEvents = Sums([results[node.Member].MemoryEvents, Events(node)]) };
        }

        return results.MoveToImmutable();
    }

    /// <summary>Of one container.</summary>
    /// <inheritdoc cref="WithEvents(Coordinator, ImmutableArray{CgroupResult})"/>
    public static CgroupResult WithEvents(Coordinator coordinator, ImmutableArray<CgroupResult> cgroups, int member) =>
        coordinator.Domains.SelectMany(domain => domain.Tree.Nodes).FirstOrDefault(node => node.Member == member) is { } node
            ? cgroups[member] with { MemoryEvents = Sums([cgroups[member].MemoryEvents, Events(node)]) }
            : cgroups[member];

    /// <summary>What the kernel shows of cgroups with others below them: sums, and what happened to their own limits.</summary>
    /// <param name="coordinator">The host's.</param>
    /// <param name="cgroups">Results of the containers.</param>
    /// <param name="only">Path of the only one that is wanted; null: all are.</param>
    public static IEnumerable<KeyValuePair<string, CgroupResult>> Groups(Coordinator coordinator, ImmutableArray<CgroupResult> cgroups, string? only)
    {
        foreach (var domain in coordinator.Domains)
        {
            var tree = domain.Tree;
            for (var i = 0; i < tree.Nodes.Count; i++)
            {
                if (tree.Nodes[i] is { Member: < 0, Path: not "/" } && (only is null || only == tree.Nodes[i].Path))
                {
                    yield return KeyValuePair.Create(tree.Nodes[i].Path, Group(domain, i, cgroups));
                }
            }
        }
    }

    /// <summary>/proc/pressure, if the whole host is one domain.</summary>
    public static HostPressureResult? Pressure(Coordinator coordinator)
    {
        if (coordinator.Domains is not [{ SharesFilesOnly: false, Tree.Nodes: [{ Path: "/" }, ..] } host])
        {
            return null;
        }

        // Of the whole machine full of cpu means nothing, and is 0 (psi_show).
        var (memory, io, cpu) = host.Pressure(0);
        return new HostPressureResult(ContainerFactory.Pressure(memory), ContainerFactory.Pressure(io), ContainerFactory.Pressure(cpu with { Full = default }));
    }

    private static CgroupResult Group(SharedDomain domain, int root, ImmutableArray<CgroupResult> cgroups)
    {
        var tree = domain.Tree;
        var (memory, io, cpu) = domain.Pressure(root);
        var subtree = tree.Subtree(root).Select(node => tree.Nodes[node]).ToList();
        var below = subtree.Where(node => node.Member >= 0).Select(node => cgroups[node.Member]).ToList();
        return new CgroupResult
        {
            MemoryPressure = ContainerFactory.Pressure(memory),
            IoPressure = ContainerFactory.Pressure(io),
            CpuPressure = ContainerFactory.Pressure(cpu),
            MemoryCurrent = below.Sum(cgroup => cgroup.MemoryCurrent),
            MemorySwapCurrent = below.Exists(cgroup => cgroup.MemorySwapCurrent is not null) ? below.Sum(cgroup => cgroup.MemorySwapCurrent ?? 0) : null,
            MemoryStat = Sums([.. below.Select(cgroup => cgroup.MemoryStat)]),
            Events = tree.Nodes[root].Outcomes.Count == 0 ? default : [.. tree.Nodes[root].Outcomes.Select(ContainerFactory.Event)],
            MemoryEvents = Sums([.. below.Select(cgroup => cgroup.MemoryEvents), .. subtree.Where(node => node.Member < 0).Select(Events)]),
        };
    }

    private static ImmutableArray<Counter> Events(MemcgNode node) =>
        [new("low", node.EventsLow), new("high", node.EventsHigh), new("max", node.EventsMax), new("oom", node.EventsOom), new("oom_group_kill", node.EventsOomGroupKill)];

    /// <summary>Counters of the same names added up, in the order of the first.</summary>
    private static ImmutableArray<Counter> Sums(ImmutableArray<ImmutableArray<Counter>> counters) =>
        [.. counters[0].Select(first => first with
        {
            Value = counters.Sum(other => other.Where(counter => counter.Name == first.Name).Sum(counter => counter.Value)),
        })];
}
