using Reclaim.Model.Lruvecs;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Hierarchy;

/// <summary>What a member is called for, and what follows from its report.</summary>
public sealed partial class SharedDomain
{
    /// <summary>What is to be done next.</summary>
    /// <returns>The call, or null if the step is over.</returns>
    /// <exception cref="StalledException">A limit has no room, and nothing can be reclaimed for it.</exception>
    public SharedCall? Next() => _pending ??= Find();

    /// <summary>A member has run.</summary>
    public void Ran(in Report report)
    {
        var member = _members[_current];
        _pending = null;
        Turns++;
        _cpus?.Take(_startNs, report.CpuNs, report.NowNs - _startNs);
        member.Add(report);
        _latestNs = Math.Max(_latestNs, report.NowNs);
        _news?.Took(_current, report.Files);
        _between = false;
        if (report.Pressure is { } changes && _pressure.Took(member.Node, changes))
        {
            _pressure.Settle(_turns ? _clockNs : _members.Min(other => other.Finished ? long.MaxValue : other.NowNs));
        }

        TakeLists(member, report.Lists, report.ListsByNode, report.Above);
        TakeSwap(member, report.Swap);
        Devices?.Took(report.Devices);
        _cache?.Took(_current, report.Cache, goesOn: report.Stop == StopReason.Accesses);
        if (report.Restriction is var (low, min, high))
        {
            _tree.Restrict(member.Node, low, min, high);
        }

        if (report.Offline)
        {
            Offline(member);
        }

        _tree.Charge(member.Node, report.Charged + member.DroppedStock);
        Take(_current, report.Allocated, report.AllocatedByNode, asks: true);
        member.DroppedStock = 0;
        _left -= report.Accesses;
        _clockNs = Math.Max(_clockNs, report.NowNs);
        (_resumes, _slowPath, _stallNs, _sleepNs) = (false, false, 0, 0);
        _allowance = report.Stop == StopReason.Accesses && _allowance is < long.MaxValue ? _allowance - report.Allocated : null;
        if (report.Refilled && !SharesFilesOnly)
        {
            TakeStock(member);
        }

        member.Stock = report.Stock;
        member.Finished = report.Stop == StopReason.Done || report.NowNs >= _horizonNs;
        if (member.Cpu is { } cpu)
        {
            _nodes[cpu].Promotion = report.Promotion;
        }

        WakeKswapds(report.Wakes, report.NowNs);
        if (report.Stop == StopReason.Pages)
        {
            _retries = ScanControl.MaxReclaimRetries;
            Reclaim(member);
            if (_reclaim is null)
            {
                Release();
                _between = true;
            }
        }
        else if (report.Stop == StopReason.High && !member.Finished)
        {
            _clockNs = Math.Max(_clockNs, report.OverHigh.AtNs);
            _reclaim = new HighReclaim(_tree, member.Node, report.OverHigh.Pages, _rules.LimitWalk, Lists, ZonelistOf(member)) { ScalesProtected = ScalesProtected };
        }
        else if (member.Finished || report.Stop is StopReason.Round or StopReason.Horizon or StopReason.Request)
        {
            Release();
            PassTurn();
            _between = true;
        }
        else if (report.Stop == StopReason.Wake)
        {
            Release();
        }
    }

