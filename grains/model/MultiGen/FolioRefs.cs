using System.Numerics;
using Reclaim.Model.Kernels;

namespace Reclaim.Model.MultiGen;

/// <summary>
/// What the flags of a page say of its accesses, and what one more access makes of them. There are two schemes:
///
/// <code>
///                          1st   2nd    3rd …      saturated     refs              tier
///   until v6.13            R     WS     F…         F full        F + WS            ⌈log2(refs + 1)⌉
///   from v6.14 on, read    R     F…     WS         WS            R ? F + 1 : 0     WS ? 3 : ⌈log2 refs⌉
///   from v6.14 on, mapped  R     WS, and on to the youngest generation
/// </code>
///
/// WS, once set, stays in the second scheme until the page leaves memory, and comes back with it.
/// Source: folio_lru_refs, lru_tier_from_refs in include/linux/mm_inline.h, folio_inc_refs (lru_gen_inc_refs) in mm/swap.c,
/// lru_gen_set_refs in mm/vmscan.c, v6.8 and "mm/mglru: rework workingset protection" (v6.14).
/// </summary>
internal static class FolioRefs
{
    /// <summary>folio_lru_refs.</summary>
    public static int Of(int state, TierBasis basis)
    {
        var further = (state & FolioFlags.Refs) >> FolioFlags.RefsShift;
        return basis == TierBasis.Refs ? further + (IsWorkingset(state) ? 1 : 0)
            : (state & FolioFlags.Referenced) != 0 ? further + 1
            : 0;
    }

    /// <summary>lru_tier_from_refs.</summary>
    public static int Tier(int refs, bool workingset, TierBasis basis) =>
        basis == TierBasis.Refs ? CeilLog2(refs + 1)
        : workingset ? TierController.Tiers - 1
        : CeilLog2(refs);

    /// <summary>The tier of a page.</summary>
    public static int TierOf(int state, TierBasis basis) => Tier(Of(state, basis), IsWorkingset(state), basis);

    /// <summary>Whether all that can be set is set: refs = 2^W, or from v6.14 on refs + WS = 2^W + 1.</summary>
    public static bool IsSaturated(int state, KernelRuleSet rules) =>
        rules.Tier == TierBasis.Refs
            ? Of(state, rules.Tier) == 1 << rules.RefsWidth
            : Of(state, rules.Tier) + (IsWorkingset(state) ? 1 : 0) == (1 << rules.RefsWidth) + 1;

    /// <summary>The state after one more read(2) (folio_inc_refs, lru_gen_inc_refs).</summary>
    public static int Read(int state, KernelRuleSet rules)
    {
        var workingsetLast = rules.AccessOrder == AccessOrder.WorkingsetLast;
        if ((state & FolioFlags.Referenced) == 0)
        {
            return (workingsetLast ? state & ~FolioFlags.Refs : state) | FolioFlags.Referenced;
        }

        if (!workingsetLast && !IsWorkingset(state))
        {
            return state | FolioFlags.Workingset;
        }

        var full = (state & FolioFlags.Refs) >> FolioFlags.RefsShift >= (1 << rules.RefsWidth) - 1;
        return !full ? state + (1 << FolioFlags.RefsShift) : workingsetLast ? state | FolioFlags.Workingset : state;
    }

    /// <summary>Whether a use through a mapping is the first that is known of (lru_gen_set_refs, v6.14).</summary>
    public static bool IsFirstUse(int state) => (state & (FolioFlags.Referenced | FolioFlags.Workingset)) == 0;

    /// <summary>The state after a use through a mapping (lru_gen_set_refs, v6.14).</summary>
    public static int UseMapped(int state) =>
        state & ~(FolioFlags.Refs | FolioFlags.Referenced) | (IsFirstUse(state) ? FolioFlags.Referenced : FolioFlags.Workingset);

    private static bool IsWorkingset(int state) => (state & FolioFlags.Workingset) != 0;

    /// <summary>order_base_2: 0 for 0 as well.</summary>
    private static int CeilLog2(int number) => number <= 1 ? 0 : BitOperations.Log2((uint)number * 2 - 1);
}
