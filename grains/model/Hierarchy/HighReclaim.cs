using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Memcg;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Hierarchy;

/// <summary>
/// Reclaim by a task that has charged pages above memory.high: on behalf of its cgroup and of each above that is over its own, from below
/// upwards, and again as long as that frees anything and the task would have to sleep.
///
/// <code>
///   its cgroup ──over high?──► reclaim from it ──► the one above ──over high?──► reclaim from all below ──► … the last
///      ▲                                                                                                 │
///      └──────────── would have to sleep, and something was freed (or up to 16 times not) ◄──────────────┘──► sleep, or none
/// </code>
///
/// Source: mem_cgroup_handle_over_high, reclaim_high, mem_find_max_overage in mm/memcontrol.c, v6.8.
/// </summary>
internal sealed class HighReclaim : CgroupReclaim
{
    private readonly MemcgTree _tree;
    private readonly int _cgroup;
    private readonly long _charged;
    private readonly LimitWalk _walk;
    private readonly Func<int, int, ListState> _lists;
    private readonly IReadOnlyList<int> _zonelist;
    private LimitReclaim? _level;
    private int _at;
    private long _wanted;
    private long _freed;
    private int _retries = ScanControl.MaxReclaimRetries;

    /// <param name="tree">The cgroups.</param>
    /// <param name="cgroup">The task's.</param>
    /// <param name="charged">Pages it charged.</param>
    /// <param name="walk">How far a pass goes.</param>
    /// <param name="lists">Sums over the lists of a subtree on a node.</param>
    /// <param name="zonelist">The nodes in the order in which they are gone through.</param>
    public HighReclaim(MemcgTree tree, int cgroup, long charged, LimitWalk walk, Func<int, int, ListState> lists, IReadOnlyList<int> zonelist)
    {
        (_tree, _cgroup, _charged, _walk, _lists, _zonelist) = (tree, cgroup, charged, walk, lists, zonelist);
        (_at, _wanted) = (cgroup, charged);
    }

    /// <inheritdoc cref="LimitReclaim.ScalesProtected"/>
    public bool ScalesProtected { get; init; }

    /// <summary>What the task has to sleep when this is over, nanoseconds.</summary>
    public long DelayNs { get; private set; }

    /// <inheritdoc/>
    public override Victim? Next()
    {
        while (true)
        {
            if (_level?.Next() is { } victim)
            {
                return victim with { Reason = ReclaimReason.High };
            }

            if (_level is not null)
            {
                _freed += _level.Freed;
                Freed += _level.Freed;
                (_level, _at) = (null, _tree.Nodes[_at].Parent);
            }

            while (_at >= 0 && _tree.Nodes[_at].Usage <= _tree.Nodes[_at].Limits.High)
            {
                _at = _tree.Nodes[_at].Parent;
            }

            if (_at >= 0)
            {
                _tree.Nodes[_at].EventsHigh++;
                _level = new LimitReclaim(_tree, _at, _wanted, _walk, _lists, _zonelist) { ScalesProtected = ScalesProtected };
                continue;
            }

            DelayNs = LongestDelayNs();
            if (DelayNs == 0 || (_freed == 0 && _retries-- == 0))
            {
                return null;
            }

            (_at, _wanted, _freed) = (_cgroup, ScanControl.SwapClusterMax, 0);
        }
    }

    /// <inheritdoc/>
    public override void Took(in ShrinkReport report) => _level!.Took(report);

    /// <summary>That of the cgroup which is furthest above its memory.high.</summary>
    private long LongestDelayNs()
    {
        var longest = 0L;
        for (var node = _cgroup; node >= 0; node = _tree.Nodes[node].Parent)
        {
            longest = Math.Max(longest, MemoryHigh.DelayNs(_tree.Nodes[node].Usage, _tree.Nodes[node].Limits.High, _charged));
        }

        return longest;
    }
}
