using Reclaim.Model.Kernels;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Hierarchy;

/// <summary>
/// Containers that share a limit. One of them runs at a time, while the others stand still, and stops where the limit has no room for
/// its next page: then reclaim on behalf of that limit is ordered, memcg after memcg, and it goes on. So what the kernel decides
/// access by access is decided here as the kernel does.
///
/// <code>
///   Begin ──► Next ──► run a member ────► Ran ──┐
///              ▲  └──► shrink a member ─► Shrunk ┤
///              └────────────────────────────────┘  until there is no call left in the step
/// </code>
///
/// Who carries the calls out, in this process or by messages, does not matter. A call is not over until its report is taken, and is
/// given again if that does not happen.
/// Source: try_charge_memcg in mm/memcontrol.c, v6.8, as far as it looks at ancestors.
/// </summary>
public sealed class SharedDomain
{
    /// <summary>MAX_RECLAIM_RETRIES.</summary>
    private const int MaxReclaimRetries = 16;

    private readonly MemcgTree _tree;
    private readonly LimitWalk _walk;
    private readonly bool _turns;
    private readonly long _quantumNs;
    private readonly long _horizonNs;
    private readonly Member[] _members;
    private SharedCall? _pending;
    private LimitReclaim? _reclaim;
    private long _left;
    private int _current;
    private int _retries;
    private int _stockOwner = -1;
    private long _clockNs;
    private bool _resumes;
    private long? _untilNs;
    private uint _age;
    private long _stallNs;

    /// <param name="tree">The cgroups; usage is what their processes hold already.</param>
    /// <param name="members">Numbers of the containers, in the order of the scenario.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="turns">Whether they take turns, or go by their clocks.</param>
    /// <param name="quantumNs">By their clocks: how far one may run ahead of the next.</param>
    /// <param name="horizonNs">Virtual time at which the run ends.</param>
    public SharedDomain(MemcgTree tree, IEnumerable<int> members, KernelChoice kernel, bool turns, long quantumNs, long horizonNs)
    {
        _tree = tree;
        _walk = kernel.ResolveRules().LimitWalk;
        (_turns, _quantumNs, _horizonNs) = (turns, quantumNs, horizonNs);
        _members = [.. members.Select(member => new Member(member, tree.OfMember(member)))];
        Reclaimed = new (long, long)[_members.Length, _members.Length];
    }

    /// <summary>The cgroups.</summary>
    public MemcgTree Tree => _tree;

    /// <summary>Numbers of the containers.</summary>
    public IEnumerable<int> Members => _members.Select(member => member.Number);

    /// <summary>By who asked and whom it was taken from, as they stand in <see cref="Members"/>: pages scanned and reclaimed on behalf of shared limits.</summary>
    public (long Scanned, long Freed)[,] Reclaimed { get; }

    /// <summary>Pages of stocks that went back to the counters, and that their containers do not know of yet.</summary>
    internal long PendingStock => _members.Sum(member => member.DroppedStock);

    /// <summary>Most pages they may hold together.</summary>
    public long Max => _tree.Nodes[0].Limits.Max;

    /// <summary>Pages they hold together. The few by which an access may pass the limit before reclaim follows are not counted.</summary>
    public long Held => Math.Min(_tree.Nodes[0].Usage, Max);

    /// <summary>Whether all members are finished.</summary>
    public bool Done => Array.TrueForAll(_members, member => member.Finished);

    /// <summary>Begins a step, unless one is under way that broke off.</summary>
    /// <param name="maxAccesses">Accesses after which it ends.</param>
    public void Begin(long maxAccesses)
    {
        if (_pending is null && _reclaim is null)
        {
            _left = maxAccesses;
        }
    }

    /// <summary>What is to be done next.</summary>
    /// <returns>The call, or null if the step is over.</returns>
    /// <exception cref="StalledException">A limit has no room, and nothing can be reclaimed for it.</exception>
    public SharedCall? Next() => _pending ??= Find();

