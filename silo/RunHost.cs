using System.Collections.Immutable;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Grains;
using Reclaim.Silo.Embedded;
using Reclaim.Silo.Sequential;

namespace Reclaim.Silo;

/// <summary>A place where runs happen: silos embedded in this process, those of a cluster, or the sequential reference.</summary>
public interface IRunHost : IAsyncDisposable
{
    /// <summary>Where other processes reach its runs; null if they cannot.</summary>
    string? Address => null;

    /// <summary>Prepares a run; nothing of it starts yet.</summary>
    Task<IRun> CreateAsync(RunSpec spec, CancellationToken cancellation = default);
}

/// <summary>A prepared or running run. Disposing of it stops it and gives up its memory, but for a run of a cluster, which goes on.</summary>
public interface IRun : IAsyncDisposable
{
    /// <summary>What it is called where other processes can ask for it; null: they cannot.</summary>
    string? Name => null;

    /// <summary>Errors and warnings; with an error the run does not exist and every other call throws.</summary>
    ImmutableArray<SpecProblem> Problems { get; }

    /// <summary>Whether traces are sent while it runs; if not, all of them must be there before it starts.</summary>
    bool Streams { get; }

    /// <summary>Sends a batch of a trace to the memcg that replays it.</summary>
    /// <exception cref="FeedRefusedException">Somebody else sends this trace.</exception>
    Task<FeedReply> FeedAsync(int host, int cgroup, TraceBatch batch);

    /// <summary>How far a trace has come.</summary>
    /// <param name="host">Number of the host.</param>
    /// <param name="cgroup">Number of the cgroup.</param>
    /// <param name="workload">Which trace.</param>
    /// <param name="feeder">Who sends it; null: somebody who only asks.</param>
    /// <exception cref="FeedRefusedException">Somebody else sends this trace.</exception>
    Task<FeedReply> FedAsync(int host, int cgroup, int workload, string? feeder = null);

    /// <summary>Starts, or goes on after a pause.</summary>
    Task StartAsync();

    Task<RunProgress> ProgressAsync();

    /// <summary>How it stands between two steps. Looking changes nothing.</summary>
    /// <exception cref="ArgumentException">There is no such host.</exception>
    Task<RunView> ViewAsync(ViewRequest request) => throw new NotSupportedException("this run cannot be looked at");

    /// <summary>Writes or reads a control file of one of its cgroups, and waits until it has taken place; not for that of a run that does not go on.</summary>
    /// <exception cref="ArgumentException">There is no such host or cgroup, the file does not take the text, or the run is over.</exception>
    Task<ControlReply> ControlAsync(ControlRequest request) => throw new ArgumentException("the sequential reference takes no requests: run it on silos");

    /// <summary>Pauses after the step in flight.</summary>
    Task PauseAsync();

    /// <summary>Goes on for so much virtual time, about, and pauses then; returns at once.</summary>
    Task AdvanceAsync(long forNs) => throw new ArgumentException("the sequential reference goes to its end: run it on silos");

    /// <summary>Goes no faster from now on; null: as fast as it can. It changes no result.</summary>
    /// <param name="speed">Most virtual seconds in a second.</param>
    Task PaceAsync(double? speed) => throw new ArgumentException("the sequential reference knows no speed: run it on silos");

    /// <summary>Stops after the step in flight.</summary>
    Task StopAsync();

    /// <summary>Writes a checkpoint of each host, after its step in flight.</summary>
    /// <exception cref="InvalidOperationException">The run is over, or nothing of it outlives this process.</exception>
    Task CheckpointAsync() => throw new InvalidOperationException("nothing of this run outlives this process");

    /// <summary>Takes it up from its last checkpoints, if it does not run.</summary>
    /// <exception cref="InvalidOperationException">It is over.</exception>
    async Task<RunProgress> ResumeAsync()
    {
        await StartAsync();
        return await ProgressAsync();
    }

    /// <summary>Waits until the run is done, stopped or failed.</summary>
    Task WaitAsync(CancellationToken cancellation = default);

    /// <summary>Results up to the last committed step, digest included, <c>wallSeconds</c> 0.</summary>
    Task<RunResults> ResultsAsync();
}

/// <summary>The places where runs happen.</summary>
public static class RunHosts
{
    /// <summary>What is wrong with a run, or honoured in part, wherever it happens; nothing of it is prepared.</summary>
    public static ImmutableArray<SpecProblem> Problems(RunSpec spec) => SpecCheck.Problems(spec);

    /// <summary>Starts so many silos in this process; no port is open beyond loopback.</summary>
    public static Task<IRunHost> EmbeddedAsync(int silos, CancellationToken cancellation = default) =>
        EmbeddedAsync(silos, new RunOptions(), cancellation);

    /// <summary>Starts so many silos in this process that other processes of this machine can reach.</summary>
    /// <param name="silos">How many.</param>
    /// <param name="port">Port on the loopback address; 0: any that is free.</param>
    /// <param name="cancellation">Gives up starting.</param>
    public static Task<IRunHost> ListeningAsync(int silos, int port, CancellationToken cancellation = default) =>
        EmbeddedAsync(silos, new RunOptions { ListenPort = port }, cancellation);

    /// <summary>The sequential reference: the step protocol in one thread, without Orleans.</summary>
    public static IRunHost Sequential() => Sequential(new RunOptions());

    internal static async Task<IRunHost> EmbeddedAsync(int silos, RunOptions options, CancellationToken cancellation = default) =>
        new EmbeddedRunHost(await EmbeddedCluster.StartAsync(silos, options, cancellation));

    internal static IRunHost Sequential(RunOptions options) => new SequentialRunHost(options);
}
