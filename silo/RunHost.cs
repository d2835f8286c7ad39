using System.Collections.Immutable;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;

namespace Reclaim.Silo;

/// <summary>A place where runs happen: silos embedded in this process, or the sequential reference.</summary>
public interface IRunHost : IAsyncDisposable
{
    /// <summary>Prepares a run; nothing of it starts yet.</summary>
    Task<IRun> CreateAsync(RunSpec spec, CancellationToken cancellation = default);
}

/// <summary>A prepared or running run.</summary>
public interface IRun
{
    /// <summary>Errors and warnings; with an error the run does not exist and every other call throws.</summary>
    ImmutableArray<SpecProblem> Problems { get; }

    /// <summary>Sends a batch of a trace to the memcg that replays it.</summary>
    Task FeedAsync(int host, int cgroup, TraceBatch batch);

    Task StartAsync();

    Task<RunProgress> ProgressAsync();

    /// <summary>Stops after the step in flight.</summary>
    Task StopAsync();

    /// <summary>Waits until the run is done, stopped or failed.</summary>
    Task WaitAsync(CancellationToken cancellation = default);

    /// <summary>Results up to the last committed step, digest included, <c>wallSeconds</c> 0.</summary>
    Task<RunResults> ResultsAsync();
}

/// <summary>The places where runs happen.</summary>
public static class RunHosts
{
    /// <summary>Starts so many silos in this process; no port is open beyond loopback.</summary>
    public static Task<IRunHost> EmbeddedAsync(int silos, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>The sequential reference: the step protocol in one thread, without Orleans.</summary>
    public static IRunHost Sequential() => throw new NotImplementedException();
}
