namespace Reclaim.Model.Memcg;

/// <summary>
/// Frees page-cache tree nodes that hold nothing but shadow entries, when a memcg has more of them than an eighth of its
/// pages: the refault distance of what they remember is beyond use. The number of pages is as old as the memcg's statistics
/// (mem_cgroup_flush_stats_ratelimited), so in the first two seconds of a cgroup it is 0 and every such node is one too many.
///
/// Source: count_shadow_nodes, scan_shadow_nodes in mm/workingset.c (seeks 0: half of the excess); do_shrink_slab in
/// mm/shrinker.c (batches of 128, the rest deferred), v6.8.
/// </summary>
internal sealed class ShadowShrinker
{
    private const int BatchSize = 128;

    private long _deferred;

    /// <summary>Shrinks once, as shrink_slab does after each lruvec.</summary>
    public void Shrink(MemoryCgroup memcg, int priority)
    {
        var tree = memcg.Tree;
        if (tree.ShadowNodes == 0)
        {
            return;
        }

        var freeable = tree.ShadowNodes - (memcg.Lruvec.FlushedPages >> 3);
        if (freeable <= 0)
        {
            return;
        }

        var nr = _deferred;
        var delta = freeable / 2;
        var total = Math.Min((nr >> priority) + delta, 2 * freeable);
        var scanned = 0L;
        while (total >= BatchSize || total >= freeable)
        {
            var batch = Math.Min(BatchSize, total);
            for (var i = 0L; i < batch && tree.ShadowNodes > 0; i++)
            {
                memcg.Shared?.ShadowsDropped(tree.OldestShadowLeaf);
                var freed = tree.ReclaimOldestShadowNode(memcg.Folios.Word);
                memcg.Stat.WorkingsetNodereclaim++;
                memcg.Charge.RefillStock(memcg.Kernel.FreeNodes(freed));
            }

            total -= batch;
            scanned += batch;
            if (total == 0)
            {
                break;
            }
        }

        _deferred = Math.Min(Math.Max(nr + delta - scanned, 0), 2 * freeable);
    }
}
