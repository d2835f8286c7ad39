using Reclaim.Model.Nodes;

namespace Reclaim.Model.Numa;

/// <summary>
/// Where the pages of a cgroup may be that may have some on several NUMA nodes: all that its container must know of them. A cgroup that
/// is bound to one node, or never leaves it, has none.
/// </summary>
public sealed record NumaPlan
{
    /// <summary>The nodes of the host.</summary>
    public required NumaTopology Topology { get; init; }

    /// <summary>Watermarks by node.</summary>
    public required IReadOnlyList<Watermarks> Marks { get; init; }

    /// <summary>Pages of each node (node_present_pages); empty where nothing is promoted.</summary>
    public IReadOnlyList<long> Sizes { get; init; } = [];

    /// <summary>The node whose CPUs its tasks run on.</summary>
    public required int Cpu { get; init; }

    /// <summary>cpuset.mems, and what its mempolicy leaves of it: the nodes that it may take pages from.</summary>
    public required IReadOnlyList<int> Mems { get; init; }

    /// <summary>cpuset.mems; null: the same.</summary>
    public IReadOnlyList<int>? Cpuset { get; init; }

    /// <summary>numa_mempolicy.</summary>
    public Mempolicy Policy { get; init; } = Mempolicy.Local;

    /// <summary>numa/demotion_enabled.</summary>
    public bool Demotion { get; init; }

    /// <summary>Whether its pages are demoted to nodes of its cpuset.mems only (mem_cgroup_node_allowed, v6.16).</summary>
    public bool DemotesWithinCpuset { get; init; }

    /// <summary>numa_balancing 2: what brings pages back; null: nothing does.</summary>
    public PromotionPlan? Promotion { get; init; }

    /// <summary>What an access to a page costs more, by node, nanoseconds.</summary>
    public required IReadOnlyList<long> FarNs { get; init; }

    /// <summary>Nodes of the host.</summary>
    public int Count => Topology.Count;

    /// <summary>The first node that it takes pages from: what is not placed page by page is there.</summary>
    public int First => Zonelist(Policy.Start ?? Cpu)[0];

    /// <summary>The nodes that a page may come from that is to be on one: itself if it may, then the others by distance.</summary>
    public IReadOnlyList<int> Zonelist(int node) => [.. Topology.Zonelist(node).Where(Mems.Contains)];

    /// <summary>The nodes that it takes pages from, in the order in which most are tried.</summary>
    public IReadOnlyList<int> Zonelist() => Zonelist(Policy.Start ?? Cpu);

    /// <summary>The nodes that its pages are demoted to, if there is no room on those that they should be; none, where it has no pages on a node with CPUs.</summary>
    public IReadOnlyList<int> LowerTier => Demotion && Mems.Any(Topology.HasCpus) ? [.. Topology.LowerTier.Where(MayDemoteTo)] : [];

    /// <summary>The nodes that pages of a node should be demoted to: one of them by turns.</summary>
    public IReadOnlyList<int> DemotionTargets(int node) => Demotion ? [.. Topology.DemotionTargets(node).Where(MayDemoteTo)] : [];

    /// <summary>The nodes that it may come to have pages on. Demotion asks neither its cpuset.mems nor its mempolicy, but for <see cref="DemotesWithinCpuset"/>.</summary>
    public IReadOnlyList<int> Reach => [.. Enumerable.Range(0, Count).Where(node => Mems.Contains(node) || LowerTier.Contains(node))];

    /// <summary>cpuset.mems, a bit each.</summary>
    public ulong CpusetMask => (Cpuset ?? Mems).Aggregate(0UL, (mask, node) => mask | 1UL << node);

    private bool MayDemoteTo(int node) => !DemotesWithinCpuset || (CpusetMask >> node & 1) != 0;
}
