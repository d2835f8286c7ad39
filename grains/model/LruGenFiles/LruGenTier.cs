using System.Collections.Immutable;

namespace Reclaim.Model.LruGenFiles;

/// <summary>
/// One tier of one generation, three fields a type. In the youngest generation's rows the moving averages R (refaulted), T (total)
/// and nothing; in those of a generation being evicted r (refaulted), e (evicted), p (protected); elsewhere nothing.
/// Source: lru_gen_seq_show_full in mm/vmscan.c.
/// </summary>
public sealed record LruGenTier(ImmutableArray<LruGenField> Anon, ImmutableArray<LruGenField> File)
{
    /// <summary>MAX_NR_TIERS.</summary>
    public const int Count = 4;
}

/// <summary>A number and the letter after it, which says what was counted: a blank, or x from v6.12, if nothing was.</summary>
public readonly record struct LruGenField(ulong Number, char Letter);
