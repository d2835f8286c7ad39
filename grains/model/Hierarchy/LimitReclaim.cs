using Reclaim.Model.Classic;
using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Hierarchy;

/// <summary>
/// Reclaim on behalf of a limit that several cgroups share, one order at a time: priorities 12, 11, …; in each a walk of the subtree.
///
/// <code>
///   priority ──► next cgroup of the walk ──below min?──► passed over
///      ▲                │                ──below low?──► passed over, unless a first round freed nothing
///      │                ▼
///      │         order: shrink at this priority ──► freed
///      └── walk over: not enough freed ◄────────────────┘──► enough: done
/// </code>
///
/// Until v6.8 each pass walks all of the subtree; from v6.12 on a pass goes on where the last one stopped and ends when enough is
/// freed, and only if that came to nothing all of it is walked.
/// Source: do_try_to_free_pages, shrink_node_memcgs, mem_cgroup_iter in mm/vmscan.c and mm/memcontrol.c, v6.8 and v6.12.
/// </summary>
public sealed class LimitReclaim
{
    private readonly MemcgTree _tree;
    private readonly int _root;
    private readonly IReadOnlyList<int> _subtree;
    private readonly long _wanted;
    private readonly bool _partialWalks;

    /// <summary>Sums over the lists of a subtree.</summary>
    private readonly Func<int, ListState> _lists;
    private int _priority = ScanControl.DefaultPriority;
    private int _visited;
    private int _current = -1;
    private bool _fullWalk;
    private bool _takesLow;
    private bool _skippedLow;
    private bool _walking;
    private bool _skippedDeactivate;
    private bool _forceDeactivate;

    internal LimitReclaim(MemcgTree tree, int root, long pages, LimitWalk walk, Func<int, ListState> lists)
    {
        _lists = lists;
        (_tree, _root, _subtree) = (tree, root, tree.Subtree(root));
        _wanted = Math.Max(pages, ScanControl.SwapClusterMax);
        _partialWalks = walk == LimitWalk.Partial;
    }

    /// <summary>The cgroup whose limit it is.</summary>
    public int Root => _root;

    /// <summary>Pages freed so far.</summary>
    public long Freed { get; private set; }

    /// <summary>Whether active lists may be shrunk in this pass (prepare_scan_control of the classic policy, with the lruvec of the root).</summary>
    public bool MayDeactivate { get; private set; }

    /// <summary>Finds who is to be reclaimed from next.</summary>
    /// <returns>The order, or null if this reclaim is over.</returns>
    public (int Node, int Priority)? Next()
    {
        while (true)
        {
            if (!_walking)
            {
                Begin();
            }

            while (Advance() is { } node)
            {
                if (MayShrink(node))
                {
                    return (node, _priority);
                }
            }

            _walking = false;
            if (Freed >= _wanted)
            {
                Snapshot();
                return null;
            }

            if (_priority-- > 0)
            {
                continue;
            }

            Snapshot();
            if (Freed > 0 || !TryHarder())
            {
                return null;
            }

            _priority = ScanControl.DefaultPriority;
        }
    }

    /// <summary>An order was carried out.</summary>
    public void Took(in ShrinkReport report)
    {
        Freed += report.Freed;
        _skippedDeactivate |= report.Lists.SkippedDeactivate;
    }

    private bool IsPartial => _partialWalks && !_fullWalk;

    private void Begin()
    {
        Protection.Calculate(_tree, _root);
        var lists = _lists(_root);
        MayDeactivate = _forceDeactivate || lists.ActivatedFile != _tree.Nodes[_root].ActivatedSnapshot
            || ClassicLruvec.InactiveIsLow(lists.InactiveFile, lists.ActiveFile);
        (_walking, _visited, _current) = (true, 0, -1);
    }

    /// <summary>The next cgroup of the walk, or null if it is over.</summary>
    private int? Advance()
    {
        if (!IsPartial)
        {
            return _visited < _subtree.Count ? _subtree[_visited++] : null;
        }

        // Enough in the middle of a walk ends it; the next one goes on behind.
        if (_current >= 0 && Freed >= _wanted)
        {
            return null;
        }

        var root = _tree.Nodes[_root];
        var at = root.IterPosition < 0 ? 0 : Index(root.IterPosition) + 1;
        if (at == _subtree.Count)
        {
            root.IterPosition = -1;
            if (_current >= 0)
            {
                return null;
            }

            // One that begins at the very end sees at least one cgroup.
            at = 0;
        }

        _current = _subtree[at];
        root.IterPosition = _current;
        return _current;
    }

    private int Index(int node)
    {
        for (var i = 0; i < _subtree.Count; i++)
        {
            if (_subtree[i] == node)
            {
                return i;
            }
        }

        return -1;
    }

    private bool MayShrink(int index)
    {
        var node = _tree.Nodes[index];
        if (node.Member < 0 || (index != _root && node.EffectiveMin >= node.Usage))
        {
            return false;
        }

        if (index == _root || node.EffectiveLow < node.Usage)
        {
            return true;
        }

        if (!_takesLow)
        {
            _skippedLow = true;
            return false;
        }

        node.EventsLow++;
        return true;
    }

    /// <summary>What is compared with the next time (snapshot_refaults).</summary>
    private void Snapshot() => _tree.Nodes[_root].ActivatedSnapshot = _lists(_root).ActivatedFile;

    private bool TryHarder()
    {
        if (IsPartial)
        {
            return _fullWalk = true;
        }

        if (_skippedDeactivate)
        {
            (_skippedDeactivate, _forceDeactivate) = (false, true);
            return true;
        }

        if (_skippedLow && !_takesLow)
        {
            return _takesLow = true;
        }

        return false;
    }
}
