using Reclaim.Model.Hierarchy;
using Reclaim.Model.Memcg;
using Reclaim.Model.Pressure;
using Reclaim.Model.Records;
using Reclaim.Model.Sharing;

namespace Reclaim.Model.Steps;

/// <content>Limits above, and a node, that others share.</content>
internal abstract partial class AccessLoop
{
    /// <summary>Takes what a step says of the limits above; null: there are none that others share.</summary>
    /// <param name="shared">What the grant says.</param>
    /// <param name="pages">Room above, pages.</param>
    /// <param name="dropStock">Pages of its stock that went back.</param>
    public void Share(SharedGrant? shared, long pages, int dropStock)
    {
        (_isShared, _oneRound) = (shared is not null, shared is { Round: true });
        _requestsUntilNs = shared is { } granted && UsesSharedDevices ? granted.RequestsUntilNs : long.MaxValue;
        if (Memcg is not { Charge: var charge } || shared is not { } grant)
        {
            return;
        }

        charge.DrainStock(dropStock);
        ShareNodes(grant.Free, grant.Slow, grant.Awake);
        if (Memcg.Nodes?.Promotion is { } promotion)
        {
            promotion.State = grant.Promotion;
        }

        Memcg.Lruvec.Share(grant.Above, 0, grant.Above.Count);
        Memcg.Swap.Share(grant.Swap);
        Devices.Know(grant.Devices, grant.RequestsSinceNs);
        if (Writeback is { } writeback)
        {
            writeback.Host = grant.Cache;
        }

        charge.Share(new RoomAbove(pages, grant.HighRoom), grant.OthersStock);
        _nodeCeiling = grant.NodePages > long.MaxValue - Memcg.PagesHeld ? long.MaxValue : Memcg.PagesHeld - charge.Stock + grant.NodePages;
        Hear(grant.News, grant.Evictors);
        charge.SingleNext |= grant.SingleFirst;
        if (_plan.Turns)
        {
            _clockNs = Math.Max(_clockNs, grant.StartNs);
        }

        while (!_plan.Turns && _queue.Count != 0 && _queue.FirstClock < grant.CpuFreeNs)
        {
            Jobs[_queue.First].WaitForCpu(grant.CpuFreeNs);
            _queue.DelayFirst(grant.CpuFreeNs);
        }

        if ((grant.StallNs != 0 || grant.SleepNs != 0) && _queue.Count != 0)
        {
            Stall(Jobs[OverHighJob >= 0 ? OverHighJob : _plan.Turns ? _turn : _queue.First], grant.StallNs, grant.SleepNs);
        }

        OverHighJob = -1;
    }

    /// <summary>A task has waited for reclaim that others were the victims of, and may have to sleep besides.</summary>
    private void Stall(Job job, long stallNs, long sleepNs)
    {
        var from = _plan.Turns ? _clockNs : job.NowNs;
        job.Pressure.Stall(from, from + stallNs);
        job.Stalls?.Add(job.Number, StallKind.Reclaim, from, from + stallNs);
        job.Counts.ReclaimNs += stallNs;
        if (_plan.Turns)
        {
            // Its own clock is set when its turn comes.
            job.Pressure.Stall(from + stallNs, from + stallNs + sleepNs);
            job.Stalls?.Add(job.Number, StallKind.HighThrottle, from + stallNs, from + stallNs + sleepNs);
            job.Counts.HighNs += sleepNs;
            _clockNs += stallNs + sleepNs;
            job.BatchStartNs -= stallNs + sleepNs;
        }
        else
        {
            job.NowNs += stallNs;
            job.SleepUntil(job.NowNs + sleepNs, TaskStates.MemStall, ref job.Counts.HighNs, StallKind.HighThrottle);
            _queue.Set(job.Number, job.NowNs);
        }

        if (OverHighJob >= 0 && job.RecordedNs >= 0)
        {
            // It is the request that charged those pages which takes longer.
            job.Latency.Prolong(job.RecordedNs, stallNs + sleepNs);
            job.BatchStartNs += stallNs + sleepNs;
        }
    }

    /// <summary>Pages that a task charged above some memory.high above, and when; the call that follows says what that costs it.</summary>
    public (long Pages, long AtNs) OverHigh => OverHighJob < 0 ? default : (Memcg!.TakeChargedOverHigh(), Jobs[OverHighJob].NowNs);

    /// <summary>Reclaims on behalf of a limit above, or of the node.</summary>
    /// <returns>Pages freed, whether it was aged, and the CPU time that took.</returns>
    public (long Freed, bool Aged, long CostNs) ShrinkFor(ShrinkOrder order)
    {
        AccessNs = Math.Max(AccessNs, order.NowNs);
        var work = Memcg!.Work;
        Memcg.Swap.Share(order.Swap);
        Devices.Know(order.Devices, order.RequestsSinceNs);
        ShareNodes(order.Free, slow: true);
        Memcg.Lruvec.Share(order.Above, 0, order.Above.Count);
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

    /// <summary>The job that has charged pages above some memory.high above; −1: none.</summary>
    protected int OverHighJob { get; set; } = -1;

    /// <summary>Whether a request must wait for others to come as far: it needs a page, and with it perhaps a device that they may ask before.</summary>
    /// <param name="beginNs">When it began, or goes on.</param>
    protected bool MustWaitForOthers(long beginNs) => _waitsForOthers = beginNs >= _requestsUntilNs;

    /// <summary>A request slept in the middle: it goes on when it is its job's turn again.</summary>
    protected RequestClock Wake(in RequestClock clock, Job job)
    {
        _waits = true;
        return clock.Wake(job.NowNs);
    }

    private bool UsesSharedDevices => _usesSharedDevices ??= _plan.SwapPages != 0 || Array.Exists(Jobs, job => Array.Exists(job.Streams, stream => stream.Device.IsShared));

    /// <summary>Whether a limit above that others share has no room for a page.</summary>
    protected bool IsAtSharedLimit => _isShared && Memcg is { Charge.IsAtCeiling: true };

    /// <summary>Whether the pages of its nodes are used up that it was granted.</summary>
    protected bool IsAtNodeLimit => _isShared && Memcg is { } memcg && (memcg.PagesHeld - memcg.Charge.Stock >= _nodeCeiling || IsOutOfNodes(memcg));

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

    private void ShareNodes(IReadOnlyList<long>? free, bool slow, ulong awake = 0)
    {
        if (Memcg is not { Nodes: { } nodes } || free is null)
        {
            return;
        }

        Memcg.SettleNodes();
        nodes.Know(free, slow, awake);
    }
}
