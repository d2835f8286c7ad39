using Reclaim.Model.Hierarchy;
using Reclaim.Model.Memcg;

namespace Reclaim.Model.Lruvecs;

/// <summary>
/// The pages of a memcg that has some on several nodes: a lruvec for each node of the host, and together what the memcg goes by.
///
/// Reclaim for the memcg's own limit goes through all nodes at each priority, in the order of the zonelist of the CPU, whatever cpuset.mems
/// says (try_to_free_mem_cgroup_pages, shrink_zones in mm/vmscan.c, v6.8). kswapd and direct reclaim ask for one of them: <see cref="On"/>.
/// Simplified: batches of new pages are one for each node; the kernel has one of each CPU, whatever node a page is on.
/// </summary>
internal sealed class NodeLruvecs : Lruvec
{
    private readonly Lruvec[] _nodes;
    private readonly int[] _zonelist;

    /// <param name="memcg">The cgroup.</param>
    /// <param name="nodes">By node: its lruvec.</param>
    public NodeLruvecs(MemoryCgroup memcg, Lruvec[] nodes)
        : base(memcg)
    {
        _nodes = nodes;
        _zonelist = [.. memcg.Nodes!.Plan.Topology.Zonelist(memcg.Nodes.Plan.Cpu)];
    }

    /// <inheritdoc/>
    public override int Swappiness
    {
        get => _nodes[0].Swappiness;
        set => Array.ForEach(_nodes, node => node.Swappiness = value);
    }

    /// <summary>The lruvec of a node.</summary>
    public Lruvec On(int node) => _nodes[node];

    /// <summary>Its lruvecs, by node.</summary>
    public IReadOnlyList<Lruvec> All => _nodes;

    /// <inheritdoc/>
    public override void Shrink(ref ScanControl sc)
    {
        foreach (var node in _zonelist)
        {
            Memcg.Shrink(_nodes[node], ref sc);
        }

        Collect();
    }

    /// <inheritdoc/>
    public override void Snapshot() => Array.ForEach(_nodes, node => node.Snapshot());

    /// <inheritdoc/>
    public override void Drain()
    {
        foreach (var node in _nodes)
        {
            node.Drain();
            TakeLockedMoves(node);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<uint> Discard(Predicate<uint> droppable) => [.. _nodes.SelectMany(node => node.Discard(droppable))];

    /// <inheritdoc/>
    public override void HandOver(Lruvec to) => throw new NotSupportedException("the policy of a cgroup with pages on several nodes does not change");

    /// <inheritdoc/>
    protected internal override void Accept(uint page, bool active, bool referenced, bool workingset) => HandOver(this);

    /// <inheritdoc/>
    public override (long Inactive, long Active) FileSizes => Sum(node => node.FileSizes);

    /// <inheritdoc/>
    public override (long Inactive, long Active) AnonSizes => Sum(node => node.AnonSizes);

    /// <inheritdoc/>
    public override void AddPagesByAge(Span<long> file, Span<long> anon)
    {
        foreach (var node in _nodes)
        {
            node.AddPagesByAge(file, anon);
        }
    }

    /// <inheritdoc/>
    public override void Rotate(uint page) => Of(page).Rotate(page);

    /// <inheritdoc/>
    public override void MarkAccessed(uint page) => Of(page).MarkAccessed(page);

    /// <inheritdoc/>
    public override void Remove(uint page) => Of(page).Remove(page);

    /// <inheritdoc/>
    protected override void ReceiveDemoted(uint page, bool mapped) => throw new NotSupportedException("a page is demoted to the lists of one node");

    /// <inheritdoc/>
    public override bool TryPromote(uint page, Lruvec to, bool inFault) => Of(page).TryPromote(page, to, inFault);

    /// <inheritdoc/>
    public override void FlushStatistics()
    {
        base.FlushStatistics();
        Array.ForEach(_nodes, node => node.FlushStatistics());
    }

    /// <inheritdoc/>
    /// <remarks>Node after node.</remarks>
    public override void Share(IReadOnlyList<ListState> above, int first, int count)
    {
        var levels = count / _nodes.Length;
        for (var node = 0; node < _nodes.Length; node++)
        {
            _nodes[node].Share(above, first + node * levels, levels);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Node after node.</remarks>
    public override ListState[]? TakeAbove() => _nodes[0].TakeAbove() is null ? null : [.. _nodes.SelectMany(node => node.TakeAbove()!)];

    /// <summary>What each contributes, by node.</summary>
    public ListState[] TakeListsByNode() => Array.ConvertAll(_nodes, node => node.TakeLists());

    /// <summary>Takes over what its lruvecs have done.</summary>
    public void Collect()
    {
        SumWork(_nodes);
        Array.ForEach(_nodes, TakeLockedMoves);
    }

    /// <summary>Takes over what one of them has moved.</summary>
    public void CollectMoves(Lruvec node)
    {
        if (node.LockedMoves != 0)
        {
            TakeLockedMoves(node);
        }
    }

    private Lruvec Of(uint page) => _nodes[Memcg.Nodes!.NodeOf[page]];

    private (long Inactive, long Active) Sum(Func<Lruvec, (long Inactive, long Active)> of)
    {
        var (inactive, active) = (0L, 0L);
        foreach (var node in _nodes)
        {
            var sizes = of(node);
            inactive += sizes.Inactive;
            active += sizes.Active;
        }

        return (inactive, active);
    }
}
