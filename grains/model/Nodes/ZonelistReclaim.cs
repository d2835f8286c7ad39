using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Nodes;

/// <summary>
/// Direct reclaim of a task that may take pages from several nodes, and found all of them below their min watermarks: at each priority
/// a pass over the memcg LRU of each, in the order of its zonelist, until it has 32 pages from any of them.
/// Source: do_try_to_free_pages, shrink_zones, shrink_node in mm/vmscan.c, v6.8.
/// </summary>
internal sealed class ZonelistReclaim : CgroupReclaim
{
    private const long Wanted = ScanControl.SwapClusterMax;

    private readonly MemcgTree _tree;
    private readonly IReadOnlyList<NumaNode> _nodes;
    private readonly KernelRuleSet _rules;
    private readonly Func<int, int, long> _evictable;
    private MemcgLruPass? _pass;
    private long _passFreed;
    private int _at;
    private int _priority = ScanControl.DefaultPriority;

    /// <param name="tree">The cgroups, the root first.</param>
    /// <param name="nodes">The nodes in the order of the zonelist.</param>
    /// <param name="rules">The kernel's rules.</param>
    /// <param name="evictable">Pages that a cgroup has to evict, by index in the tree and node.</param>
    public ZonelistReclaim(MemcgTree tree, IReadOnlyList<NumaNode> nodes, KernelRuleSet rules, Func<int, int, long> evictable) =>
        (_tree, _nodes, _rules, _evictable) = (tree, nodes, rules, evictable);

    private NumaNode Node => _nodes[_at];

    /// <inheritdoc/>
    public override Victim? Next()
    {
        while (_priority >= 0)
        {
            if (_pass is null)
            {
                Protection.Calculate(_tree, 0);
                _pass = new MemcgLruPass(_tree, Node.Lru, _rules.SmallMemcgsFirst, _priority, Node.Id);
                _passFreed = 0;
            }

            if (_pass.Next(cgroup => _evictable(cgroup, Node.Id)) is { } cgroup)
            {
                return new Victim(cgroup, _priority) { Reason = ReclaimReason.Direct, Numa = Node.Id, Wanted = Wanted, AbortAfter = Math.Max(1, Wanted - _passFreed) };
            }

            _pass = null;
            if (++_at < _nodes.Count)
            {
                continue;
            }

            _at = 0;
            _priority = Freed >= Wanted ? -1 : _priority - 1;
        }

        foreach (var node in Freed > 0 ? _nodes : [])
        {
            node.Failures = 0;
        }

        return null;
    }

    /// <inheritdoc/>
    public override void Took(in ShrinkReport report)
    {
        Freed += report.Freed;
        _passFreed += report.Freed;
        _pass!.Took(report, _passFreed >= Wanted);
    }
}
