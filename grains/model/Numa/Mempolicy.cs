namespace Reclaim.Model.Numa;

/// <summary>
/// The memory policy of a cgroup's tasks (set_mempolicy): from which node a page is asked for first. All policies but bind fall back to
/// other nodes.
/// Source: mm/mempolicy.c, v6.8; weighted interleaving since v6.9.
/// </summary>
/// <param name="Kind">Which.</param>
/// <param name="Nodes">The nodes it names, in order.</param>
public sealed record Mempolicy(MempolicyKind Kind, IReadOnlyList<int> Nodes)
{
    /// <summary>The node of the CPU (MPOL_LOCAL).</summary>
    public static Mempolicy Local { get; } = new(MempolicyKind.Local, []);

    /// <summary>By place in <see cref="Nodes"/>: pages in a row; 1 each unless interleaving is weighted.</summary>
    public IReadOnlyList<int> Weights { get; init; } = [];

    /// <summary>The node that each page is asked for from first, if it is always the same and not the CPU's.</summary>
    public int? Start => Kind == MempolicyKind.Preferred ? Nodes[0] : null;

    /// <summary>Whether pages go to one node after the other.</summary>
    public bool Interleaves => Kind is MempolicyKind.Interleave or MempolicyKind.WeightedInterleave;
}

/// <summary>MPOL_*.</summary>
public enum MempolicyKind
{
    /// <summary>The nearest node that has pages.</summary>
    Local,

    /// <summary>A given node, then the nearest to it.</summary>
    Preferred,

    /// <summary>Given nodes only, the nearest first.</summary>
    Bind,

    /// <summary>Given nodes in turn.</summary>
    Interleave,

    /// <summary>Given nodes in turn, several pages in a row from each.</summary>
    WeightedInterleave,
}
