namespace Reclaim.Model.Kernels;

/// <summary>Which flags successive reads through file descriptors set (folio_inc_refs, lru_gen_inc_refs).</summary>
internal enum AccessOrder
{
    /// <summary>R, WS, then F.</summary>
    WorkingsetSecond,

    /// <summary>R, F, and WS when F is full (v6.14).</summary>
    WorkingsetLast,
}

/// <summary>What makes the tier of a page, and with it what its shadow keeps (folio_lru_refs, lru_tier_from_refs).</summary>
internal enum TierBasis
{
    /// <summary>refs = F + WS; the shadow's extra bit says whether there were any.</summary>
    Refs,

    /// <summary>WS is the top tier by itself, else all accesses count; the shadow's extra bit is WS (v6.14).</summary>
    Workingset,
}

/// <summary>What is made of an accessed page table entry, in walks, look-arounds and before eviction.</summary>
internal enum MappedUse
{
    /// <summary>The page is promoted at first sight.</summary>
    FirstSight,

    /// <summary>Only when it was seen used before; pages off the lists keep their accessed bit (v6.14).</summary>
    SecondSight,
}

/// <summary>What reclaim learns from accesses through mappings on which advice was given.</summary>
internal enum AdvisedMapping
{
    /// <summary>Nothing, after MADV_RANDOM, MADV_SEQUENTIAL or POSIX_FADV_NOREUSE (vma_has_recency, v6.3).</summary>
    Unseen,

    /// <summary>
    /// After MADV_RANDOM that a page is in use, when it is about to be evicted or is unmapped (folio_referenced_one, zap_pte_range in v6.1), though
    /// walks, look-arounds and faults pass over it; after MADV_SEQUENTIAL nothing; and POSIX_FADV_NOREUSE has no effect.
    /// </summary>
    RandomReferenced,
}

/// <summary>Flags that are cleared when a page is isolated (isolate_folio).</summary>
internal enum IsolationClears
{
    /// <summary>R; and WS and F of a page without R, so that their evidence does not count.</summary>
    ReferencedAndUnread,

    /// <summary>F of a page without R (v6.14).</summary>
    UnreadRefs,
}

/// <summary>Where a page goes that was isolated and could not be freed (the end of evict_folios).</summary>
internal enum PutBack
{
    /// <summary>To the youngest generation, with no flags.</summary>
    Youngest,

    /// <summary>Where its flags put a page that enters, but never into the oldest generation (v6.14).</summary>
    Flags,
}
