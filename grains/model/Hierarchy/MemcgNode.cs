using Reclaim.Model.Control;
using Reclaim.Model.Numa;

namespace Reclaim.Model.Hierarchy;

/// <summary>A cgroup in the tree.</summary>
/// <param name="path">Its path.</param>
/// <param name="parent">Index of its parent, or −1.</param>
/// <param name="limits">Its limits.</param>
/// <param name="member">Number of its container, or −1.</param>
public sealed class MemcgNode(string path, int parent, MemcgLimits limits, int member)
{
    public string Path { get; } = path;

    public int Parent { get; } = parent;

    public MemcgLimits Limits { get; internal set; } = limits;

    /// <summary>The largest memory.max that it may ever have, pages: what its node holds for those below it.</summary>
    public long LargestMax { get; internal set; } = limits.Max;

    /// <summary>What is to be written to it and read, of a cgroup with others below it.</summary>
    internal ControlSchedule Controls { get; } = new([]);

    /// <summary>What was, in order of time.</summary>
    public IReadOnlyList<ControlOutcome> Outcomes => _outcomes;

    internal void Did(ControlOutcome outcome) => _outcomes.Add(outcome);

    private readonly List<ControlOutcome> _outcomes = [];

    public int Member { get; } = member;

    /// <summary>How many are above it.</summary>
    public int Depth { get; init; }

    /// <summary>The NUMA node that a container has its pages on, or the first that it takes pages from.</summary>
    public int HomeNode { get; init; }

    /// <summary>Where a container's pages may be, if that is on several nodes.</summary>
    public NumaPlan? Numa
    {
        get => _numa;
        init
        {
            _numa = value;
            Reach = value is null ? 0 : value.Reach.Aggregate(0UL, (reach, node) => reach | 1UL << node);
        }
    }

    /// <summary>Those nodes, a bit each.</summary>
    private ulong Reach { get; init; }

    /// <summary>Whether it was not removed (mem_cgroup_online).</summary>
    public bool IsOnline { get; internal set; } = true;

    /// <summary>Pages charged to it and below it: memory.current.</summary>
    public long Usage { get; internal set; }

    /// <summary>Slots of swap that those below it use, or it does: memory.swap.current.</summary>
    public long SwapUsage { get; internal set; }

    /// <summary>memory.events.local: max. How often it was at its limit and reclaimed for it.</summary>
    public long EventsMax { get; internal set; }

    /// <summary>memory.events.local: high. How often somebody below it reclaimed because it was above memory.high.</summary>
    public long EventsHigh { get; internal set; }

    /// <summary>memory.events.local: low. How often it was reclaimed from although below memory.low.</summary>
    public long EventsLow { get; internal set; }

    /// <summary>memory.events.local: oom. How often there was nothing left to reclaim for its limit.</summary>
    public long EventsOom { get; internal set; }

    /// <summary>memory.events.local: oom_group_kill, of a cgroup with others below it.</summary>
    public long EventsOomGroupKill { get; internal set; }

    /// <summary>Effective memory.low and memory.min in the walk under way, pages.</summary>
    public long EffectiveLow { get; internal set; }

    /// <inheritdoc cref="EffectiveLow"/>
    public long EffectiveMin { get; internal set; }

    /// <summary>What its children claim of its protection: of each the smaller of usage and setting.</summary>
    internal (long Low, long Min) Claimed { get; set; }

    private readonly List<MemcgPerNode> _perNode = [];
    private readonly NumaPlan? _numa;

    /// <summary>Whether it is a container that may have pages on a node.</summary>
    internal bool HasPagesOn(int node) => Member >= 0 && (Numa is null ? HomeNode == node : (Reach >> node & 1) != 0);

    /// <summary>What is known of it on a node.</summary>
    internal MemcgPerNode On(int node)
    {
        while (_perNode.Count <= node)
        {
            _perNode.Add(new MemcgPerNode());
        }

        return _perNode[node];
    }
}

/// <summary>What reclaim on behalf of a cgroup remembers of a node (struct mem_cgroup_per_node).</summary>
internal sealed class MemcgPerNode
{
    /// <summary>What it has on its lists, or those below it together. Classic only, of one with others below it: its age and costs besides.</summary>
    public ListState Lists { get; set; }

    /// <summary>workingset_activate_file below it when the last reclaim for it ended (lruvec->refaults).</summary>
    public long ActivatedSnapshot { get; set; }

    /// <summary>workingset_activate_anon likewise.</summary>
    public long ActivatedAnonSnapshot { get; set; }

    /// <summary>Where the next partial walk of its subtree goes on; −1: at its root (mem_cgroup_reclaim_iter).</summary>
    public int IterPosition { get; set; } = -1;
}
