using System.Collections.Immutable;
using Reclaim.Model.Kernels;
using Reclaim.Model.MultiGen;

namespace Reclaim.Model.LruGenFiles;

/// <summary>What the feedback controller makes of the counters that lru_gen_full shows for one type.</summary>
/// <param name="Threshold">The highest tier of the oldest generation that may be evicted; those above are protected (get_tier_idx).</param>
/// <param name="Tiers">The sums it compares, tier 0 first.</param>
public sealed record PrintedController(int Threshold, ImmutableArray<PrintedTier> Tiers)
{
    /// <summary>The kernel whose rules are taken unless another is named: until v6.13 all have the same.</summary>
    public const string Base = "v6.8";

    /// <summary>The controller's view of anonymous pages; null where the counters are not shown.</summary>
    public static PrintedController? OfAnon(LruGenNode node, string variant = Base) => Of(node, MultiGenLruvec.Anon, variant);

    /// <summary>The controller's view of file pages; null where the counters are not shown.</summary>
    public static PrintedController? OfFile(LruGenNode node, string variant = Base) => Of(node, MultiGenLruvec.File, variant);

    private static PrintedController? Of(LruGenNode node, int type, string variant)
    {
        var oldest = node.Generations.FirstOrDefault(generation => !generation.Size(type).Gone);
        var youngest = node.Generations[^1];
        if (oldest is null || oldest.Tiers.IsEmpty || !oldest.Tiers[0].Of(type).AreCurrent || !youngest.Tiers[0].Of(type).AreAverages)
        {
            return null;
        }

        var controller = new TierController(new KernelChoice { Variant = variant }.ResolveRules());
        var sums = ImmutableArray.CreateBuilder<PrintedTier>(TierController.Tiers);
        for (var tier = 0; tier < TierController.Tiers; tier++)
        {
            var average = youngest.Tiers[tier].Of(type);
            var current = oldest.Tiers[tier].Of(type);
            controller.Restore(
                oldest.Seq, type, tier,
                (average.First.Number, average.Second.Number),
                (current.First.Number, current.Second.Number, current.Third.Number));
            var (refaulted, total) = controller.Sums(oldest.Seq, type, tier);
            sums.Add(new PrintedTier(refaulted, total));
        }

        return new PrintedController(controller.TierThreshold(oldest.Seq, type), sums.ToImmutable());
    }
}

/// <summary>The sums of one tier: moving averages and the oldest generation's own.</summary>
/// <param name="Refaulted">Pages that came back.</param>
/// <param name="Total">Pages evicted, and those protected: above tier 0 only, until v6.13.</param>
public readonly record struct PrintedTier(ulong Refaulted, ulong Total);
