using Reclaim.Model.Hierarchy;

namespace Reclaim.Model.Nodes;

/// <summary>
/// /sys/kernel/mm/lru_gen/min_ttl_ms: rather than take pages that were in use less than so long ago, kswapd has the OOM killer make room. It
/// looks before a pass whether any lruvec is reclaimable: not below memory.min, large enough for a scan at this priority, and its oldest file
/// generation older than that.
/// Source: lru_gen_age_node, lruvec_is_reclaimable, lruvec_is_sizable in mm/vmscan.c, v6.12; v6.8 looks from the second priority on, v6.1 where
/// kswapd ages.
/// </summary>
/// <param name="tree">The cgroups.</param>
/// <param name="ns">min_ttl_ms, nanoseconds.</param>
/// <param name="lists">The lists of a container's cgroup, by index in the tree.</param>
/// <param name="numa">The NUMA node.</param>
internal sealed class MinTtl(MemcgTree tree, long ns, Func<int, ListState> lists, int numa = 0)
{
    /// <summary>Whether kswapd may reclaim from some cgroup.</summary>
    /// <param name="priority">Of the pass.</param>
    /// <param name="nowNs">Virtual time.</param>
    /// <param name="small">Whether size matters: v6.1 does not look at it at the default priority.</param>
    public bool AnyReclaimable(int priority, long nowNs, bool small = true)
    {
        Protection.Calculate(tree, 0);
        for (var index = 0; index < tree.Nodes.Count; index++)
        {
            var node = tree.Nodes[index];
            if (!node.HasPagesOn(numa) || (node.Usage != 0 && node.EffectiveMin >= node.Usage))
            {
                continue;
            }

            var state = lists(index);
            var size = state.InactiveFile + state.ActiveFile + state.InactiveAnon + state.ActiveAnon;
            if (state.OldestFileBirthNs + ns <= nowNs && (!small || size >> priority != 0))
            {
                return true;
            }
        }

        return false;
    }
}