    /// <summary>A member was reclaimed from.</summary>
    public void Shrunk(in ShrinkReport report)
    {
        var (victim, order) = (_pending!.Index, _pending.Order!);
        _pending = null;
        _ordersLeft--;
        Orders++;
        var member = _members[victim];
        _news?.Took(victim, report.Files);
        _tree.Charge(member.Node, report.Charged + SettleStock(victim, grown: report.PagesTaken - report.Allocated));
        Take(victim, report.Allocated, report.AllocatedByNode, asks: false);
        member.Shrunk(report);
        TakeLists(member, report.Lists, report.ListsByNode, report.Above);
        TakeSwap(member, report.Swap);
        Devices?.Took(report.Devices);
        _cache?.Took(victim, report.Cache);
        if (order.NewsOnly)
        {
            return;
        }

        if (order.Oom is not null)
        {
            member.Ended = report.Oom.Ended;
            _oom!.Took(report.Oom);
            return;
        }

        ref var entry = ref _reclaimed[(int)order.Reason][_aggressor, victim, _matrixNodes > 1 ? order.Node : 0];
        entry = (entry.Scanned + report.Scanned, entry.Freed + report.Freed);
        WriteScan(victim, order, report, _kswapd is { } running ? KswapdStartNs(running) : WaitingNs);
        if (_write is { } write)
        {
            write.Took(report);
        }
        else if (_kswapd is { } awake)
        {
            awake.Demand.Met(_aggressor, report.Freed);
            awake.Kswapd!.Took(report);
            var startNs = KswapdStartNs(awake);
            _cpus?.Take(startNs, report.CostNs, report.CostNs);
            awake.KswapdNs = startNs + report.CostNs;
            awake.Memory!.KswapdNs += report.CostNs;
        }
        else
        {
            _reclaim!.Took(report);
            _stallNs += report.CostNs;
        }

        WakeKswapds(report.Wakes, order.NowNs);
    }

    /// <summary>What each member did in the step that is over, in the order of <see cref="Members"/>.</summary>
    public IReadOnlyList<Report> TakeReports()
    {
        _open = false;
        return [.. _members.Select(member => member.TakeReport(_horizonNs))];
    }

    private SharedCall? Find()
    {
        if (_batch.Count != 0)
        {
            return _left > 0 ? _batchCall : null;
        }

        // A limit that was lowered holds when a step ends.
        if (IsReclaiming && _write is null)
        {
            return null;
        }

        do
        {
            if (FindOrder() is { } order)
            {
                return order;
            }
        }
        while (Carry());

        if ((_between || Done) && _news?.Overdue(Done) is { } uninformed)
        {
            return new SharedCall(uninformed, _members[uninformed].Number, null, new ShrinkOrder(0, _clockNs)
            {
                Node = _members[uninformed].Home.Id,
                Above = AboveFor(_members[uninformed]),
                News = _news.Take(uninformed),
                NewsOnly = true,
            });
        }

        if (Done || _left <= 0)
        {
            return null;
        }

        if (FindBatch())
        {
            return _batchCall;
        }

        Choose();
        var current = _members[_current];
        _startNs = Math.Max(current.NowNs, _cpuFreeNs);
        var room = _tree.RoomAbove(current.Node);
        var grant = new Grant(_turns ? _horizonNs : _untilNs!.Value, room.Max, _left)
        {
            DropStock = current.DroppedStock,
            Shared = new SharedGrant(
                _turns ? _clockNs : current.NowNs, _turns, _resumes, _stallNs,
                _stockOwner >= 0 && _stockOwner != _current ? _tree.RoomFrom(current.Node, _members[_stockOwner].Node, _members[_stockOwner].Stock) : default)
            {
                HighRoom = room.High,
                SleepNs = _sleepNs,
                Swap = SwapFor(current),
                Devices = Devices?.States,
                RequestsSinceNs = Devices?.SinceNs ?? 0,
                RequestsUntilNs = _requestsUntilNs,
                Cache = _cache?.For(_current, Nodes),
                NodePages = _allowance ??= NodeAllowance(),
                CpuFreeNs = _cpuFreeNs,
                Above = AboveFor(current),
                Free = FreeFor(current),
                Slow = _slow,
                Awake = current.IsSpread ? Awake() : 0,
                Promotion = current.Cpu is { } cpu ? _nodes[cpu].Promotion : default,
                News = _news?.Take(_current),
                Evictors = _news is null || _multiGen ? null : EvictorsFor(current),
            },
        };
        return new SharedCall(_current, current.Number, grant, null);
    }
}
