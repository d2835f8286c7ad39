using Reclaim.Client.ScenarioFormat;
using Reclaim.Silo;
using Reclaim.Silo.Remote;
using Reclaim.Silo.Security;

namespace Reclaim.Client;

/// <summary>What runs scenarios: how to open a place for runs, and the names it knows.</summary>
/// <param name="Open">Opens a place with so many embedded silos (0 is the sequential reference), reached by other processes at a port of this machine, or not.</param>
/// <param name="Names">Gives the names, asked for once a command needs them.</param>
internal sealed record Engine(Func<int, int?, CancellationToken, Task<IRunHost>> Open, Func<KernelNames> Names)
{
    /// <summary>Connects to a cluster, where the run that is started is called so, or as its scenario if that is null.</summary>
    public Func<ClusterAddress, string?, CancellationToken, Task<RemoteCluster>> Connect { get; init; } = static (address, name, cancellation) =>
        RemoteCluster.ConnectAsync(address, ClientCredentials.FromEnvironment(), name, cancellation);

    public static Engine Real { get; } = new(
        (silos, port, cancellation) => silos == 0 ? Task.FromResult(RunHosts.Sequential())
            : port is { } listen ? RunHosts.ListeningAsync(silos, listen, cancellation)
            : RunHosts.EmbeddedAsync(silos, cancellation),
        KernelNames.FromCatalog);
}
