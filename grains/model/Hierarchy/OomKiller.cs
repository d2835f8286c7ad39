using Reclaim.Model.Oom;

namespace Reclaim.Model.Hierarchy;

/// <summary>
/// The OOM killer among several cgroups, one order at a time: all below the cgroup whose limit it is are asked for their best victim; the
/// best of these is killed, and with it all below the highest cgroup with memory.oom.group on the way up from it.
///
/// <code>
///   weigh, weigh, weigh, … ──► the best ──memory.oom.group on the way up?──no──► kill
///                                 │ none                 └──yes──► kill all, cgroup after cgroup
///                                 ▼
///                          nothing to kill
/// </code>
///
/// Source: out_of_memory, select_bad_process, oom_kill_process in mm/oom_kill.c; mem_cgroup_get_oom_group, mem_cgroup_scan_tasks in
/// mm/memcontrol.c, v6.8. Processes are looked at cgroup by cgroup, for the host's memory too.
/// </summary>
internal sealed class OomKiller
{
    private readonly MemcgTree _tree;
    private readonly int _root;
    private readonly long _totalPages;
    private readonly List<int> _containers;
    private readonly Queue<(int Node, OomAction Action)> _kills = new();
    private int _asked;
    private int? _victim;
    private long? _points;
    private bool _chosen;

    /// <param name="tree">The cgroups.</param>
    /// <param name="root">Whose limit it is; the root of all for the host's memory.</param>
    /// <param name="totalPages">Memory and swap of those below it.</param>
    /// <param name="onNodes">The NUMA nodes that are short, if whoever is killed must have pages on one of them (oom_cpuset_eligible).</param>
    public OomKiller(MemcgTree tree, int root, long totalPages, IReadOnlyList<int>? onNodes = null)
    {
        (_tree, _root, _totalPages) = (tree, root, totalPages);
        _containers = [.. Containers(root).Where(container => onNodes is null || onNodes.Any(tree.Nodes[container].HasPagesOn))];
    }

    /// <summary>Whether there was something to kill.</summary>
    public bool Found => _victim is not null;

    /// <summary>Whose limit it is: its path.</summary>
    public string For => _tree.Nodes[_root].Path;

    /// <summary>The next order.</summary>
    /// <returns>For which cgroup, and what; null if all is done.</returns>
    public (int Node, OomOrder Order)? Next()
    {
        if (_asked < _containers.Count)
        {
            return (_containers[_asked], new OomOrder(OomAction.Weigh, _totalPages, For));
        }

        if (!_chosen)
        {
            _chosen = true;
            Choose();
        }

        return _kills.TryPeek(out var kill) ? (kill.Node, new OomOrder(kill.Action, _totalPages, For)) : null;
    }

    /// <summary>The order was carried out.</summary>
    public void Took(OomAnswer answer)
    {
        if (_asked == _containers.Count)
        {
            _kills.Dequeue();
            return;
        }

        if (answer.Points is { } points && OomScore.Beats(points, _points))
        {
            (_victim, _points) = (_containers[_asked], points);
        }

        _asked++;
    }

    private void Choose()
    {
        if (_victim is not { } victim)
        {
            return;
        }

        int? group = null;
        for (var above = victim; above >= 0; above = _tree.Nodes[above].Parent)
        {
            group = _tree.Nodes[above].Limits.OomGroup ? above : group;
            if (above == _root)
            {
                break;
            }
        }

        if (group is not { } all)
        {
            _kills.Enqueue((victim, OomAction.Kill));
        }
        else if (all == victim)
        {
            _kills.Enqueue((victim, OomAction.KillGroup));
        }
        else
        {
            _tree.Nodes[all].EventsOomGroupKill++;
            Containers(all).ForEach(container => _kills.Enqueue((container, OomAction.KillAll)));
        }
    }

    private List<int> Containers(int root) => [.. _tree.Subtree(root).Where(node => _tree.Nodes[node].Member >= 0)];
}
