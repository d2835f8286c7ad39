using Reclaim.Contracts;
using Reclaim.Contracts.Spec;

namespace Reclaim.Silo.Embedded;

/// <summary>Runs in silos of this process.</summary>
internal sealed class EmbeddedRunHost(EmbeddedCluster cluster) : IRunHost
{
    public string? Address => cluster.Gateway?.ToString();

    public async Task<IRun> CreateAsync(RunSpec spec, CancellationToken cancellation = default)
    {
        var name = cluster.NameRun();
        var grain = cluster.Grains.GetGrain<IRunGrain>(name);
        var problems = await grain.Create(spec).WaitAsync(cancellation);
        return GrainRun.Embedded(cluster.Grains, name, spec, problems, () => cluster.IsStopped);
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();
}
