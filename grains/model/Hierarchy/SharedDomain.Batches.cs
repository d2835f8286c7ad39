using Reclaim.Model.Steps;

namespace Reclaim.Model.Hierarchy;

/// <summary>
/// Members that run at the same time. Where they can meet at the free pages of their node alone, all that are behind a common horizon have
/// a part of the pages above the watermark each, and go on till the one or the other is reached:
///
/// <code>
///        first            horizon = first + lookahead
///          │                 │
///    a ────●════════════════►│           at the horizon
///    b ──────●═══════╳       │           its part is used up: goes on in the next batch
///    c ───────●═════════════►│
///    d ──────────────────────┼──●        is beyond it already
/// </code>
///
/// What they did is taken in the order of the scenario, whoever was ready first. Where few pages are left, or a watermark is reached, one
/// goes on after the other. So nobody finds the node short, wakes kswapd or reclaims in a batch.
/// </summary>
public sealed partial class SharedDomain
{
    /// <summary>Pages each must be able to take: of who stops after every page or two, little is done at a time.</summary>
    private const int LeastPart = 2;

    private readonly MemberBatch _batch;
    private readonly SharedCall _batchCall;

    /// <summary>Where the members that may be in a batch are in the queue, and how many there are.</summary>
    private readonly int[] _places;

    /// <inheritdoc cref="_places"/>
    private int _behind;

    /// <summary>Batches of members that ran at the same time. Their turns are among <see cref="Turns"/>.</summary>
    public long Batches { get; private set; }

    /// <summary>Members have run, at the same time or one after the other: all that were due.</summary>
    public void Ran(MemberBatch batch)
    {
        _pending = null;
        var isOver = true;
        for (var i = 0; i < batch.Count; i++)
        {
            ref var entry = ref batch[i];
            if (entry.HasRun)
            {
                entry.HasRun = false;
                Took(ref entry);
            }

            isOver &= entry.IsOver;
        }

        if (isOver)
        {
            EndBatch();
        }
    }

    /// <summary>Whether nothing but the free pages of their nodes brings members together, while none is reclaimed from.</summary>
    private bool MeetAtNodesAlone => !_turns && _cpus is null && _news is null && _cache is null && Devices is null && !SharesFilesOnly && _matrixNodes == 1
        && _nodes[0].Memory is not null && (SwapPages == 0 || !_swaps) && _swap is null && !_tree.LimitsSwap && !_tree.LimitsMemory;

    /// <summary>The batch that is under way goes on, or one begins.</summary>
    /// <returns>Whether there is any.</returns>
    private bool FindBatch() =>
        _batch.Count != 0 || (_untilNs is null && !_slowPath && _queue.Count > 1 && MeetAtNodesAlone && BeginBatch());

    private bool BeginBatch()
    {
        var (firstNs, beforeNs) = (_queue.FirstClock, SetHorizons());
        while (true)
        {
            var (many, enough) = CountBefore(beforeNs);
            if (_behind < 2)
            {
                return false;
            }

            if (many <= enough)
            {
                break;
            }

            // Where there is not enough for all, those go on that are furthest behind.
            beforeNs = firstNs + (beforeNs - firstNs) / many * enough;
        }

        for (var i = 0; i < _behind; i++)
        {
            var member = _queue.At(_places[i]);
            if (_nodes.Length == 1 || _queue.ClockAt(_places[i]) < _members[member].Home.Part.UntilNs)
            {
                _batch.Add(member);
            }
        }

        _batch.Begin();
        if (_batch.Count < 2)
        {
            _batch.Clear();
            return false;
        }

        foreach (var node in _nodes)
        {
            node.Part.Begin();
        }

        for (var i = 0; i < _batch.Count; i++)
        {
            Begin(ref _batch[i]);
        }

        Batches++;
        return true;
    }

    /// <summary>Counts the members that are before a time.</summary>
    /// <returns>Of a node that has not enough for them, how many they are, and for how many it has; of none, if all have.</returns>
    private (long Many, long Enough) CountBefore(long ns)
    {
        _behind = _queue.Before(ns, _places);
        foreach (var node in _nodes)
        {
            node.Part.Members = _nodes.Length == 1 ? _behind : 0;
        }

        for (var i = 0; i < _behind && _nodes.Length > 1; i++)
        {
            var part = _members[_queue.At(_places[i])].Home.Part;
            part.Members += _queue.ClockAt(_places[i]) < part.UntilNs ? 1 : 0;
        }

        foreach (var node in _nodes)
        {
            if (node.Part.Members * LeastPart > node.Part.Pages)
            {
                return (node.Part.Members, Math.Max(0, node.Part.Pages / LeastPart));
            }
        }

        return (0, 0);
    }

    /// <summary>How far members of each node may go, and what they have together until then.</summary>
    /// <returns>The farthest.</returns>
    private long SetHorizons()
    {
        var firstNs = _queue.FirstClock;
        _latestNs = Math.Max(_latestNs, firstNs);
        var fromNs = Math.Min(firstNs, FirstAwake()?.KswapdNs ?? long.MaxValue);
        var farthestNs = 0L;
        foreach (var node in _nodes)
        {
            var (part, memory, isSlow) = (node.Part, node.Memory!, node.NeedsNoWaking);
            var aheadNs = node.Lookahead.Ahead(firstNs);
            part.UntilNs = Math.Min(fromNs > _horizonNs - aheadNs ? _horizonNs : fromNs + aheadNs, _controlNs);
            part.Pages = memory.Spare(isSlow);
            part.IsSlow = isSlow;
            farthestNs = Math.Max(farthestNs, part.UntilNs);
        }

        return farthestNs;
    }

