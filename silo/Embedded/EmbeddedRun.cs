using System.Collections.Immutable;
using Reclaim.Contracts;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;

namespace Reclaim.Silo.Embedded;

/// <summary>A run in embedded silos: its run grain, seen from outside.</summary>
internal sealed class EmbeddedRun(EmbeddedCluster cluster, string name, RunSpec spec, ImmutableArray<SpecProblem> problems) : IRun
{
    /// <summary>How long one call waits for the end of the run: well below the response timeout.</summary>
    private static readonly TimeSpan WaitAtOnce = TimeSpan.FromSeconds(10);

    private readonly IRunGrain grain = cluster.Grains.GetGrain<IRunGrain>(name);

    public ImmutableArray<SpecProblem> Problems { get; } = problems;

    private IRunGrain Run => RunProblems.IsSound(Problems) ? grain : throw RunProblems.DoesNotExist(Problems);

    public bool Streams => true;

    public Task<FeedReply> FeedAsync(int host, int cgroup, TraceBatch batch) => Memcg(host, cgroup).Feed(batch);

    public Task<FeedReply> FedAsync(int host, int cgroup, int workload) => Memcg(host, cgroup).Fed(workload);

    public Task StartAsync() => Run.Start();

    public Task<RunProgress> ProgressAsync() => Run.Progress();

    public Task PauseAsync() => Run.Pause();

    public Task StopAsync() => Run.Stop();

    public async Task WaitAsync(CancellationToken cancellation = default)
    {
        while ((await Run.Wait(WaitAtOnce).WaitAsync(cancellation)).Phase is RunPhase.Created or RunPhase.Running or RunPhase.Paused)
        {
            cancellation.ThrowIfCancellationRequested();
        }
    }

    public Task<RunResults> ResultsAsync() => Run.Results();

    private IMemcgGrain Memcg(int host, int cgroup)
    {
        _ = Run;
        return cluster.Grains.GetGrain<IMemcgGrain>(GrainKeys.Memcg(name, host, spec.Hosts[host].Cgroups[cgroup].Path));
    }

    public async ValueTask DisposeAsync()
    {
        if (!cluster.IsStopped)
        {
            await grain.Release();
        }
    }
}
