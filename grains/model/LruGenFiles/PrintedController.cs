using System.Collections.Immutable;
using Reclaim.Model.Kernels;
using Reclaim.Model.MultiGen;

namespace Reclaim.Model.LruGenFiles;

/// <summary>What the feedback controller makes of the counters that lru_gen_full shows for one type, by the rules of v6.8.</summary>
/// <param name="Threshold">The highest tier of the oldest generation that may be evicted; those above are protected (get_tier_idx).</param>
/// <param name="Tiers">The sums it compares, tier 0 first.</param>
public sealed record PrintedController(int Threshold, ImmutableArray<PrintedTier> Tiers)
{
    /// <summary>The controller's view of anonymous pages; null where the counters are not shown.</summary>
    public static PrintedController? OfAnon(LruGenNode node) => Of(node, MultiGenLruvec.Anon);

    /// <summary>The controller's view of file pages; null where the counters are not shown.</summary>
    public static PrintedController? OfFile(LruGenNode node) => Of(node, MultiGenLruvec.File);

    private static PrintedController? Of(LruGenNode node, int type)
    {
        var oldest = node.Generations.FirstOrDefault(generation => !generation.Size(type).Gone);
        var youngest = node.Generations[^1];
        if (oldest is null || oldest.Tiers.IsEmpty || !oldest.Tiers[0].Of(type).AreCurrent || !youngest.Tiers[0].Of(type).AreAverages)
        {
            return null;
        }

        var controller = new TierController(KernelVariants.Find("v6.8")!.Rules);
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
/// <param name="Total">Pages evicted, and above tier 0 also those protected.</param>
public readonly record struct PrintedTier(ulong Refaulted, ulong Total);
