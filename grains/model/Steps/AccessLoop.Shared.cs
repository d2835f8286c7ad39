using Reclaim.Model.Hierarchy;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Memcg;
using Reclaim.Model.Records;
using Reclaim.Model.Sharing;

namespace Reclaim.Model.Steps;

/// <content>Limits above, and a node, that others share.</content>
internal abstract partial class AccessLoop
{
    /// <summary>Takes what a step says of the limits above; null: there are none that others share.</summary>
    /// <param name="shared">What the grant says.</param>
    /// <param name="pages">Room above, pages.</param>
    public void Share(SharedGrant? shared, long pages)
    {
        _shared = shared;
        if (Memcg is not { Charge: var charge } || shared is not { } grant)
        {
            return;
        }

        charge.DrainStock(grant.DropStock);
        ShareNodes(grant.Free, grant.Slow, grant.AboveByNode, grant.Awake);
        if (Memcg.Nodes?.Promotion is { } promotion)
        {
            promotion.State = grant.Promotion;
        }

        Memcg.Lruvec.Share(grant.Above);
        charge.Share(pages > long.MaxValue - charge.Usage ? long.MaxValue : charge.Usage + Math.Max(0, pages), grant.OthersStock);
        _nodeCeiling = grant.NodePages > long.MaxValue - Memcg.PagesHeld ? long.MaxValue : Memcg.PagesHeld - charge.Stock + grant.NodePages;
        Hear(grant.News, grant.Evictors);
        charge.SingleNext |= grant.SingleFirst;
        _clockNs = Math.Max(_clockNs, grant.StartNs);
        while (!_plan.Turns && _queue.Count != 0 && _queue.FirstClock < grant.CpuFreeNs)
        {
            Jobs[_queue.First].WaitForCpu(grant.CpuFreeNs);
            _queue.DelayFirst(grant.CpuFreeNs);
        }

        if (grant.StallNs != 0 && _queue.Count != 0)
        {
            var job = Jobs[_plan.Turns ? _turn : _queue.First];
            var from = _plan.Turns ? _clockNs : job.NowNs;
            job.Pressure.Stall(from, from + grant.StallNs);
            job.Stalls?.Add(job.Number, StallKind.Reclaim, from, from + grant.StallNs);
            job.Counts.ReclaimNs += grant.StallNs;
            if (_plan.Turns)
            {
                _clockNs += grant.StallNs;
            }
            else
            {
                job.NowNs += grant.StallNs;
                _queue.AdvanceFirst(job.NowNs);
            }
        }
    }

    /// <summary>Reclaims on behalf of a limit above, or of the node.</summary>
    /// <returns>Pages freed, whether it was aged, and the CPU time that took.</returns>
    public (long Freed, bool Aged, long CostNs) ShrinkFor(in ShrinkOrder order)
    {
        AccessNs = Math.Max(AccessNs, order.NowNs);
        var work = Memcg!.Work;
        ShareNodes(order.Free, slow: true, null);
        if (Memcg.Lruvec is NodeLruvecs nodes)
        {
            nodes.On(order.Node).Share(order.Above);
        }
        else
        {
            Memcg.Lruvec.Share(order.Above);
        }

        Hear(order.News, null);
        if (order.NewsOnly)
        {
            return default;
        }

        var (freed, aged) = Memcg.ShrinkFor(order);
        var cost = PriceOf(Memcg.Work - work) + Memcg.SwapOutNs;
        ForgetReclaimWork();
        return (freed, aged, cost);
    }

    /// <summary>Whether a limit above that others share has no room for a page.</summary>
    protected bool IsAtSharedLimit => _shared is not null && Memcg is { Charge.IsAtCeiling: true };

    /// <summary>Whether the pages of its nodes are used up that it was granted.</summary>
    protected bool IsAtNodeLimit => _shared is not null && Memcg is { } memcg && (memcg.PagesHeld - memcg.Charge.Stock >= _nodeCeiling || IsOutOfNodes(memcg));

    /// <summary>
    /// Where the pages are that no workload has is settled whenever there may be others, not when a step happens to end: so that it does not
    /// matter where that is.
    /// </summary>
    protected void SettleNodes()
    {
        if (Memcg is { Nodes: not null } memcg)
        {
            memcg.SettleNodes();
        }
    }

    /// <summary>Whether the kswapd of some node is to be woken first.</summary>
    protected bool WakesKswapd => Memcg?.Nodes is { Wakes: not 0 };

    /// <summary>Takes over what others have done to the files that it shares with them.</summary>
    private void Hear(IReadOnlyList<FileChange>? news, IReadOnlyList<EvictorState>? evictors)
    {
        if (Memcg?.Shared is { } shared)
        {
            shared.Apply(news);
            shared.Evictors = evictors ?? [];
        }
    }

    private static bool IsOutOfNodes(MemoryCgroup memcg)
    {
        if (memcg.Nodes is null)
        {
            return false;
        }

        memcg.SettleNodes();
        return memcg.Nodes.IsExhausted;
    }

    private void ShareNodes(IReadOnlyList<long>? free, bool slow, IReadOnlyList<ListState>? above, ulong awake = 0)
    {
        if (Memcg is not { Nodes: { } nodes, Lruvec: NodeLruvecs lruvecs } || free is null)
        {
            return;
        }

        Memcg.SettleNodes();
        nodes.Know(free, slow, awake);
        for (var node = 0; node < above?.Count; node++)
        {
            lruvecs.On(node).Share(above[node]);
        }
    }
}
