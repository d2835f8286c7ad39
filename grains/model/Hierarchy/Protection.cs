namespace Reclaim.Model.Hierarchy;

/// <summary>
/// What of memory.low and memory.min protects a cgroup from reclaim on behalf of an ancestor: its own, its part of what its parent has, and,
/// with memory_recursiveprot, its part of what the parent has and no child claims.
/// Source: mem_cgroup_calculate_protection, effective_protection in mm/memcontrol.c (mm/page_counter.c from v6.11), v6.8.
/// </summary>
public static class Protection
{
    /// <summary>Computes the effective values of a subtree, from its root down. The root itself is not protected, its children have all they ask for.</summary>
    public static void Calculate(MemcgTree tree, int root)
    {
        if (!tree.HasProtection)
        {
            return;
        }

        var subtree = tree.Subtree(root);
        tree.Nodes[root].EffectiveLow = tree.Nodes[root].EffectiveMin = 0;
        foreach (var index in subtree)
        {
            tree.Nodes[index].Claimed = default;
        }

        foreach (var index in subtree)
        {
            var (node, above) = (tree.Nodes[index], tree.Nodes[index].Parent);
            if (index != root)
            {
                var (low, min) = tree.Nodes[above].Claimed;
                tree.Nodes[above].Claimed = (low + Math.Min(node.Usage, node.Limits.Low), min + Math.Min(node.Usage, node.Limits.Min));
            }
        }

        foreach (var index in subtree)
        {
            if (index == root || tree.Nodes[index].Usage == 0)
            {
                continue;
            }

            var node = tree.Nodes[index];
            if (node.Parent == root)
            {
                (node.EffectiveMin, node.EffectiveLow) = (node.Limits.Min, node.Limits.Low);
                continue;
            }

            var parent = tree.Nodes[node.Parent];
            node.EffectiveMin = Effective(node.Usage, parent.Usage, node.Limits.Min, parent.EffectiveMin, parent.Claimed.Min);
            node.EffectiveLow = Effective(node.Usage, parent.Usage, node.Limits.Low, parent.EffectiveLow, parent.Claimed.Low);
        }
    }

    /// <summary>Effective protection of a cgroup below another protected one, pages.</summary>
    /// <param name="usage">Pages charged to it.</param>
    /// <param name="parentUsage">Pages charged to its parent.</param>
    /// <param name="setting">Its memory.low or memory.min.</param>
    /// <param name="parentEffective">The parent's effective value.</param>
    /// <param name="claimed">What all children of the parent claim: of each the smaller of usage and setting.</param>
    public static long Effective(long usage, long parentUsage, long setting, long parentEffective, long claimed)
    {
        var own = Math.Min(usage, setting);
        if (claimed > parentEffective)
        {
            return (long)((UInt128)own * (ulong)parentEffective / (ulong)claimed);
        }

        if (parentEffective <= claimed || parentUsage <= claimed || usage <= own)
        {
            return own;
        }

        // Unclaimed protection goes to children by what they use without protection.
        return own + (long)((UInt128)(ulong)(parentEffective - claimed) * (ulong)(usage - own) / (ulong)(parentUsage - claimed));
    }
}
