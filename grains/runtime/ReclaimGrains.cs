using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Reclaim.Grains.Checkpoints;
using Reclaim.Grains.Placement;
using Reclaim.Grains.Runs;

namespace Reclaim.Grains;

/// <summary>What the grains of a run share on a silo.</summary>
public static class ReclaimGrains
{
    /// <summary>Adds it to a silo's services.</summary>
    /// <remarks>Runs outlive their silos if an <see cref="Storage.IRunStore"/> is among the services.</remarks>
    public static IServiceCollection AddReclaimGrains(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton<LocalMemcgs>().AddSingleton<LocalHosts>().AddSingleton<CheckpointStore>().AddSingleton<HostPlaces>()
            .AddSingleton<RunArchive>().AddSingleton<HostSpread>();
    }
}
