namespace Reclaim.Model.MultiGen;

/// <summary>
/// The state byte of a page under the multi-gen policy.
///
/// <code>
///    7     6   5     4      3      2   1   0
///  ┌─────┬─────────┬─────┬──────┬─────────────┐
///  │  Q  │    F    │ WS  │  R   │     gen     │
///  └─────┴─────────┴─────┴──────┴─────────────┘
///   Q    in the activation batch: on its list still, but not to be isolated
///   F    further accesses, at most 2^W − 1 (LRU_REFS_MASK)
///   WS   PG_workingset
///   R    PG_referenced: first access
///   gen  0 not in memory; 1–4 on the list of generation slot gen − 1;
///        5 in the LRU add batch; 6 off the lists with PG_active; 7 isolated by reclaim
/// </code>
///
/// What the flags say of a page's accesses is in <see cref="FolioRefs"/>. What happens to a page depends on this byte alone,
/// so every rule about it is a table of 256 entries.
/// </summary>
internal static class FolioFlags
{
    public const int Gen = 0b0000_0111;
    public const int Referenced = 0b0000_1000;
    public const int Workingset = Folios.FolioTable.Workingset;
    public const int WorkingsetShift = 4;
    public const int Refs = 0b0110_0000;
    public const int RefsShift = 5;

    public const int Activating = 0b1000_0000;

    public const int InBatch = 5;
    /// <summary>In the add batch, or isolated, with PG_active: it will enter among the young.</summary>
    public const int InBatchActive = 6;
    public const int Isolated = 7;
}
