using System.Collections.Immutable;

namespace Reclaim.Model.LruGenFiles;

/// <summary>
/// What /sys/kernel/debug/lru_gen or lru_gen_full says, number by number. Printing what was parsed gives the same text, blanks
/// at line ends included.
/// Source: lru_gen_seq_show, lru_gen_seq_show_full in mm/vmscan.c, v6.1 to v6.19.
/// </summary>
/// <param name="Memcgs">In the order of the walk of the hierarchy, parents first.</param>
public sealed record LruGenDump(ImmutableArray<LruGenMemcg> Memcgs)
{
    /// <summary>Reads the text of either file.</summary>
    /// <exception cref="LruGenFormatException">The kernel prints no such text.</exception>
    public static LruGenDump Parse(string text) => new LruGenParser(text).Dump();

    /// <summary>Writes the text in the kernel's columns.</summary>
    public string Print() => LruGenPrinter.Print(this);
}
