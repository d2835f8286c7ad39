using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Reclaim.Grains;
using Reclaim.Grains.Placement;
using Reclaim.Grains.Storage;

namespace Reclaim.Silo;

/// <summary>What every silo of the program has, embedded in a client or a process of its own.</summary>
internal static class ReclaimSilo
{
    /// <summary>What Orleans calls the service.</summary>
    public const string Service = "reclaim";

    /// <summary>What a cluster is called that nobody gave a name.</summary>
    public const string DefaultCluster = "reclaim";

    /// <summary>Adds the grains, how they are placed, and how runs are carried out.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="cluster">The cluster that it belongs to.</param>
    /// <param name="options">How runs are carried out.</param>
    /// <param name="store">What outlives silos; null: nothing.</param>
    public static ISiloBuilder AddReclaim(this ISiloBuilder silo, string cluster, RunOptions options, IRunStore? store)
    {
        silo.Services.AddSingleton(Options.Create(options));
        if (store is not null)
        {
            silo.Services.AddSingleton(store);
        }

#pragma warning disable ORLEANSEXP003 // The other directory gives up grains on silos that live when the silo that knew where they were dies.
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        silo.AddPlacementDirector<HostPlacement, HostPlacementDirector>();
        silo.Services.AddReclaimGrains();
        silo.Services.AddSingleton<RunKeeper>().AddHostedService(services => services.GetRequiredService<RunKeeper>());
        return silo.Configure<ClusterOptions>(names => (names.ClusterId, names.ServiceId) = (cluster, Service));
    }
}
