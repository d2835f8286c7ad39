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

    /// <summary>The node whose CPUs its tasks run on.</summary>
    public required int Cpu { get; init; }

    /// <summary>cpuset.mems, and what its mempolicy leaves of it: the nodes that it may take pages from.</summary>
    public required IReadOnlyList<int> Mems { get; init; }

    /// <summary>numa_mempolicy.</summary>
    public Mempolicy Policy { get; init; } = Mempolicy.Local;

    /// <summary>numa/demotion_enabled.</summary>
    public bool Demotion { get; init; }

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

    /// <summary>The nodes that it may come to have pages on: demotion asks neither cpuset.mems nor the mempolicy (demote_folio_list, until v6.15).</summary>
    public IReadOnlyList<int> Reach => [.. Enumerable.Range(0, Count).Where(node => Mems.Contains(node) || (Demotion && !Topology.HasCpus(node)))];
}
