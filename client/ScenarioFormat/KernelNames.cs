using System.Collections.Immutable;
using Reclaim.Silo;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>The names that a scenario may use, as the model knows them.</summary>
internal sealed record KernelNames(
    ImmutableArray<string> Policies,
    ImmutableArray<string> Variants,
    ImmutableSortedDictionary<string, ImmutableArray<string>> Rules,
    ImmutableArray<string> DeviceTypes,
    ImmutableArray<string> Costs)
{
    /// <summary>Compressors of zram and zswap.</summary>
    public ImmutableArray<string> Compressors { get; init; } = KernelCatalog.Compressors;

    /// <summary>Largest vm.page_cluster.</summary>
    public int MaxPageCluster { get; init; } = KernelCatalog.MaxPageCluster;

    public static KernelNames FromCatalog() =>
        new(KernelCatalog.Policies, KernelCatalog.Variants, KernelCatalog.Rules, KernelCatalog.DeviceTypes, KernelCatalog.Costs);
}