    /// <summary>A member has run.</summary>
    public void Ran(in Report report)
    {
        var member = _members[_current];
        _pending = null;
        member.Add(report);
        member.Lists = report.Lists;
        _age = report.Lists.Age;
        _tree.Charge(member.Node, report.PagesTaken + member.DroppedStock);
        member.DroppedStock = 0;
        _left -= report.Accesses;
        _clockNs = Math.Max(_clockNs, report.NowNs);
        (_resumes, _stallNs) = (false, 0);
        if (report.Refilled)
        {
            TakeStock(member);
        }

        member.Stock = report.Stock;
        member.Finished = report.Stop == StopReason.Done || report.NowNs >= _horizonNs;
        if (report.Stop == StopReason.Pages)
        {
            _retries = MaxReclaimRetries;
            Reclaim(member);
        }
        else if (member.Finished || report.Stop is StopReason.Round or StopReason.Horizon)
        {
            _untilNs = null;
            PassTurn();
        }
    }

    /// <summary>A member was reclaimed from.</summary>
    public void Shrunk(in ShrinkReport report)
    {
        var victim = _pending!.Value.Index;
        _pending = null;
        var member = _members[victim];
        _tree.Charge(member.Node, report.PagesTaken);
        member.Shrunk(report);
        _age = report.Lists.Age;
        member.Lists = report.Lists;
        _reclaim!.Took(report);
        _stallNs += report.CostNs;
        ref var entry = ref Reclaimed[_current, victim];
        entry = (entry.Scanned + report.Scanned, entry.Freed + report.Freed);
    }

    /// <summary>What each member did in the step that is over, in the order of <see cref="Members"/>.</summary>
    public IReadOnlyList<Report> TakeReports() => [.. _members.Select(member => member.TakeReport(_horizonNs))];

    private SharedCall? Find()
    {
        while (_reclaim is { } reclaim)
        {
            if (reclaim.Next() is { } order)
            {
                var index = Array.FindIndex(_members, member => member.Node == order.Node);
                return new SharedCall(index, _members[index].Number, null, new ShrinkOrder(order.Priority, _clockNs + _stallNs)
                {
                    MayDeactivate = reclaim.MayDeactivate,
                    Above = AboveFor(index),
                });
            }

            EndReclaim(reclaim);
        }

        if (Done || _left <= 0)
        {
            return null;
        }

        Choose();
        var current = _members[_current];
        var grant = new Grant(_turns ? _horizonNs : _untilNs!.Value, _tree.RoomAbove(current.Node), _left)
        {
            Shared = new SharedGrant(
                _turns ? _clockNs : current.NowNs, _turns, _resumes, _stallNs,
                _stockOwner >= 0 && _stockOwner != _current ? _members[_stockOwner].Stock : 0, current.DroppedStock != 0)
            {
                Above = AboveFor(_current),
            },
        };
        return new SharedCall(_current, current.Number, grant, null);
    }

    private void Reclaim(Member member)
    {
        var root = _tree.OverLimit(member.Node);
        if (root < 0)
        {
            throw new StalledException($"{_tree.Nodes[member.Node].Path} stopped for want of pages, though no limit above it is reached");
        }

        _tree.Nodes[root].EventsMax++;
        _reclaim = new LimitReclaim(_tree, root, pages: 1, _walk, Lists);
    }

    private void EndReclaim(LimitReclaim reclaim)
    {
        var member = _members[_current];
        _reclaim = null;
        if (_tree.RoomAbove(member.Node) >= 1)
        {
            _resumes = true;
            return;
        }

        if (reclaim.Freed == 0 && _retries-- == 0)
        {
            throw new StalledException($"{_tree.Nodes[reclaim.Root].Path}: memory.max of {_tree.Nodes[reclaim.Root].Limits.Max} pages leaves nothing to reclaim");
        }

        Reclaim(member);
    }

