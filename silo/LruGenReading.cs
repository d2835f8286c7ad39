using System.Collections.Immutable;
using Reclaim.Model.LruGenFiles;

namespace Reclaim.Silo;

/// <summary>What a text of lru_gen or lru_gen_full says, and what the feedback controller makes of it.</summary>
/// <param name="Text">The text, printed again from what was read.</param>
/// <param name="Lruvecs">One for each memory cgroup and node, in the order of the text.</param>
public sealed record LruGenReading(string Text, ImmutableArray<LruvecReading> Lruvecs)
{
    /// <summary>Reads the text of either file.</summary>
    /// <param name="text">The text.</param>
    /// <param name="variant">The kernel by whose rules tiers are judged: the text does not say which printed it.</param>
    /// <exception cref="FormatException">It is not such a text; the message names line, column and what was expected there.</exception>
    public static LruGenReading Of(string text, string variant = PrintedController.Base)
    {
        var dump = LruGenDump.Parse(text);
        return new LruGenReading(
            dump.Print(), [.. dump.Memcgs.SelectMany(memcg => memcg.Nodes.Select(node => Lruvec(memcg, node, variant)))]);
    }

    private static LruvecReading Lruvec(LruGenMemcg memcg, LruGenNode node, string variant) => new(
        memcg.Id,
        memcg.Path,
        node.Id,
        [.. node.Generations.Select(g => new GenerationReading(g.Seq, g.AgeMs, Pages(g.Anon), Pages(g.File)))],
        Tiers(PrintedController.OfAnon(node, variant)),
        Tiers(PrintedController.OfFile(node, variant)));

    private static ulong? Pages(LruGenSize size) => size.Gone ? null : size.Pages;

    private static TierReading? Tiers(PrintedController? controller) =>
        controller is null ? null : new TierReading(controller.Threshold, [.. controller.Tiers.Select(tier => (tier.Refaulted, tier.Total))]);
}

/// <summary>One memory cgroup on one node.</summary>
/// <param name="MemcgId">The kernel's internal id.</param>
/// <param name="Path">Path of the cgroup.</param>
/// <param name="Node">Number of the node.</param>
/// <param name="Generations">Its generations, the youngest last.</param>
/// <param name="Anon">Tiers of anonymous pages; null where the text does not show them.</param>
/// <param name="File">Tiers of file pages; null where the text does not show them.</param>
public sealed record LruvecReading(
    int MemcgId, string Path, int Node, ImmutableArray<GenerationReading> Generations, TierReading? Anon, TierReading? File);

/// <summary>One generation; pages of a type are null if the type has the generation no more.</summary>
public sealed record GenerationReading(ulong Seq, ulong AgeMs, ulong? AnonPages, ulong? FilePages);

/// <summary>Tiers of one type as the controller sees them.</summary>
/// <param name="Threshold">The highest tier that may be evicted.</param>
/// <param name="Tiers">Refaulted pages, and evicted or protected ones, tier 0 first.</param>
public sealed record TierReading(int Threshold, ImmutableArray<(ulong Refaulted, ulong Total)> Tiers);
