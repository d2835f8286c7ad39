using System.Collections.Immutable;
using Reclaim.Model.Kernels;
using Reclaim.Model.Swap;
using Reclaim.Model.Time;

namespace Reclaim.Silo;

/// <summary>Names that a scenario may use, as the model knows them: for messages and completion.</summary>
public static class KernelCatalog
{
    /// <summary>Policies: <c>mglru</c>, <c>classic</c> and the reference policies.</summary>
    public static ImmutableArray<string> Policies { get; } = [.. KernelChoice.Policies];

    /// <summary>Variants of the kernel policies.</summary>
    public static ImmutableArray<string> Variants { get; } = [.. KernelChoice.Variants];

    /// <summary>Rules that <c>kernel.rules</c> may override, each with the values it takes.</summary>
    public static ImmutableSortedDictionary<string, ImmutableArray<string>> Rules { get; } =
        KernelRules.List.ToImmutableSortedDictionary(rule => rule.Name, rule => rule.Values.ToImmutableArray(), StringComparer.Ordinal);

    /// <summary>What a kernel chooses for each rule: its name, its meaning and the value.</summary>
    /// <param name="variant">The variant.</param>
    /// <param name="rules">Rules that differ from it.</param>
    /// <exception cref="ArgumentException">No such variant, rule or value.</exception>
    public static ImmutableArray<(string Name, string Meaning, string Value)> RulesOf(string variant, IEnumerable<KeyValuePair<string, string>> rules) =>
        [.. KernelRules.List.Zip(
            KernelRules.ChoicesOf(new KernelChoice { Variant = variant, Rules = [.. rules.Select(rule => (rule.Key, rule.Value))] }),
            (rule, value) => (rule.Name, rule.Meaning, value))];

    /// <summary>Device types.</summary>
    public static ImmutableArray<string> DeviceTypes { get; } = [.. DeviceType.Names];

    /// <summary>Names in the cost table that <c>costs</c> may override.</summary>
    public static ImmutableArray<string> Costs { get; } = [.. CostTable.Names];

    /// <summary>Compressors of zram and zswap.</summary>
    public static ImmutableArray<string> Compressors { get; } = [.. Compressor.Names];

    /// <summary>Largest vm.page_cluster.</summary>
    public static int MaxPageCluster => SwapReadahead.LargestPageCluster;
}
