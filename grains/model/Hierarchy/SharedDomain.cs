using Reclaim.Model.Kernels;
using Reclaim.Model.Memcg;
using Reclaim.Model.Nodes;
using Reclaim.Model.Pressure;
using Reclaim.Model.Sharing;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Hierarchy;

/// <summary>
/// Containers that share a limit, or the memory of a node. One of them runs at a time, while the others stand still, and stops where the
/// limit or the node has no room for its next page: then reclaim is ordered, memcg after memcg, and it goes on. So what the kernel
/// decides access by access is decided here as the kernel does. Where nothing but free pages brings them together, several run at a time (<see cref="MemberBatch"/>).
///
/// Where a host has several nodes, each member has its pages on one of them.
///
/// kswapd wakes where the node's free pages reach the low watermark, and has a clock of its own: it is one more to take turns with, for each node that has it awake. Where
/// turns go by accesses there is one CPU, and kswapd has it until it sleeps again.
///
/// Members that share files are told, before each of their calls, what became of the pages meanwhile (<see cref="FileNews"/>). A domain
/// may also be there for the files alone: then each member keeps to limits of its own, and nobody reclaims from anybody.
///
/// <code>
///   Begin ──► Next ──► run a member ────► Ran ──┐     or a batch of members
///              ▲  └──► shrink a member ─► Shrunk ┤
///              └────────────────────────────────┘  until there is no call left in the step
/// </code>
///
/// Who carries the calls out, in this process or by messages, does not matter. A call is not over until its report is taken, and is
/// given again if that does not happen.
/// Source: try_charge_memcg in mm/memcontrol.c, v6.8, as far as it looks at ancestors.
/// </summary>
public sealed partial class SharedDomain
{
    /// <summary>Quanta that one of those who share files alone may run ahead of the next: who reads a page first is all that it decides.</summary>
    private const int QuantaOfFiles = 10;

    /// <summary>Quanta that a turn takes at most where files are shared, so that there is not too much to tell of it.</summary>
    private const int MostQuanta = 100;

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
    private readonly (long Scanned, long Freed)[][,,] _reclaimed;

    /// <summary>Nodes by which that is counted: all if some member has pages on several.</summary>
    private readonly int _matrixNodes;
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

    /// <summary>Whether that is down to the min watermarks.</summary>
    private bool _slow;
    private long _left;
    private long _ordersLeft;

    private readonly FileNews? _news;
    private readonly SharedCache? _cache;

    /// <summary>Slots of swap that they have together, by area; null: none yet.</summary>
    private long[]? _swap;

    /// <summary>Whether a step is under way.</summary>
    private bool _open;

    /// <summary>Whether a turn is over, and the next has not begun.</summary>
    private bool _between;
    private int _current;
    private int _retries;
    private int _stockOwner = -1;
    private long _clockNs;
    private bool _resumes;
    private long? _untilNs;

    /// <summary>How far the current member may make requests of the devices that it shares.</summary>
    private long _requestsUntilNs = long.MaxValue;

    /// <summary>Where the current member starts from, and since when it has a CPU.</summary>
    private long _startNs;
    private long _cpuFreeNs;
    private long _stallNs;

    /// <summary>What the current member's task must sleep beyond that: it is above memory.high.</summary>
    private long _sleepNs;

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
        var cgroups = numbers.ConvertAll(member => tree.Nodes[tree.OfMember(member)]);
        _nodes = [.. Enumerable.Range(0, topology.Count).Select(node => new NodeState(
            node, nodes.Count == 0 ? null : nodes[node], quantumNs, [.. Enumerable.Range(0, cgroups.Count).Where(member => cgroups[member].HasPagesOn(node))], cgroups.Count))];
        _members = [.. numbers.Select((member, i) => new Member(member, tree.OfMember(member), _nodes[cgroups[i].HomeNode], cgroups[i].Numa))];
        _matrixNodes = Array.Exists(_members, member => member.IsSpread) ? topology.Count : 1;
        _memberAt = [.. Enumerable.Repeat(-1, tree.Nodes.Count)];
        _queue = new JobQueue(_members.Length);
        _batch = new MemberBatch(this, _members.Length);
        _places = new int[_members.Length];
        _batchCall = new SharedCall(-1, -1, null, null) { Batch = _batch };
        for (var i = 0; i < _members.Length; i++)
        {
            _memberAt[_members[i].Node] = i;
            _queue.Add(i, 0);
        }

