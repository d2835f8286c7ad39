using System.Collections.Immutable;

namespace Reclaim.Model.LruGenFiles;

/// <summary>One generation of the text: its line and, in lru_gen_full, the lines below it (lru_gen_seq_show_full).</summary>
/// <param name="Seq">Its number.</param>
/// <param name="AgeMs">Age in ms, counted in ticks.</param>
/// <param name="Anon">Its anonymous pages.</param>
/// <param name="File">Its file pages.</param>
/// <param name="Tiers">Counters of the tiers, tier 0 first; empty in lru_gen.</param>
/// <param name="Walk">
/// Counters of page-table walks: six until v6.11, four from v6.12 on; empty in lru_gen and where the kernel cannot walk page tables.
/// </param>
public sealed record LruGenGeneration(
    ulong Seq, ulong AgeMs, LruGenSize Anon, LruGenSize File, ImmutableArray<LruGenTier> Tiers, ImmutableArray<LruGenField> Walk)
{
    /// <summary>Its pages of a type, anon 0 and file 1.</summary>
    internal LruGenSize Size(int type) => type == 0 ? Anon : File;
}

/// <summary>The pages of one type in a generation.</summary>
/// <param name="Pages">How many; without meaning if the generation is gone.</param>
/// <param name="Gone">Marked <c>x</c>: older than min_seq of the type, the generation exists no more.</param>
public readonly record struct LruGenSize(ulong Pages, bool Gone);

/// <summary>The counters of one tier, for each type.</summary>
public readonly record struct LruGenTier(LruGenCounters Anon, LruGenCounters File)
{
    /// <summary>Those of a type, anon 0 and file 1.</summary>
    internal LruGenCounters Of(int type) => type == 0 ? Anon : File;
}

/// <summary>
/// Three counters whose letters say what they are: <c>R T</c> averages of refaulted and of evicted or protected pages over past
/// generations, <c>r e p</c> refaulted, evicted and protected in this generation, else nothing (blank, from v6.12 on <c>x</c>).
/// </summary>
public readonly record struct LruGenCounters(LruGenField First, LruGenField Second, LruGenField Third)
{
    /// <summary>Whether they are the moving averages, as in the youngest generation's lines.</summary>
    public bool AreAverages => First.Letter == 'R';

    /// <summary>Whether they are the generation's own.</summary>
    public bool AreCurrent => First.Letter == 'r';
}

/// <summary>A number and the letter behind it.</summary>
public readonly record struct LruGenField(ulong Number, char Letter);