    private void Begin(ref MemberBatch.Entry entry)
    {
        var member = _members[entry.Member];
        var part = member.Home.Part;
        entry.UntilNs = part.UntilNs;
        entry.Pages = part.Share();
        entry.Above = AboveFor(member);
    }

    /// <summary>What a member of the batch may still do. Most are granted the same. May be asked by several threads.</summary>
    internal Grant GrantFor(in MemberBatch.Entry entry)
    {
        var member = _members[entry.Member];
        var part = member.Home.Part;
        var shared = entry.Above.Length == 0 ? part.GrantOf(entry.Pages) : null;
        return new Grant(entry.UntilNs, long.MaxValue, _left)
        {
            DropStock = member.DroppedStock,
            Shared = shared ?? BatchPart.Grant(entry.Pages, part.IsSlow) with { Above = entry.Above },
        };
    }

    /// <summary>Number of the container of a member.</summary>
    internal int NumberOf(int member) => _members[member].Number;

    /// <summary>Limits that are written for a time before its horizon end a batch there.</summary>
    private void EndBatchAt(long ns)
    {
        for (var i = 0; i < _batch.Count; i++)
        {
            _batch[i].UntilNs = Math.Min(_batch[i].UntilNs, ns);
        }
    }

    /// <summary>Takes what a member did, as far as the order does not matter.</summary>
    private void Took(ref MemberBatch.Entry entry)
    {
        ref readonly var report = ref entry.Report;
        var member = _members[entry.Member];
        Turns++;
        member.Add(report);
        _latestNs = Math.Max(_latestNs, report.NowNs);
        _clockNs = Math.Max(_clockNs, report.NowNs);
        _left -= report.Accesses;
        TakeLists(member, report.Lists, byNode: null, above: null);
        TakeAbove(ref entry, report.Above);
        TakeSwap(member, report.Swap);
        if (report.Restriction is var (low, min, high))
        {
            _tree.Restrict(member.Node, low, min, high);
        }

        _tree.Charge(member.Node, report.Charged + member.DroppedStock);
        Take(entry.Member, report.Allocated, byNode: null, asks: true);
        (member.DroppedStock, member.Stock) = (0, report.Stock);
        entry.Pages -= report.Allocated;
        entry.IsOver = report.Stop != StopReason.Accesses;
        member.Finished = entry.IsOver && (report.Stop == StopReason.Done || report.NowNs >= _horizonNs);
        entry.Refilled |= report.Refilled;
        entry.Offline |= report.Offline;
        entry.Pressure = report.Pressure is null || entry.Pressure is null ? report.Pressure ?? entry.Pressure : [.. entry.Pressure, .. report.Pressure];
    }

    /// <summary>Classic only: by how much a member has changed ages and costs of the cgroups above. What evicting costs is halved now and then, by several perhaps.</summary>
    private void TakeAbove(ref MemberBatch.Entry entry, IReadOnlyList<ListState>? told)
    {
        var node = _members[entry.Member].Home.Id;
        var parent = _tree.Nodes[_members[entry.Member].Node].Parent;
        for (var level = entry.Above.Length - 1; told is not null && level >= 0; level--)
        {
            var (above, before, now) = (_tree.Nodes[parent].On(node), entry.Above[level], told[level]);
            above.Lists = above.Lists with
            {
                Age = above.Lists.Age + (now.Age - before.Age),
                AnonCost = Math.Max(0, above.Lists.AnonCost + now.AnonCost - before.AnonCost),
                FileCost = Math.Max(0, above.Lists.FileCost + now.FileCost - before.FileCost),
            };
            entry.Above[level] = before with { Age = now.Age, AnonCost = now.AnonCost, FileCost = now.FileCost };
            parent = _tree.Nodes[parent].Parent;
        }
    }

    /// <summary>All have come as far as they may: now what goes by their order.</summary>
    private void EndBatch()
    {
        var (changes, refilled) = (false, -1);
        for (var i = 0; i < _batch.Count; i++)
        {
            ref var entry = ref _batch[i];
            var member = _members[entry.Member];
            changes |= entry.Pressure is { } log && _pressure.Took(member.Node, log);
            if (entry.Offline)
            {
                Offline(member);
            }

            if (entry.Refilled)
            {
                refilled = refilled < 0 || member.NowNs >= _members[refilled].NowNs ? entry.Member : refilled;
            }

        }

        AdvanceQueue();
        if (refilled >= 0)
        {
            TakeStock(refilled);
        }

        _batch.Clear();
        _between = true;
        if (changes)
        {
            _pressure.Settle(_members.Min(member => member.Finished ? long.MaxValue : member.NowNs));
        }
    }

    private void AdvanceQueue()
    {
        for (var i = _behind - 1; i >= 0; i--)
        {
            _queue.Advance(_places[i], _members[_queue.At(_places[i])].NowNs);
        }

        for (var i = 0; i < _batch.Count; i++)
        {
            if (_members[_batch[i].Member] is { Finished: true } ended)
            {
                _queue.Remove(_batch[i].Member);
                ended.Home.Running--;
            }
        }
    }

    /// <summary>The CPU's stock is that of the last member to fill it: those of all others go back.</summary>
    private void TakeStock(int last)
    {
        for (var i = 0; i < _batch.Count; i++)
        {
            if (_batch[i].Refilled && _batch[i].Member != last)
            {
                DropStock(_members[_batch[i].Member]);
            }
        }

        if (_stockOwner >= 0 && _stockOwner != last)
        {
            DropStock(_members[_stockOwner]);
        }

        _stockOwner = last;
    }
}
