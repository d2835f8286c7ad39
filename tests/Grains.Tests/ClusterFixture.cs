using Reclaim.Grains.Tests;
using Reclaim.Silo.Embedded;

[assembly: AssemblyFixture(typeof(ClusterFixture))]

namespace Reclaim.Grains.Tests;

/// <summary>Two silos with memcgs spread over both, so that step calls cross between them; steps are short, so that there are many.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private EmbeddedCluster? cluster;

    internal EmbeddedCluster Cluster => cluster!;

    internal IGrainFactory Grains => Cluster.Grains;

    public async ValueTask InitializeAsync() =>
        cluster = await EmbeddedCluster.StartAsync(2, new RunOptions { SpreadHosts = true, AccessesPerStep = 5_000 }, CancellationToken.None);

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
