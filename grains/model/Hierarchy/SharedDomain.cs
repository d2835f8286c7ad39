using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Memcg;
using Reclaim.Model.Nodes;
using Reclaim.Model.Oom;
using Reclaim.Model.Pressure;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Hierarchy;

/// <summary>
/// Containers that share a limit, or the memory of a node. One of them runs at a time, while the others stand still, and stops where the
/// limit or the node has no room for its next page: then reclaim is ordered, memcg after memcg, and it goes on. So what the kernel
/// decides access by access is decided here as the kernel does.
///
/// Where a host has several nodes, each member has its pages on one of them.
///
/// kswapd wakes where the node's free pages reach the low watermark, and has a clock of its own: it is one more to take turns with, for each node that has it awake. Where
/// turns go by accesses there is one CPU, and kswapd has it until it sleeps again.
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

    /// <summary>Pages that a member is allowed at a time even when few are left.</summary>
    private const int AllowanceAtLeast = 16;

    private readonly MemcgTree _tree;
    private readonly KernelRuleSet _rules;
    private readonly bool _multiGen;
    private readonly bool _swaps;
    private readonly long _minTtlNs;
    private readonly bool _turns;
    private readonly long _quantumNs;
    private readonly SharedCpus? _cpus;
    private readonly long _horizonNs;
    private readonly NumaTopology _topology;
    private readonly NodeState[] _nodes;
    private readonly Member[] _members;

    /// <summary>By cgroup: which member it is, or −1.</summary>
    private readonly int[] _memberAt;

    /// <summary>By their clocks: members that are not finished.</summary>
    private readonly JobQueue _queue;
    private readonly SharedPressure _pressure;
    private readonly (long Scanned, long Freed)[][,] _reclaimed;
    private SharedCall? _pending;
    private CgroupReclaim? _reclaim;
    private OomKiller? _oom;

    /// <summary>The node whose kswapd asked for it, or null.</summary>
    private NodeState? _oomByKswapd;

    /// <summary>The node whose kswapd the order is of that was given last, or null; and for whom it is.</summary>
    private NodeState? _kswapd;
    private int _aggressor;

    /// <summary>Whether the current member goes on although kswapd has not reached the low watermark (the slow path of an allocation).</summary>
    private bool _slowPath;

    /// <summary>What is left of the pages that the current member may take from the node at a time: a step that ends in between changes nothing.</summary>
    private long? _allowance;
    private long _left;

    /// <summary>Whether a step is under way.</summary>
    private bool _open;
    private int _current;
    private int _retries;
    private int _stockOwner = -1;
    private long _clockNs;
    private bool _resumes;
    private long? _untilNs;

    /// <summary>Where the current member starts from, and since when it has a CPU.</summary>
    private long _startNs;
    private long _cpuFreeNs;
    private long _stallNs;

    /// <param name="tree">The cgroups; usage is what their processes hold already.</param>
    /// <param name="members">Numbers of the containers, in the order of the scenario.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="turns">Whether they take turns, or go by their clocks.</param>
    /// <param name="quantumNs">By their clocks: how far one may run ahead of the next.</param>
    /// <param name="horizonNs">Virtual time at which the run ends.</param>
    /// <param name="node">The node whose memory they share; null: it has enough for all that their limits allow.</param>
    /// <param name="cpus">CPUs that they share, by their clocks; 0: enough for all.</param>
    public SharedDomain(
        MemcgTree tree, IEnumerable<int> members, KernelChoice kernel, bool turns, long quantumNs, long horizonNs, NumaNode? node = null, int cpus = 0)
        : this(tree, members, kernel, turns, quantumNs, horizonNs, NumaTopology.Single, node is null ? [] : [node], cpus)
    {
    }

    /// <param name="tree">The cgroups; usage is what their processes hold already.</param>
    /// <param name="members">Numbers of the containers, in the order of the scenario.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="turns">Whether they take turns, or go by their clocks.</param>
    /// <param name="quantumNs">By their clocks: how far one may run ahead of the next.</param>
    /// <param name="horizonNs">Virtual time at which the run ends.</param>
    /// <param name="topology">The nodes of the host.</param>
    /// <param name="nodes">Those whose memory they share: all, or none if each has enough for all that limits allow.</param>
    /// <param name="cpus">CPUs that they share, by their clocks; 0: enough for all.</param>
    public SharedDomain(
        MemcgTree tree, IEnumerable<int> members, KernelChoice kernel, bool turns, long quantumNs, long horizonNs,
        NumaTopology topology, IReadOnlyList<NumaNode> nodes, int cpus = 0)
    {
        _tree = tree;
        _rules = kernel.ResolveRules();
        _multiGen = kernel.Policy == KernelChoice.MultiGen;
        _swaps = kernel.Swappiness != 0;
        _minTtlNs = _multiGen ? kernel.MinTtlNs : 0;
        (_turns, _quantumNs, _horizonNs, _topology) = (turns, quantumNs, horizonNs, topology);
        _cpus = cpus == 0 || turns ? null : new SharedCpus(cpus);
        var numbers = members.ToList();
        var homes = numbers.ConvertAll(member => tree.Nodes[tree.OfMember(member)].HomeNode);
        _nodes = [.. Enumerable.Range(0, topology.Count).Select(node => new NodeState(
            node, nodes.Count == 0 ? null : nodes[node], quantumNs, [.. Enumerable.Range(0, homes.Count).Where(member => homes[member] == node)], homes.Count))];
        _members = [.. numbers.Select((member, i) => new Member(member, tree.OfMember(member), _nodes[homes[i]]))];
        _memberAt = [.. Enumerable.Repeat(-1, tree.Nodes.Count)];
        _queue = new JobQueue(_members.Length);
        for (var i = 0; i < _members.Length; i++)
        {
            _memberAt[_members[i].Node] = i;
            _queue.Add(i, 0);
        }

        _pressure = new SharedPressure(tree, turns ? 1 : cpus);
        _reclaimed = [.. Enum.GetValues<ReclaimReason>().Select(_ => new (long, long)[_members.Length, _members.Length])];
        foreach (var node in nodes)
        {
            for (var i = 0; i < tree.Nodes.Count; i++)
            {
                node.Lru.Add();
            }
        }
    }

    /// <summary>The cgroups.</summary>
    public MemcgTree Tree => _tree;

    /// <summary>Numbers of the containers.</summary>
    public IEnumerable<int> Members => _members.Select(member => member.Number);

    /// <summary>Swap of the host, in pages: part of what oom_score_adj is in thousandths of.</summary>
    public long SwapPages { get; init; }

    /// <summary>The nodes whose memory they share; none if limits are all that they share.</summary>
    public IEnumerable<NumaNode> Nodes => _nodes.Select(node => node.Memory).OfType<NumaNode>();

    /// <summary>
    /// By who asked and whom it was taken from, as they stand in <see cref="Members"/>: pages scanned and reclaimed on behalf of shared limits
    /// and of the node. kswapd is asked for by who takes most (<see cref="Demand"/>).
    /// </summary>
    public (long Scanned, long Freed) Reclaimed(ReclaimReason reason, int aggressor, int victim) => _reclaimed[(int)reason][aggressor, victim];

    /// <summary>What its members remember of the pages that went on an order: who asked, as it stands in <see cref="Members"/>, and why.</summary>
    public static int CauseOf(ReclaimReason reason, int aggressor) => ReclaimCause.Others + aggressor * Enum.GetValues<ReclaimReason>().Length + (int)reason;

    /// <summary>Pages of stocks that went back to the counters, and that their containers do not know of yet.</summary>
    internal long PendingStock => _members.Sum(member => member.DroppedStock);

    /// <summary>Most pages of a node they may hold together. Who share a limit alone have all their pages on one node.</summary>
    public long MaxOn(int node) => _nodes[node].Memory?.Size ?? (_members[0].Home.Id == node ? _tree.Nodes[0].Limits.Max : 0);

    /// <summary>Pages of it they hold together. The few by which an access may pass the limit before reclaim follows are not counted.</summary>
    public long HeldOn(int node) => _nodes[node].Memory is { } memory ? memory.Size - memory.Free : Math.Min(_tree.Nodes[0].Usage, MaxOn(node));

    /// <summary>What the pressure files show of a cgroup that has others below it.</summary>
    /// <param name="node">Its index in the tree.</param>
    public (PressureFigures Memory, PressureFigures Io, PressureFigures Cpu) Pressure(int node) => _pressure.Figures(node, _members.Max(member => member.NowNs));

    /// <summary>How often a member ran, and how often one was reclaimed from.</summary>
    public long Turns { get; private set; }

    /// <inheritdoc cref="Turns"/>
    public long Orders { get; private set; }

    /// <summary>Whether all members are finished.</summary>
    public bool Done => Array.TrueForAll(_members, member => member.Finished);

    /// <summary>Begins a step, unless one is under way that broke off.</summary>
    /// <param name="maxAccesses">Accesses after which it ends.</param>
    public void Begin(long maxAccesses)
    {
        if (!_open)
        {
            (_open, _left) = (true, maxAccesses);
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
        Turns++;
        _cpus?.Take(_startNs, report.CpuNs, report.NowNs - _startNs);
        member.Add(report);
        if (report.Pressure is { } changes && _pressure.Took(member.Node, changes))
        {
            _pressure.Settle(_turns ? _clockNs : _members.Min(other => other.Finished ? long.MaxValue : other.NowNs));
        }

        TakeLists(member, report.Lists);
        _tree.Charge(member.Node, report.Charged + member.DroppedStock);
        member.Home.Memory?.Take(report.Allocated);
        member.Home.Demand.Took(_current, report.Allocated);
        member.DroppedStock = 0;
        _left -= report.Accesses;
        _clockNs = Math.Max(_clockNs, report.NowNs);
        (_resumes, _slowPath, _stallNs) = (false, false, 0);
        _allowance = report.Stop == StopReason.Accesses && _allowance is < long.MaxValue ? _allowance - report.Allocated : null;
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
            if (_reclaim is null)
            {
                Release();
            }
        }
        else if (member.Finished || report.Stop is StopReason.Round or StopReason.Horizon)
        {
            Release();
            PassTurn();
        }
    }

    /// <summary>A member was reclaimed from.</summary>
    public void Shrunk(in ShrinkReport report)
    {
        var (victim, order) = (_pending!.Value.Index, _pending!.Value.Order!.Value);
        _pending = null;
        Orders++;
        var member = _members[victim];
        _tree.Charge(member.Node, report.Charged + SettleStock(victim, grown: report.PagesTaken - report.Allocated));
        member.Home.Memory?.Take(report.Allocated);
        member.Shrunk(report);
        TakeLists(member, report.Lists);
        if (order.Oom is not null)
        {
            member.Ended = report.Oom.Ended;
            _oom!.Took(report.Oom);
            return;
        }

        ref var entry = ref _reclaimed[(int)order.Reason][_aggressor, victim];
        entry = (entry.Scanned + report.Scanned, entry.Freed + report.Freed);
        if (_kswapd is { } awake)
        {
            awake.Demand.Met(_aggressor, report.Freed);
            awake.Kswapd!.Took(report);
            _cpus?.Take(KswapdStartNs(awake), report.CostNs, report.CostNs);
            awake.KswapdNs = KswapdStartNs(awake) + report.CostNs;
            awake.Memory!.KswapdNs += report.CostNs;
        }
        else
        {
            _reclaim!.Took(report);
            _stallNs += report.CostNs;
        }
    }

    /// <summary>What each member did in the step that is over, in the order of <see cref="Members"/>.</summary>
    public IReadOnlyList<Report> TakeReports()
    {
        _open = false;
        return [.. _members.Select(member => member.TakeReport(_horizonNs))];
    }

    private SharedCall? Find()
    {
        if (FindOrder() is { } order)
        {
            return order;
        }

        if (Done || _left <= 0)
        {
            return null;
        }

        Choose();
        var current = _members[_current];
        _startNs = Math.Max(current.NowNs, _cpuFreeNs);
        var grant = new Grant(_turns ? _horizonNs : _untilNs!.Value, _tree.RoomAbove(current.Node), _left)
        {
            Shared = new SharedGrant(
                _turns ? _clockNs : current.NowNs, _turns, _resumes, _stallNs,
                _stockOwner >= 0 && _stockOwner != _current ? _tree.RoomFrom(current.Node, _members[_stockOwner].Node, _members[_stockOwner].Stock) : 0, current.DroppedStock != 0)
            {
                NodePages = _allowance ??= NodeAllowance(),
                CpuFreeNs = _cpuFreeNs,
                Above = AboveFor(_current),
            },
        };
        return new SharedCall(_current, current.Number, grant, null);
    }

    /// <summary>The next order of a reclaim that is under way, if there is one to be given before anybody runs on.</summary>
    private SharedCall? FindOrder()
    {
        while (true)
        {
            if (_oom is { } oom)
            {
                if (oom.Next() is { } order)
                {
                    return Order(order.Node, order.Order);
                }

                EndOom(oom);
                continue;
            }

            _kswapd = _turns || (_reclaim is null && _untilNs is null) ? FirstAwake() is { } first && (_turns || IsKswapdsTurn(first)) ? first : null : null;
            if ((_kswapd?.Kswapd ?? _reclaim) is not { } reclaim)
            {
                return null;
            }

            if (_kswapd is { Kswapd: { } round })
            {
                round.NowNs = KswapdStartNs(_kswapd);
            }

            if (reclaim.Next() is not { } victim)
            {
                if (_kswapd is { } awake)
                {
                    Sleep(awake);
                }
                else
                {
                    EndReclaim(reclaim);
                }
            }
            else if (victim.OutOfMemory)
            {
                OutOfMemory(root: 0, byKswapd: _kswapd);
            }
            else if (!IsIdle(victim))
            {
                return Order(victim, _kswapd is { } awake ? KswapdStartNs(awake) : _clockNs + _stallNs);
            }
            else
            {
                reclaim.Took(new ShrinkReport { Lists = _members[_memberAt[victim.Node]].Lists });
            }
        }
    }

    /// <summary>
    /// Whether an order would come to nothing, and need not be given: there is not one page to look at at this priority, and no generation to
    /// be made. At the default priority none is made anyway.
    /// </summary>
    private bool IsIdle(Victim victim)
    {
        var member = _members[_memberAt[victim.Node]];
        var lists = member.Lists;
        if (!_multiGen || !member.HasReported || lists.HasShadowNodes || (_turns && lists.Batched != 0))
        {
            return false;
        }

        return victim is { Priority: ScanControl.DefaultPriority, AgeOnly: false }
            ? lists.Evictable + lists.Batched >> victim.Priority == 0
            : lists is { WantsAging: false, Batched: 0 } && (victim.AgeOnly || lists.Evictable >> victim.Priority == 0);
    }

    private SharedCall Order(Victim victim, long nowNs)
    {
        var index = _memberAt[victim.Node];
        _aggressor = _kswapd?.Demand.Most ?? _current;
        return new SharedCall(index, _members[index].Number, null, new ShrinkOrder(victim.Priority, nowNs)
        {
            Reason = victim.Reason,
            Cause = CauseOf(victim.Reason, _aggressor),
            Wanted = victim.Wanted,
            AbortAfter = victim.AbortAfter,
            AgeOnly = victim.AgeOnly,
            MayDeactivate = victim.MayDeactivateFile,
            MayDeactivateAnon = victim.MayDeactivateAnon,
            Above = AboveFor(index),
        });
    }

    private SharedCall Order(int node, OomOrder order)
    {
        var index = _memberAt[node];
        return new SharedCall(index, _members[index].Number, null, new ShrinkOrder(0, OomNs) { Oom = order });
    }

    /// <summary>Virtual time of the OOM killer.</summary>
    private long OomNs => _oomByKswapd is { } awake ? KswapdStartNs(awake) : _clockNs + _stallNs;

    /// <summary>Nothing is left to reclaim: the OOM killer is to make room (mem_cgroup_oom, out_of_memory).</summary>
    /// <param name="root">For whose limit; the root of all for the host's memory.</param>
    /// <param name="byKswapd">The node whose kswapd asks for it: then any process may be killed; null: a task asks, whose node is short, or whose limit.</param>
    private void OutOfMemory(int root, NodeState? byKswapd)
    {
        var max = _tree.Nodes[root].Limits.Max;
        var isLimit = max != long.MaxValue;
        _oomByKswapd = byKswapd;
        var home = _members[_current].Home;
        _oom = isLimit ? new OomKiller(_tree, root, max + (_swaps ? SwapPages : 0))
            : byKswapd is null ? new OomKiller(_tree, root, home.Memory!.Size + SwapPages, home.Id)
            : new OomKiller(_tree, root, Nodes.Sum(node => node.Size) + SwapPages);
        _tree.Nodes[root].EventsOom += isLimit ? 1 : 0;
    }

    /// <summary>Somebody was killed, and who needed a page tries again.</summary>
    private void EndOom(OomKiller oom)
    {
        _oom = null;
        if (!oom.Found)
        {
            var at = FormattableString.Invariant($"at {OomNs / 1e9:0.000} s");
            throw new StalledException(oom.For != "/"
                ? $"{oom.For}: {at} memory.max of {_tree.Nodes.First(node => node.Path == oom.For).Limits.Max} pages leaves nothing to reclaim, and there is no process to kill"
                : $"{at} {(_nodes.Length == 1 ? "the node" : $"node {_members[_current].Home.Id}")} is out of memory: there is nothing to reclaim, and no process to kill");
        }

        if (_oomByKswapd is not null)
        {
            return;
        }

        var member = _members[_current];
        _retries = MaxReclaimRetries;
        if (HasRoom(member))
        {
            _resumes = oom.For != "/";
        }
        else if (!member.Ended)
        {
            Reclaim(member);
        }
    }

    private bool HasRoom(Member member) => _tree.RoomAbove(member.Node) >= 1 && (member.Home.Memory is not { } node || node.Free > node.Marks.Min);

    /// <summary>A member has no room for its next page: the limit above or the node must give way.</summary>
    private void Reclaim(Member member)
    {
        var root = _tree.OverLimit(member.Node);
        if (root >= 0)
        {
            _tree.Nodes[root].EventsMax++;
            _reclaim = new LimitReclaim(_tree, root, pages: 1, _rules.LimitWalk, Lists, _topology.Zonelist(_topology.NearestWithCpus(member.Home.Id)));
            return;
        }

        var home = member.Home;
        if (home.Memory is not { } node)
        {
            throw new StalledException($"{_tree.Nodes[member.Node].Path} stopped for want of pages, though no limit above it is reached");
        }

        // It may only have used up what it was allowed at a time.
        if (node.Free > node.Marks.Low)
        {
            return;
        }

        _slowPath = true;
        if (home.Kswapd is null && !node.IsHopeless)
        {
            home.Kswapd = Reclaim(home, node, ReclaimReason.Kswapd);
            Wake(home, node, member.NowNs);
        }

        if (node.Free <= node.Marks.Min)
        {
            node.Stalls++;
            _reclaim = _multiGen && _rules.GlobalOrder == GlobalOrder.MemcgLru
                ? Reclaim(home, node, ReclaimReason.Direct)
                : new LimitReclaim(_tree, 0, pages: 1, _rules.LimitWalk, Lists, [home.Id], node);
        }
    }

    private NodeReclaim Reclaim(NodeState state, NumaNode node, ReclaimReason reason) =>
        new(_tree, node, _rules, _multiGen, reason, root => Lists(root, state.Id), cgroup => Evictable(cgroup, state))
        {
            MinTtl = _minTtlNs == 0 || reason != ReclaimReason.Kswapd ? null : new MinTtl(_tree, _minTtlNs, of => _members[_memberAt[of]].Lists, state.Id),
        };

    private void EndReclaim(CgroupReclaim reclaim)
    {
        var member = _members[_current];
        _reclaim = null;
        if (HasRoom(member))
        {
            _resumes = reclaim is LimitReclaim { Root: var root } && _tree.Nodes[root].Limits.Max != long.MaxValue;
            return;
        }

        if (reclaim.Freed == 0 && _retries-- == 0)
        {
            OutOfMemory(Math.Max(0, _tree.OverLimit(member.Node)), byKswapd: null);
            return;
        }

        Reclaim(member);
    }

    /// <summary>
    /// Pages that the current member may take from the node before it stops: down to the low watermark, where kswapd wakes, or, once that is
    /// awake, to the min watermark. By their clocks, each gets a part of what there is, so that none wakes kswapd long before its time.
    /// </summary>
    private long NodeAllowance()
    {
        var home = _members[_current].Home;
        if (home.Memory is not { } node)
        {
            return long.MaxValue;
        }

        var free = node.Free - (home.Kswapd is not null || _slowPath ? node.Marks.Min : node.Marks.Low);
        return Math.Max(0, _turns ? free : Math.Min(free, Math.Max(AllowanceAtLeast, free / (2 * home.Running))));
    }

    /// <summary>kswapd wakes: not where the clock of the one who found too few free pages is, but where the others have yet to come by.</summary>
    private void Wake(NodeState home, NumaNode node, long nowNs)
    {
        home.KswapdNs = _turns ? _clockNs : Math.Min(nowNs, EarliestNs(home));
        home.Lookahead.Wake(nowNs);
        node.Rounds++;
    }

    private static void Sleep(NodeState node)
    {
        node.Kswapd = null;
        node.Demand.Settle();
        node.Lookahead.Sleep(node.KswapdNs);
    }

    /// <summary>Pages that a cgroup has to evict on a node.</summary>
    private long Evictable(int cgroup, NodeState node) => _memberAt[cgroup] is >= 0 and var index && _members[index] is var member && member.Home == node && member.Lists is var lists
        ? lists.InactiveFile + lists.ActiveFile + lists.InactiveAnon + lists.ActiveAnon
        : 0;

    /// <summary>The age, and what all but one have on their lists on its node.</summary>
    private ListState AboveFor(int member)
    {
        if (_multiGen)
        {
            return default;
        }

        var (home, above) = (_members[member].Home, _members[member].Home.Above);
        var others = home.Sum - _members[member].Lists;
        return others with { Age = above.Age, AnonCost = above.AnonCost, FileCost = above.FileCost, ActivatedFile = 0, ActivatedAnon = 0 };
    }

    /// <summary>Sums over a subtree on a node.</summary>
    private ListState Lists(int root, int node)
    {
        if (root == 0)
        {
            return _nodes[node].Sum;
        }

        var sum = default(ListState);
        foreach (var cgroup in _tree.Subtree(root))
        {
            sum += _memberAt[cgroup] is >= 0 and var index && _members[index].Home.Id == node ? _members[index].Lists : default;
        }

        return sum;
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

    /// <summary>A member's stock has changed while it was reclaimed from: tree nodes go to it that were freed, and too many drain it.</summary>
    /// <returns>Pages of it that the counters did not have any more.</returns>
    private int SettleStock(int index, long grown)
    {
        var member = _members[index];
        if (member.DroppedStock == 0)
        {
            member.Stock += index == _stockOwner ? (int)grown : 0;
            return 0;
        }

        var left = (int)Math.Clamp(member.DroppedStock + grown, 0, member.DroppedStock);
        var gone = member.DroppedStock - left;
        member.DroppedStock = left;
        return gone;
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

    /// <summary>Who is furthest behind goes on, as far as it may.</summary>
    private void Choose()
    {
        if (_untilNs is null && !_turns)
        {
            WaitForCpus();
            (_current, _cpuFreeNs) = (_queue.First, _cpus is null ? 0 : _queue.FirstClock);
            _untilNs = UntilNs();
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
            _members[_current].Home.Running--;
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
            earliest = member.Home == node && !member.Finished ? Math.Min(earliest, member.NowNs) : earliest;
        }

        return earliest;
    }

    /// <summary>How far the current member may run: somewhat beyond the clock of the next, which may be kswapd.</summary>
    private long UntilNs()
    {
        var next = FirstAwake() is { } awake ? Math.Min(KswapdStartNs(awake), _queue.FirstMayRunUntil) : _queue.FirstMayRunUntil;
        var ahead = _members[_queue.First].Home.Lookahead.Ahead(_queue.FirstClock);
        return next > _horizonNs - ahead ? _horizonNs : next + ahead;
    }

    private static void TakeLists(Member member, ListState lists)
    {
        member.Home.Sum = member.Home.Sum - member.Lists + lists;
        member.Lists = member.Home.Above = lists;
        member.HasReported = true;
    }

    private sealed class Member(int number, int node, NodeState home)
    {
        private Report _sum;

        public int Number => number;

        public int Node => node;

        /// <summary>The NUMA node that it has its pages on.</summary>
        public NodeState Home => home;

        public long NowNs { get; private set; }

        public bool Finished { get; set; }

        /// <summary>Whether all its processes were killed: it has yet to say that it is done.</summary>
        public bool Ended { get; set; }

        public int Stock { get; set; }

        public ListState Lists { get; set; }

        /// <summary>Whether <see cref="Lists"/> are known.</summary>
        public bool HasReported { get; set; }

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
                Pressure = null,
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
