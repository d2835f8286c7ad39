using System.Runtime.CompilerServices;
using Reclaim.Model.Classic;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Numa;

namespace Reclaim.Model.Lruvecs;

/// <summary>The multi-gen policy on several nodes, as the access loop sees it. A hit does not ask which node its page is on, but for its price.</summary>
internal readonly struct MultiGenNodesPath(NodeLruvecs lruvecs, PageNodes nodes, MultiGenLruvec[] byNode, long[] farNs) : ILruvecPath
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTouch(uint page) => byNode[0].TryTouch(page);

    /// <remarks>A page that comes back on another node than it was evicted from is no refault (lru_gen_refault).</remarks>
    public void Insert(uint page, uint shadow, bool inFault)
    {
        var lruvec = byNode[nodes.Allocated];
        lruvec.Add(page, nodes.Enter(page) == nodes.Allocated ? shadow : 0, inFault);
        lruvecs.CollectMoves(lruvec);
    }

    public void Allocate(uint page) => nodes.Allocate(page);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long FarNs(uint page) => farNs[nodes.NodeOf[page]];
}

/// <summary>The classic policy likewise.</summary>
internal readonly struct ClassicNodesPath(NodeLruvecs lruvecs, PageNodes nodes, ClassicLruvec[] byNode, long[] farNs) : ILruvecPath
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTouch(uint page)
    {
        var lruvec = byNode[nodes.NodeOf[page]];
        var touched = lruvec.TryTouch(page);
        lruvecs.CollectMoves(lruvec);
        return touched;
    }

    public void Insert(uint page, uint shadow, bool inFault)
    {
        var lruvec = byNode[nodes.Allocated];
        var was = nodes.Enter(page);
        if (was == nodes.Allocated)
        {
            lruvec.Add(page, shadow);
        }
        else
        {
            lruvec.Add(page, shadow, byNode[was]);
        }

        lruvecs.CollectMoves(lruvec);
    }

    public void Allocate(uint page) => nodes.Allocate(page);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long FarNs(uint page) => farNs[nodes.NodeOf[page]];
}
