using System.Numerics;

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
///   F    accesses beyond the second, at most 2^W − 1 (LRU_REFS_MASK)
///   WS   PG_workingset: second access, or restored by a refault
///   R    PG_referenced: first access
///   gen  0 not in memory; 1–4 on the list of generation slot gen − 1;
///        5 in the LRU add batch; 6 in the batch with PG_active; 7 isolated by reclaim
/// </code>
///
/// What happens to a page depends on this byte alone, so every rule about it is a table of 256 entries.
/// </summary>
internal static class FolioFlags
{
    public const int Gen = 0b0000_0111;
    public const int Referenced = 0b0000_1000;
    public const int Workingset = 0b0001_0000;
    public const int Refs = 0b0110_0000;
    public const int RefsShift = 5;

    public const int Activating = 0b1000_0000;

    public const int InBatch = 5;
    public const int InBatchActive = 6;
    public const int Isolated = 7;

    /// <summary>refs of folio_lru_refs: F, and one more for WS.</summary>
    public static int LruRefs(int state) => ((state & Refs) >> RefsShift) + ((state & Workingset) != 0 ? 1 : 0);

    /// <summary>lru_tier_from_refs: ⌈log2(refs + 1)⌉.</summary>
    public static int TierOf(int refs) => BitOperations.Log2((uint)refs * 2 + 1);

    /// <summary>The state after one more read(2) (folio_inc_refs): R, then WS, then F up to 2^W − 1.</summary>
    public static int IncRefs(int state, int width) =>
        (state & Referenced) == 0 ? state | Referenced
        : (state & Workingset) == 0 ? state | Workingset
        : (state & Refs) >> RefsShift < (1 << width) - 1 ? state + (1 << RefsShift)
        : state;
}
