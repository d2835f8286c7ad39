namespace Reclaim.Model.Memcg;

/// <content>What others do to the files that they share with the cgroup.</content>
internal sealed partial class MemoryCgroup
{
    /// <summary>Another brought in a page, and is charged for it.</summary>
    public void InsertedElsewhere(uint page)
    {
        ref var word = ref Folios.Word[page];
        Tree.Insert(page, word != 0, byOther: true);
        word = 0;
        Folios.Readahead?.Clear(page);
    }

    /// <summary>A page of another was evicted: it is gone from all page tables, and leaves its shadow to the file.</summary>
    public void EvictedElsewhere(uint page, uint shadow)
    {
        if (!Rmap.IsEmpty)
        {
            Rmap.Unmap(page);
        }

        Folios.Word[page] = shadow;
        Tree.Evict(page);
    }

    /// <summary>The shadow shrinker of another freed a node of the tree; above it there may be some that are charged here.</summary>
    public void ShadowsDroppedElsewhere(uint page)
    {
        var freed = Kernel.FreeNodes(Tree.ReclaimShadowNode((int)(page >> 6), Folios.Word));
        if (freed != 0)
        {
            Charge.RefillStock(freed);
        }
    }
}
