using System.Collections.Immutable;
using Polly;
using Polly.Timeout;
using Reclaim.Contracts;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Grains;
using Reclaim.Silo.Remote;

namespace Reclaim.Silo;

/// <summary>A run in silos: its run grain, seen from outside.</summary>
internal sealed class GrainRun : IRun
{
    /// <summary>How long one call waits for the end of the run: well below the limit of a short call.</summary>
    public static readonly TimeSpan WaitAtOnce = TimeSpan.FromSeconds(2);

    private readonly IGrainFactory grains;
    private readonly string name;
    private readonly RunSpec? spec;
    private readonly IRunGrain grain;
    private ResiliencePipeline shortCalls = ResiliencePipeline.Empty;
    private ResiliencePipeline longCalls = ResiliencePipeline.Empty;
    private Func<Task>? release;

    private GrainRun(IGrainFactory grains, string name, RunSpec? spec, ImmutableArray<SpecProblem> problems)
    {
        (this.grains, this.name, this.spec, Problems) = (grains, name, spec, problems);
        grain = grains.GetGrain<IRunGrain>(name);
    }

    /// <summary>A run of this process's own silos: when nobody wants it any longer, it is given up.</summary>
    public static GrainRun Embedded(IGrainFactory grains, string name, RunSpec spec, ImmutableArray<SpecProblem> problems, Func<bool> isStopped)
    {
        var run = new GrainRun(grains, name, spec, problems);
        run.release = () => isStopped() ? Task.CompletedTask : run.grain.Release();
        return run;
    }

    /// <summary>A run of a cluster: it does not end with us, and calls of it survive the loss of silos.</summary>
    /// <param name="grains">The cluster.</param>
    /// <param name="name">Name of the run.</param>
    /// <param name="spec">What runs; null: it was started by somebody else, and gets no traces from here.</param>
    /// <param name="problems">Its problems.</param>
    public static GrainRun Remote(IGrainFactory grains, string name, RunSpec? spec, ImmutableArray<SpecProblem> problems) =>
        new(grains, name, spec, problems) { shortCalls = CallPatience.Short, longCalls = CallPatience.Long, Name = name };

    public string? Name { get; private init; }

    public ImmutableArray<SpecProblem> Problems { get; }

    public bool Streams => true;

    private IRunGrain Run => RunProblems.IsSound(Problems) ? grain : throw RunProblems.DoesNotExist(Problems);

    public Task<FeedReply> FeedAsync(int host, int cgroup, TraceBatch batch) => OftenAsync(() => OnceAsync(() => Memcg(host, cgroup).Feed(batch)));

    public Task<FeedReply> FedAsync(int host, int cgroup, int workload, string? feeder = null) => OftenAsync(() => OnceAsync(() => Memcg(host, cgroup).Fed(workload, feeder)));

    public Task StartAsync() => AskAsync(longCalls, run => run.Start());

    public Task<RunProgress> ProgressAsync() => OftenAsync(() => AskAsync(shortCalls, run => run.Progress()));

    public Task<RunView> ViewAsync(ViewRequest request) => OftenAsync(() => AskAsync(longCalls, run => run.View(request)));

    public Task<ControlReply> ControlAsync(ControlRequest request) => AskAsync(longCalls, run => run.Control(request));

    public Task PauseAsync() => AskAsync(longCalls, run => run.Pause());

    public Task AdvanceAsync(long forNs) => AskAsync(longCalls, run => run.Advance(forNs));

    public Task PaceAsync(double? speed) => AskAsync(longCalls, run => run.Pace(speed));

    public Task CheckpointAsync() => AskAsync(longCalls, run => run.Checkpoint());

    public Task<RunProgress> ResumeAsync() => AskAsync(longCalls, run => run.Resume());

    public Task StopAsync() => AskAsync(longCalls, run => run.Stop());

    public async Task WaitAsync(CancellationToken cancellation = default)
    {
        RunSpans.Untraced();
        while ((await AskAsync(shortCalls, run => run.Wait(WaitAtOnce)).WaitAsync(cancellation)).Phase is RunPhase.Created or RunPhase.Running or RunPhase.Paused)
        {
            cancellation.ThrowIfCancellationRequested();
        }
    }

    public Task<RunResults> ResultsAsync() => AskAsync(longCalls, run => run.Results());

    public async ValueTask DisposeAsync()
    {
        if (release is not null)
        {
            await release();
        }
    }

    /// <summary>Calls that are made as long as the run goes on are not among the spans of whoever makes them.</summary>
    private static async Task<T> OftenAsync<T>(Func<Task<T>> call)
    {
        RunSpans.Untraced();
        return await call();
    }

    private IMemcgGrain Memcg(int host, int cgroup)
    {
        _ = Run;
        var path = (spec ?? throw new InvalidOperationException($"run {name} gets its traces from whoever started it")).Hosts[host].Cgroups[cgroup].Path;
        return grains.GetGrain<IMemcgGrain>(GrainKeys.Memcg(name, host, path));
    }

    /// <summary>Whoever sends a trace looks after repetitions itself; it only must not wait for an answer that never comes.</summary>
    private async Task<FeedReply> OnceAsync(Func<Task<FeedReply>> call) =>
        shortCalls == ResiliencePipeline.Empty ? await call() : await call().WaitAsync(TimeSpan.FromSeconds(5));

    private Task<bool> AskAsync(ResiliencePipeline calls, Func<IRunGrain, Task> call) => AskAsync(calls, async run =>
    {
        await call(run);
        return true;
    });

    private async Task<T> AskAsync<T>(ResiliencePipeline calls, Func<IRunGrain, Task<T>> call)
    {
        var run = Run;
        try
        {
            return await calls.ExecuteAsync(async cancellation => await call(run).WaitAsync(cancellation));
        }
        catch (StepRefusedException e) when (e.Reason == StepRefusal.NotCreated && Name is not null)
        {
            throw new ClusterException($"run {name} is gone: the cluster does not know it any longer", e);
        }
        catch (Exception e) when (Name is not null && (e is TimeoutRejectedException || RunLoss.IsPassing(e)))
        {
            throw new ClusterException($"run {name}: the cluster does not answer: {e.Message}", e);
        }
    }
}
