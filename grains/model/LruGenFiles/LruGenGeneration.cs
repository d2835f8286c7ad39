using System.Collections.Immutable;

namespace Reclaim.Model.LruGenFiles;

/// <summary>One generation.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="AgeMs">Milliseconds since it was made (jiffies_to_msecs).</param>
/// <param name="Anon">Anonymous pages in it.</param>
/// <param name="File">File pages in it.</param>
/// <param name="Tiers">In lru_gen_full, MAX_NR_TIERS rows; in lru_gen, none.</param>
/// <param name="Walk">
/// What page-table walks counted: six fields (leaf entries, old, young, non-leaf entries, found in the filter, added to it) up to
/// v6.11; four (leaf entries, young, found, added) from v6.12; none in lru_gen and where the kernel cannot walk page tables.
/// </param>
public sealed record LruGenGeneration(
    ulong Seq, ulong AgeMs, LruGenSize Anon, LruGenSize File, ImmutableArray<LruGenTier> Tiers, ImmutableArray<LruGenField> Walk);

/// <summary>The size of a generation, of one type.</summary>
/// <param name="Pages">Pages on its lists, of all zones.</param>
/// <param name="Mark">x if the generation is older than min_seq, so that the number means nothing; otherwise a blank.</param>
public readonly record struct LruGenSize(ulong Pages, char Mark)
{
    /// <summary>Marks what is gone.</summary>
    public const char GoneMark = 'x';

    /// <summary>Whether the generation is history for this type.</summary>
    public bool IsGone => Mark == GoneMark;
}
