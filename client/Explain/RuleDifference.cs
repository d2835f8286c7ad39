using Reclaim.Contracts.Results;
using Reclaim.Silo;

namespace Reclaim.Client.Explain;

/// <summary>A rule that two kernels choose differently.</summary>
/// <param name="Name">Its name, as under <c>kernel.rules</c>.</param>
/// <param name="Meaning">What it decides.</param>
/// <param name="Before">The first kernel's choice.</param>
/// <param name="After">The other's.</param>
internal sealed record RuleDifference(string Name, string Meaning, string Before, string After)
{
    /// <summary>The rules that differ; none where one of the two is not the multi-gen LRU: then everything does.</summary>
    public static IReadOnlyList<RuleDifference> Of(KernelResult before, KernelResult after) =>
        before.Policy != MultiGen || after.Policy != MultiGen || !Knows(before) || !Knows(after) ? []
        : [.. KernelCatalog.RulesOf(before.Variant, before.Rules).Zip(KernelCatalog.RulesOf(after.Variant, after.Rules))
            .Where(pair => pair.First.Value != pair.Second.Value)
            .Select(pair => new RuleDifference(pair.First.Name, pair.First.Meaning, pair.First.Value, pair.Second.Value))];

    private const string MultiGen = "mglru";

    /// <summary>Whether this version has the variant: the results may be another's.</summary>
    private static bool Knows(KernelResult kernel) => KernelCatalog.Variants.Contains(kernel.Variant);
}
