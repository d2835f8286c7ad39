using Reclaim.Model.MultiGen;
using Reclaim.Model.Reference;

namespace Reclaim.Model.Kernels;

/// <summary>Which policy runs, and by which rules.</summary>
public sealed record KernelChoice
{
    /// <summary>The multi-gen LRU.</summary>
    public const string MultiGen = "mglru";

    /// <summary>Active and inactive lists.</summary>
    public const string Classic = "classic";

    /// <summary>All policies: the kernel's two, and the reference policies.</summary>
    public static IReadOnlyList<string> Policies { get; } = [MultiGen, Classic, .. ReferencePolicies.Names];

    /// <summary>Variants by name, oldest kernel first.</summary>
    public static IReadOnlyList<string> Variants { get; } = [.. KernelVariants.All.Select(variant => variant.Name)];

    public string Policy { get; init; } = MultiGen;

    public string Variant { get; init; } = "v6.8";

    /// <summary>LRU_REFS_WIDTH.</summary>
    public int RefsWidth { get; init; } = 2;

    /// <summary>vm.swappiness in effect: 0 where anonymous pages can go neither to swap nor to slower memory.</summary>
    public int Swappiness { get; init; }

    /// <summary>/sys/kernel/mm/lru_gen/min_ttl_ms, nanoseconds; 0: off.</summary>
    public long MinTtlNs { get; init; }

    /// <summary>CONFIG_LRU_GEN_STATS; null: the variant's own.</summary>
    public bool? LruGenStats { get; init; }

    /// <summary>Rules that differ from the variant.</summary>
    public IReadOnlyList<(string Name, string Value)> Rules { get; init; } = [];

    /// <summary>Whether pages are demoted to nodes of their cgroup's cpuset.mems only.</summary>
    public bool DemotesWithinCpuset => ResolveRules().DemotesWithinCpuset;

    /// <summary>Whether watermarks are boosted when a page is taken from a block of another mobility, and kswapd goes by them.</summary>
    public bool BoostsWatermarks => ResolveRules() is { BoostsOnSinglePages: true } rules && (Policy == Classic || rules.GlobalOrder == GlobalOrder.MemcgLru);

    /// <summary>Whether kswapd frees pages for a boost alone, when by number there are enough (lru_gen_shrink_node does nothing then).</summary>
    public bool FreesForBoosts => Policy == Classic;

    /// <summary>The rule choices of the multi-gen policy that this comes to.</summary>
    /// <exception cref="ArgumentException">No such variant, rule or value; the message names what there is.</exception>
    internal KernelRuleSet ResolveRules()
    {
        var variant = KernelVariants.Find(Variant)
            ?? throw new ArgumentException($"no variant is called '{Variant}': {string.Join(", ", Variants)}", nameof(Variant));
        var rules = variant.Rules with { RefsWidth = RefsWidth };
        if (LruGenStats is { } stats)
        {
            rules = rules with { HistoryGenerations = stats ? MultiGenLruvec.MaxNrGens : 1 };
        }

        return Rules.Aggregate(rules, (current, rule) => KernelRules.Apply(current, rule.Name, rule.Value));
    }
}
