namespace Reclaim.Model.Hierarchy;

/// <summary>Who goes on, from when, and how far.</summary>
public sealed partial class SharedDomain
{
    private void PassTurn()
    {
        for (var i = 0; i < _members.Length; i++)
        {
            _current = (_current + 1) % _members.Length;
            if (!_members[_current].Finished)
            {
                return;
            }
        }
    }

    /// <summary>Who is furthest behind goes on, as far as it may.</summary>
    private void Choose()
    {
        if (_untilNs is null && !_turns)
        {
            WaitForCpus();
            (_current, _cpuFreeNs) = (_queue.First, _cpus is null ? 0 : _queue.FirstClock);
            _latestNs = Math.Max(_latestNs, _queue.FirstClock);
            SetHorizon();
        }
    }

    /// <summary>Whoever is furthest behind waits until a CPU is free; who has waited longest goes first then.</summary>
    private void WaitForCpus()
    {
        while (_cpus is not null && _queue.Count != 0 && _queue.FirstClock < _cpus.FreeNs)
        {
            _queue.DelayFirst(_cpus.FreeNs);
        }
    }

    private bool IsKswapdsTurn(NodeState awake)
    {
        WaitForCpus();
        var startNs = KswapdStartNs(awake);
        return startNs <= EarliestNs() + _quantumNs && (_queue.Count == 0 || startNs == awake.KswapdNs || awake.KswapdNs <= _queue.FirstReady);
    }

    /// <summary>The node whose kswapd is awake and furthest behind; of several, the first.</summary>
    private NodeState? FirstAwake()
    {
        NodeState? first = null;
        foreach (var node in _nodes)
        {
            if (node.Kswapd is not null && (first is null || node.KswapdNs < first.KswapdNs))
            {
                first = node;
            }
        }

        return first;
    }

    /// <summary>When a node's kswapd has a CPU to go on.</summary>
    private long KswapdStartNs(NodeState node) => Math.Max(node.KswapdNs, _cpus?.FreeNs ?? 0);

    /// <summary>The current member has come as far as it may.</summary>
    private void Release()
    {
        if (_untilNs is null)
        {
            return;
        }

        _untilNs = null;
        if (_members[_current].Finished)
        {
            _queue.RemoveFirst();
            foreach (var node in _members[_current].Reach)
            {
                _nodes[node].Running--;
            }
        }
        else
        {
            _queue.AdvanceFirst(_members[_current].NowNs);
        }
    }

    /// <summary>Where the member furthest behind is.</summary>
    private long EarliestNs() => _queue.Count == 0 ? _horizonNs - _quantumNs : Math.Min(_queue.FirstClock, _horizonNs - _quantumNs);

    /// <summary>Where the member of a node is that is furthest behind.</summary>
    private long EarliestNs(NodeState node)
    {
        if (_nodes.Length == 1)
        {
            return EarliestNs();
        }

        var earliest = _horizonNs - _quantumNs;
        foreach (var member in _members)
        {
            earliest = !member.Finished && member.Reach.Contains(node.Id) ? Math.Min(earliest, member.NowNs) : earliest;
        }

        return earliest;
    }

    /// <summary>
    /// How far the current member may run: somewhat beyond the clock of the next, which may be kswapd. Not quite as far for what it asks of shared devices, and for all it does
    /// if CPUs are shared as well: whoever waits for a device lets go of its CPU.
    /// </summary>
    private void SetHorizon()
    {
        var awake = FirstAwake();
        var next = awake is null ? _queue.FirstMayRunUntil : Math.Min(KswapdStartNs(awake), _queue.FirstMayRunUntil);
        var ahead = 0L;
        foreach (var node in _members[_queue.First].Zonelist)
        {
            ahead = Math.Max(ahead, _nodes[node].Lookahead.Ahead(_queue.FirstClock));
        }

        ahead = SharesFilesOnly ? QuantaOfFiles * ahead : ahead;
        var toRequests = long.MaxValue;
        if (Devices is { } devices)
        {
            (toRequests, devices.SinceNs) = (devices.AheadNs, Math.Min(_queue.FirstClock, awake?.KswapdNs ?? long.MaxValue));
        }

        var untilNs = Beyond(next, _cpus is null ? ahead : Math.Min(ahead, toRequests));
        untilNs = _news is null ? untilNs : Math.Min(untilNs, Math.Max(_queue.FirstClock, 0) + MostQuanta * _quantumNs);
        (_untilNs, _requestsUntilNs) = (Math.Min(untilNs, _controlNs), Beyond(next, toRequests));
    }

    private long Beyond(long ns, long aheadNs) => ns > _horizonNs - aheadNs ? _horizonNs : ns + aheadNs;

    /// <summary>
    /// Pages that the current member may take from the node before it stops: down to the low watermark, where kswapd wakes, or, once that is
    /// awake, to the min watermark. By their clocks, each gets a part of what there is, so that none wakes kswapd long before its time.
    /// </summary>
    private long NodeAllowance()
    {
        var member = _members[_current];
        if (member.Home.Memory is null)
        {
            return long.MaxValue;
        }

        var all = 0L;
        _slow = IsSlow(member);
        long? first = null;
        foreach (var id in member.Zonelist)
        {
            var (node, state) = (_nodes[id].Memory!, _nodes[id]);
            var free = node.Spare(awake: _slow);
            if (free > 0)
            {
                all += free;
                first ??= Math.Max(AllowanceAtLeast, free / (2 * state.Running));
            }
        }

        return _turns ? all : Math.Min(all, first ?? 0);
    }

    /// <summary>Whether a member may take pages down to the min watermarks: each kswapd is awake that it would wake, or of no use.</summary>
    private bool IsSlow(Member member)
    {
        if (_slowPath)
        {
            return true;
        }

        foreach (var node in member.Zonelist)
        {
            if (!_nodes[node].NeedsNoWaking)
            {
                return false;
            }
        }

        return true;
    }
}