        _pressure = new SharedPressure(tree, turns ? 1 : cpus);
        _reclaimed = [.. Enum.GetValues<ReclaimReason>().Select(_ => new (long, long)[_members.Length, _members.Length, _matrixNodes])];
        foreach (var node in nodes)
        {
            for (var i = 0; i < tree.Nodes.Count; i++)
            {
                node.Lru.Add();
            }
        }
    }

    /// <summary>The files that members share.</summary>
    public IReadOnlyList<SharedFileUsers> Files
    {
        get;
        init
        {
            field = value;
            _news = value.Count == 0 ? null : new FileNews(_tree, [.. Members], value);
        }
    } = [];

    /// <summary>Whether members write to files, and may have so much dirty together that the host's limits hold them back.</summary>
    public bool SharesDirtyLimits
    {
        get => _cache is not null;
        init => _cache = value ? new SharedCache(_members.Length) : null;
    }

    /// <summary>The devices at which members may be in each other's way; null: there are none.</summary>
    public SharedDevices? Devices { get; init; }

    /// <summary>
    /// What each holds and may hold at most, pages, in the order of <see cref="Members"/>, where files are all that they share: they keep to limits of
    /// their own; null: they share limits, or the memory of a node.
    /// </summary>
    public IReadOnlyList<(long Held, long Most)>? Own
    {
        get;
        init
        {
            field = value;
            for (var i = 0; i < value?.Count; i++)
            {
                (_members[i].Held, _members[i].Most) = value[i];
            }
        }
    }

    /// <summary>Whether files are all that they share.</summary>
    public bool SharesFilesOnly => Own is not null;

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
    public (long Scanned, long Freed) Reclaimed(ReclaimReason reason, int aggressor, int victim)
    {
        var sum = (Scanned: 0L, Freed: 0L);
        for (var node = 0; node < _matrixNodes; node++)
        {
            var (scanned, freed) = _reclaimed[(int)reason][aggressor, victim, node];
            sum = (sum.Scanned + scanned, sum.Freed + freed);
        }

        return sum;
    }

    /// <summary>The nodes that a member may have pages on.</summary>
    public IReadOnlyList<int> NodesOf(int member) => _members[member].Reach;

    /// <summary>Of it, what was on a node.</summary>
    public (long Scanned, long Freed) Reclaimed(ReclaimReason reason, int aggressor, int victim, int node) =>
        _matrixNodes > 1 ? _reclaimed[(int)reason][aggressor, victim, node]
        : _members[victim].Home.Id == node ? _reclaimed[(int)reason][aggressor, victim, 0] : default;

    /// <summary>What its members remember of the pages that went on an order: who asked, as it stands in <see cref="Members"/>, why, and on which node.</summary>
    public int CauseOf(ReclaimReason reason, int aggressor, int node) =>
        ReclaimCause.Others + (aggressor * _reclaimed.Length + (int)reason) * _matrixNodes + (_matrixNodes > 1 ? node : 0);

    /// <summary>Pages of stocks that went back to the counters, and that their containers do not know of yet.</summary>
    internal long PendingStock => _members.Sum(member => member.DroppedStock);

    /// <summary>
    /// Pages in the stock of each when it begins, in the order of <see cref="Members"/>: the CPU has one, so that all went back but that of
    /// who has charged last.
    /// </summary>
    public IReadOnlyList<long> Stocks
    {
        init
        {
            for (var i = 0; i < _members.Length; i++)
            {
                if (value[i] == 0)
                {
                    continue;
                }

                if (_stockOwner >= 0)
                {
                    DropStock(_members[_stockOwner]);
                }

                (_stockOwner, _members[i].Stock) = (i, (int)value[i]);
            }
        }
    }

    /// <summary>Pages that limits allow them together, where they share a limit, and not a node.</summary>
    public long Most { get; init; } = long.MaxValue;

    /// <summary>Most pages of a node they may hold together. Who share a limit alone have all their pages on one node.</summary>
    public long MaxOn(int node) => SharesFilesOnly ? _members.Sum(member => member.Home.Id == node ? member.Most : 0)
        : _nodes[node].Memory?.Size ?? (_members[0].Home.Id == node ? Math.Min(Most, _tree.Nodes[0].LargestMax) : 0);

    /// <summary>Pages of it they hold together. The few by which an access may pass the limit before reclaim follows are not counted.</summary>
    public long HeldOn(int node) => SharesFilesOnly ? _members.Sum(member => member.Home.Id == node ? Math.Min(member.Held, member.Most) : 0)
        : _nodes[node].Memory is { } memory ? memory.Size - memory.Free : Math.Min(_tree.Nodes[0].Usage, MaxOn(node));

    /// <summary>What the pressure files show of a cgroup that has others below it.</summary>
    /// <param name="node">Its index in the tree.</param>
    public (PressureFigures Memory, PressureFigures Io, PressureFigures Cpu) Pressure(int node) => _pressure.Figures(node, _members.Max(member => member.NowNs));

    /// <summary>How often a member ran, and how often one was reclaimed from.</summary>
    public long Turns { get; private set; }

    /// <inheritdoc cref="Turns"/>
    public long Orders { get; private set; }

    /// <summary>Whether all members are finished.</summary>
    public bool Done => Array.TrueForAll(_members, member => member.Finished);

    /// <summary>Whether the step ended in the middle of a reclaim, perhaps without an access: one in vain can take many orders.</summary>
    public bool IsReclaiming => _ordersLeft <= 0 && !Done;

    /// <summary>Begins a step, unless one is under way that broke off.</summary>
    /// <param name="maxAccesses">Accesses after which it ends, or as many orders to reclaim, be it in the middle of a reclaim.</param>
    public void Begin(long maxAccesses)
    {
        if (!_open)
        {
            (_open, _left, _ordersLeft) = (true, maxAccesses, maxAccesses);
        }
    }
}