    /// <summary>The age, and what all but one have on their lists.</summary>
    private ListState AboveFor(int member)
    {
        var all = Lists(root: 0);
        var own = _members[member].Lists;
        return new ListState(_age, all.InactiveFile - own.InactiveFile, all.ActiveFile - own.ActiveFile, 0, false);
    }

    /// <summary>Sums over a subtree.</summary>
    private ListState Lists(int root)
    {
        var (inactive, active, activated) = (0L, 0L, 0L);
        foreach (var member in _members.Where(member => root == 0 || _tree.Subtree(root).Contains(member.Node)))
        {
            inactive += member.Lists.InactiveFile;
            active += member.Lists.ActiveFile;
            activated += member.Lists.ActivatedFile;
        }

        return new ListState(_age, inactive, active, activated, false);
    }

    /// <summary>Whose stock of the CPU it was, it goes back to its counters: another's takes its place.</summary>
    private void TakeStock(Member member)
    {
        if (_stockOwner >= 0 && _members[_stockOwner] != member)
        {
            var owner = _members[_stockOwner];
            _tree.Charge(owner.Node, -owner.Stock);
            owner.DroppedStock += owner.Stock;
            owner.Stock = 0;
        }

        _stockOwner = _current;
    }

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

    private void Choose()
    {
        if (_untilNs is not null || _turns)
        {
            return;
        }

        for (var i = 0; i < _members.Length; i++)
        {
            if (!_members[i].Finished && (_members[_current].Finished || _members[i].NowNs < _members[_current].NowNs))
            {
                _current = i;
            }
        }

        _untilNs = UntilNs();
    }

    /// <summary>How far the current member may run: a quantum beyond the clock of the next.</summary>
    private long UntilNs()
    {
        var next = long.MaxValue;
        for (var i = 0; i < _members.Length; i++)
        {
            if (i != _current && !_members[i].Finished)
            {
                next = Math.Min(next, _members[i].NowNs);
            }
        }

        return next > _horizonNs - _quantumNs ? _horizonNs : next + _quantumNs;
    }

    private sealed class Member(int number, int node)
    {
        private Report _sum;

        public int Number => number;

        public int Node => node;

        public long NowNs { get; private set; }

        public bool Finished { get; set; }

        public int Stock { get; set; }

        public ListState Lists { get; set; }

        /// <summary>Pages of its stock that went back, and that it does not know of yet.</summary>
        public int DroppedStock { get; set; }

        public void Add(in Report report)
        {
            NowNs = report.NowNs;
            _sum = report with
            {
                PagesTaken = _sum.PagesTaken + report.PagesTaken,
                Accesses = _sum.Accesses + report.Accesses,
                Misses = _sum.Misses + report.Misses,
                Refaults = _sum.Refaults + report.Refaults,
                Scanned = _sum.Scanned + report.Scanned,
                Reclaimed = _sum.Reclaimed + report.Reclaimed,
                Kinds = _sum.Kinds + report.Kinds,
            };
        }

        public void Shrunk(in ShrinkReport report) => _sum = _sum with { PagesTaken = _sum.PagesTaken + report.PagesTaken };

        public Report TakeReport(long horizonNs)
        {
            var sum = _sum with
            {
                NowNs = NowNs,
                Stop = !Finished ? StopReason.Accesses : NowNs >= horizonNs ? StopReason.Horizon : StopReason.Done,
            };
            _sum = default;
            return sum;
        }
    }
}

/// <summary>A call to a member of a domain: to run, or to be reclaimed from.</summary>
/// <param name="Index">Which of the members.</param>
/// <param name="Member">Number of its container.</param>
/// <param name="Grant">What it is granted, if it is to run.</param>
/// <param name="Order">What it is ordered, if not.</param>
public readonly record struct SharedCall(int Index, int Member, Grant? Grant, ShrinkOrder? Order);
