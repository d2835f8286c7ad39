namespace Reclaim.Model.Numa;

/// <content>
/// Pages that change their node: down when they would be evicted, up when they are found hot.
///
/// <code>
///   demote: next target in turn ──above low?──► taken
///              │ no: its kswapd is asked for     ──above min?──► taken
///              ▼ no
///           any node of the lower tier, the nearest to the target first: likewise
///              ▼ none: the page is evicted from where it is
/// </code>
///
/// Nobody reclaims directly to make room below: the allocation may only wake kswapd. It is bound to the cpuset of whoever reclaims, which
/// for kswapd is all nodes.
/// Source: can_demote, demote_folio_list, alloc_demote_folio in mm/vmscan.c, next_demotion_node in mm/memory-tiers.c, v6.12 and v6.1.
/// Simplified: of several targets that are as near the kernel draws one for each list of pages; here they take turns.
/// </content>
internal sealed partial class PageNodes
{
    private readonly int[][] _demotionTargets;

    /// <summary>By target: the nodes of the lower tier, itself first.</summary>
    private readonly int[][] _lowerTier;
    private int _demotions;
    private ulong _awake;

    /// <summary>The cpuset of whoever reclaims now, a bit for each node.</summary>
    private ulong _reclaimers = ulong.MaxValue;

    /// <summary>What brings pages back; null: nothing does.</summary>
    public Promotion? Promotion { get; }

    /// <summary>Nodes whose kswapd is to be woken, a bit each: the container stops until that is done.</summary>
    public ulong Wakes { get; private set; }

    /// <summary>Somebody reclaims who may take pages from these nodes, a bit each.</summary>
    public void ReclaimFor(ulong mems) => _reclaimers = mems;

    /// <summary>Whether pages of a node are demoted before any is evicted.</summary>
    public bool CanDemoteFrom(int node) => _demotionTargets[node].Length != 0;

    /// <summary>The node that the pages of a list are to go to.</summary>
    public int NextDemotionNode(int from) => _demotionTargets[from][_demotions++ % _demotionTargets[from].Length];

    /// <summary>A page of a node is to be had for one that is demoted.</summary>
    /// <param name="target">Where it should be.</param>
    /// <returns>Where it is; −1: there is none.</returns>
    public int FindBelow(int target)
    {
        var own = _lowerTier[target].AsSpan(0, 1);
        var node = Find(own);
        return node >= 0 ? node : Find(_lowerTier[target]);
    }

    /// <summary>A page goes from one node to another.</summary>
    public void Move(uint page, int to)
    {
        Free(NodeOf[page], 1);
        NodeOf[page] = (byte)to;
        Take(to);
    }

    /// <summary>Free pages of a node.</summary>
    public long FreeOn(int node) => _free[node];

    /// <summary>Somebody would wake kswapd.</summary>
    public void WakeKswapd(int node) => Wakes |= 1UL << node & ~_awake;

    /// <summary>The container has stopped: they are woken.</summary>
    public ulong TakeWakes()
    {
        var wakes = Wakes;
        Wakes = 0;
        return wakes;
    }

    private int Find(ReadOnlySpan<int> zonelist)
    {
        foreach (var node in zonelist)
        {
            if (IsReclaimers(node) && _free[node] > _plan.Marks[node].Low)
            {
                return node;
            }
        }

        foreach (var node in zonelist)
        {
            if (IsReclaimers(node))
            {
                WakeKswapd(node);
            }
        }

        foreach (var node in zonelist)
        {
            if (IsReclaimers(node) && _free[node] > _plan.Marks[node].Min)
            {
                return node;
            }
        }

        return -1;
    }

    private bool IsReclaimers(int node) => (_reclaimers >> node & 1) != 0;
}
