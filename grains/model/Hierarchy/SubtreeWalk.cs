namespace Reclaim.Model.Hierarchy;

/// <summary>
/// A walk over the cgroups of a subtree on one node that passes over who is protected: all of them, or from where the last walk stopped until enough
/// is freed.
/// Source: shrink_node_memcgs in mm/vmscan.c, mem_cgroup_iter in mm/memcontrol.c, v6.8 and v6.12.
/// </summary>
internal sealed class SubtreeWalk
{
    private readonly MemcgTree _tree;
    private readonly int _root;
    private readonly int _numa;
    private readonly List<int> _subtree;
    private int _visited;
    private int _current = -1;

    /// <summary>Whether it has come by one that is not protected.</summary>
    private bool _hasLooked;

    /// <param name="tree">The cgroups.</param>
    /// <param name="root">Root of the subtree.</param>
    /// <param name="node">The NUMA node.</param>
    public SubtreeWalk(MemcgTree tree, int root, int node = 0)
    {
        (_tree, _root, _numa, _subtree) = (tree, root, node, tree.Subtree(root));
    }

    /// <summary>Whether memory.low protects nobody any more.</summary>
    public bool TakesLow { get; set; }

    /// <summary>Whether memory.low has protected somebody, in part perhaps.</summary>
    public bool SkippedLow { get; private set; }

    /// <summary>Begins a walk.</summary>
    public void Begin()
    {
        Protection.Calculate(_tree, _root);
        (_visited, _current, _hasLooked) = (0, -1, false);
    }

    /// <summary>The next that may be reclaimed from.</summary>
    /// <param name="partial">Whether it goes on where the last partial walk stopped.</param>
    /// <param name="enough">Whether a partial walk may end.</param>
    /// <returns>Its index, or null if the walk is over.</returns>
    public int? Next(bool partial, bool enough)
    {
        while ((partial ? Advance(enough) : _visited < _subtree.Count ? _subtree[_visited++] : null) is { } node)
        {
            if (MayShrink(node))
            {
                return node;
            }
        }

        return null;
    }

    /// <summary>
    /// What of a cgroup that the walk has come by is protected: memory.low until nothing else helps, then memory.min
    /// (apply_proportional_protection, v6.17; get_scan_count before).
    /// </summary>
    /// <returns>Pages, and the usage that they are a part of; null: it is not protected at all.</returns>
    public (long Pages, long Usage)? ProtectedOf(int index)
    {
        var node = _tree.Nodes[index];
        if (index == _root || (node.EffectiveLow == 0 && node.EffectiveMin == 0))
        {
            return null;
        }

        var isLow = !TakesLow && node.EffectiveLow > node.EffectiveMin;
        SkippedLow |= isLow;
        var pages = isLow ? node.EffectiveLow : node.EffectiveMin;
        return (pages, Math.Max(node.Usage, pages));
    }

    private int? Advance(bool enough)
    {
        // Enough in the middle of a walk ends it; the next one goes on behind.
        if (_hasLooked && enough)
        {
            return null;
        }

        var root = _tree.Nodes[_root].On(_numa);
        var at = root.IterPosition < 0 ? 0 : _subtree.BinarySearch(root.IterPosition) + 1;
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

    private bool MayShrink(int index)
    {
        var node = _tree.Nodes[index];
        if (node.Member < 0)
        {
            _hasLooked |= index == _root || node.EffectiveLow < node.Usage;
            return false;
        }

        if (index != _root && node.EffectiveMin >= node.Usage)
        {
            return false;
        }

        if (index != _root && node.EffectiveLow >= node.Usage)
        {
            if (!TakesLow)
            {
                SkippedLow = true;
                return false;
            }

            node.EventsLow++;
        }

        _hasLooked = true;
        return node.HasPagesOn(_numa);
    }
}
