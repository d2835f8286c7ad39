using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Reclaim.Grains;
using Reclaim.Grains.Placement;

namespace Reclaim.Silo;

/// <summary>What every silo of the program has, embedded in a client or a process of its own.</summary>
internal static class ReclaimSilo
{
    /// <summary>What Orleans calls the service.</summary>
    public const string Service = "reclaim";

    /// <summary>What a cluster is called that nobody gave a name.</summary>
    public const string DefaultCluster = "reclaim";

    /// <summary>Adds the grains, how they are placed, and how runs are carried out.</summary>
    public static ISiloBuilder AddReclaim(this ISiloBuilder silo, string cluster, RunOptions options)
    {
        silo.Services.Configure<RunOptions>(run =>
        {
            run.AccessesPerStep = options.AccessesPerStep;
            run.SpreadHosts = options.SpreadHosts;
        });
        silo.AddPlacementDirector<HostPlacement, HostPlacementDirector>();
        silo.Services.AddReclaimGrains();
        return silo.Configure<ClusterOptions>(names => (names.ClusterId, names.ServiceId) = (cluster, Service));
    }
}
