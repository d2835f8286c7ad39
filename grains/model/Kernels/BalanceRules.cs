namespace Reclaim.Model.Kernels;

/// <summary>What the controller counts as judged (read_ctrl_pos, reset_ctrl_pos, inc_min_seq).</summary>
internal enum TierTotals
{
    /// <summary>Pages evicted, and those protected above tier 0.</summary>
    Protected,

    /// <summary>Also those that aging forces out of the oldest of four generations, of whatever tier (v6.14).</summary>
    ProtectedAndForced,
}

/// <summary>Which type is scanned, anonymous pages or files (isolate_folios, get_type_to_scan).</summary>
internal enum TypeChoice
{
    /// <summary>The one with the older generation; of equal ones, the one whose tier 0 refaults less. The other's tier 0 sets the tier threshold then.</summary>
    OlderThenFirstTier,

    /// <summary>The one that refaults less, all tiers together; each has its own tier threshold (v6.14).</summary>
    AllTiers,
}

/// <summary>How the oldest generations of the two types may lie (try_to_inc_min_seq).</summary>
internal enum MinSeqOrder
{
    /// <summary>That of files is never the older one.</summary>
    AnonFirst,

    /// <summary>Each type has its own, but neither runs away to two generations while the other has four (v6.14).</summary>
    Independent,
}
