using Reclaim.Model.Nodes;
using Reclaim.Model.Numa;
using Reclaim.Model.Records;

namespace Reclaim.Model.Hierarchy;

/// <summary>
/// What a domain keeps of one NUMA node: kswapd with its clock, for whom it reclaims, and how far apart clocks may be.
/// </summary>
internal sealed class NodeState
{
    /// <param name="id">Number of the node.</param>
    /// <param name="node">Its memory; null: there is enough for all that limits allow.</param>
    /// <param name="quantumNs">How far a member may run ahead of the next.</param>
    /// <param name="members">Members that have their pages there.</param>
    /// <param name="ofAll">Members in all.</param>
    public NodeState(int id, NumaNode? node, long quantumNs, IReadOnlyList<int> members, int ofAll)
    {
        (Id, Memory, Running) = (id, node, members.Count);
        Lookahead = new Lookahead(quantumNs, node);
        Demand = new Demand(members, ofAll);
    }

    /// <summary>Number of the node.</summary>
    public int Id { get; }

    /// <summary>Its memory, or null.</summary>
    public NumaNode? Memory { get; }

    /// <inheritdoc cref="Hierarchy.Lookahead"/>
    public Lookahead Lookahead { get; }

    /// <inheritdoc cref="Hierarchy.Demand"/>
    public Demand Demand { get; }

    /// <summary>Members with pages there that are not finished.</summary>
    public int Running { get; set; }

    /// <summary>kswapd's round, while it is awake.</summary>
    public NodeReclaim? Kswapd { get; set; }

    /// <summary>Whether a task that finds few pages need not wake kswapd: it is awake, or has given up.</summary>
    public bool NeedsNoWaking => Kswapd is not null || Memory is not { IsHopeless: false };

    /// <summary>What is written down of it.</summary>
    public OpenReclaim? Written { get; set; }

    /// <summary>kswapd's clock.</summary>
    public long KswapdNs { get; set; }

    /// <summary>What it remembers of pages that were promoted to it.</summary>
    public PromotionState Promotion { get; set; }

    /// <inheritdoc cref="BatchPart"/>
    public BatchPart Part { get; } = new();
}
