using System.Collections.Immutable;

namespace Reclaim.Model.LruGenFiles;

/// <summary>
/// What /sys/kernel/debug/lru_gen or lru_gen_full says. Parsing a text and printing it again gives the same bytes.
/// Source: lru_gen_seq_show in mm/vmscan.c, v6.1 to v6.19.
/// </summary>
/// <param name="Memcgs">Memory cgroups as the hierarchy is walked, the root first.</param>
public sealed record LruGenDump(ImmutableArray<LruGenMemcg> Memcgs)
{
    /// <summary>Reads the text of either file.</summary>
    /// <exception cref="LruGenTextException">It is not such a text; the message names line, column and what was expected there.</exception>
    public static LruGenDump Parse(string text) => new LruGenParser(text).Dump();

    /// <summary>The text, column for column, blanks at line ends included.</summary>
    public string Print() => LruGenPrinter.Print(this);
}

/// <summary>One memory cgroup of the text.</summary>
/// <param name="Id">The kernel's internal id, 0 in a kernel without memory cgroups.</param>
/// <param name="Path">Its path, <c>/</c> for the root; empty in a kernel without memory cgroups.</param>
/// <param name="Nodes">The nodes that have memory, in ascending order.</param>
public sealed record LruGenMemcg(int Id, string Path, ImmutableArray<LruGenNode> Nodes);

/// <summary>The lruvec of a memory cgroup on one node.</summary>
/// <param name="Id">Number of the node.</param>
/// <param name="Generations">Consecutive generations, the youngest (max_seq) last.</param>
public sealed record LruGenNode(int Id, ImmutableArray<LruGenGeneration> Generations);
