using System.Diagnostics;
using Reclaim.Contracts.Steps;
using Reclaim.Silo;
using Reclaim.Silo.Remote;

namespace Reclaim.Cluster.Tests;

/// <summary>A run of a cluster of processes, started by one and looked at from another.</summary>
internal sealed class ClusterRun : IAsyncDisposable
{
    private const string Name = "trial";

    /// <summary>So many accesses of each container are some steps.</summary>
    private const long Begun = 300_000;

    private readonly RemoteCluster cluster;
    private readonly IRun run;

    private ClusterRun(Process client, RemoteCluster cluster, IRun run) => (Client, this.cluster, this.run) = (client, cluster, run);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The process that started it.</summary>
    public Process Client { get; }

    /// <summary>Starts it, and waits until each of its containers has got somewhere.</summary>
    /// <param name="reclaim">The program.</param>
    /// <param name="scenario">What runs.</param>
    /// <param name="options">Options besides.</param>
    public static async Task<ClusterRun> StartAsync(ReclaimProgram reclaim, string scenario, params IEnumerable<string> options)
    {
        var client = reclaim.Start(["run", scenario, "--cluster", "local", "--name", Name, "--json", "--quiet", .. options]);

        // By the first silo, which no test takes away.
        Assert.Null(ClusterAddress.TryParse((await reclaim.MembersAsync())[0].Gateway!, out var address));
        var cluster = await RemoteCluster.ConnectAsync(address!, cancellation: Cancellation);
        IRun? run;
        while ((run = await cluster.FindAsync(Name)) is null)
        {
            Cancellation.ThrowIfCancellationRequested();
        }

        var started = new ClusterRun(client, cluster, run);
        while ((await started.StandingAsync()).Any(accesses => accesses < Begun))
        {
            Cancellation.ThrowIfCancellationRequested();
        }

        return started;
    }

    public Task<RunProgress> ProgressAsync() => run.ProgressAsync();

    /// <summary>Accesses that each container has made, host by host.</summary>
    public async Task<IReadOnlyList<long>> StandingAsync()
    {
        for (; ; )
        {
            var progress = await run.ProgressAsync();

            // A run whose own grain has moved knows nothing of a host before it has found it.
            if (progress.Cgroups.All(cgroup => cgroup.Accesses > 0) || progress.Phase is RunPhase.Done)
            {
                return [.. progress.Cgroups.Select(cgroup => cgroup.Accesses)];
            }

            Cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>How many hosts each silo has, the fewest first; those that have none are left out.</summary>
    public async Task<IReadOnlyList<int>> HostsOfSilosAsync()
    {
        var grains = await cluster.Grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics();
        return [.. grains.Where(grain => grain.GrainType.Contains("Coordinator", StringComparison.Ordinal)).GroupBy(grain => grain.SiloAddress).Select(silo => silo.Count()).Order()];
    }

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        if (!Client.HasExited)
        {
            Signals.Kill(Client.Id);
        }

        Client.Dispose();
    }
}
