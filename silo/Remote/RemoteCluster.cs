using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Polly.Timeout;
using Reclaim.Contracts;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Silo.Security;

namespace Reclaim.Silo.Remote;

/// <summary>A cluster of other processes, and the runs there. Any of its gateways will do; when one is lost, another is asked.</summary>
public sealed class RemoteCluster : IRunHost
{
    private readonly IHost host;
    private readonly IClusterClient grains;
    private string? nextName;

    private RemoteCluster(IHost host, string? runName)
    {
        this.host = host;
        nextName = runName;
        grains = host.Services.GetRequiredService<IClusterClient>();
    }

    /// <summary>Its grains.</summary>
    internal IGrainFactory Grains => grains;

    /// <summary>Connects to a cluster. One that loses the silo it was asked at is asked again at another.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="credentials">What is shown to it; null: nothing.</param>
    /// <param name="runName">What the run that is created here is called; null: as its scenario, and the time.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ClusterException">Nobody answers there.</exception>
    public static async Task<RemoteCluster> ConnectAsync(
        ClusterAddress address, ClientCredentials? credentials = null, string? runName = null, CancellationToken cancellation = default)
    {
        var attempt = new ConnectionAttempt(address, credentials);
        return new RemoteCluster(await CallPatience.Connecting().ExecuteAsync(async token => await attempt.ConnectAsync(token), cancellation), runName);
    }

    /// <inheritdoc/>
    /// <remarks>A run of the name that was asked for is taken up if it is the same: whoever started it may have died, with half of a trace to send.</remarks>
    /// <exception cref="ArgumentException">There is another run of the name that was asked for.</exception>
    public async Task<IRun> CreateAsync(RunSpec spec, CancellationToken cancellation = default)
    {
        var name = Interlocked.Exchange(ref nextName, null) ?? RunNames.For(spec.Scenario);
        try
        {
            var problems = await AskAsync(CallPatience.Long, () => grains.GetGrain<IRunGrain>(name).Create(spec)).WaitAsync(cancellation);
            return GrainRun.Remote(grains, name, spec, problems);
        }
        catch (InvalidOperationException e)
        {
            throw new ArgumentException(e.Message, nameof(spec), e);
        }
    }

    /// <summary>A run that somebody has started; null: there is none of that name.</summary>
    public async Task<IRun?> FindAsync(string name) => await KnowsAsync(name) ? GrainRun.Remote(grains, name, spec: null, []) : null;

    /// <summary>The runs of the cluster that its store knows, in the order of their names.</summary>
    public async Task<ImmutableArray<RunEntry>> ListAsync() => await AskAsync(CallPatience.Long, () => grains.GetGrain<IRunsGrain>(GrainKeys.Runs).List());

    /// <summary>Writes or reads a control file of a cgroup of a run, and waits until it has taken place.</summary>
    /// <param name="run">Name of the run.</param>
    /// <param name="hostNumber">Number of the host.</param>
    /// <param name="cgroup">Path of the cgroup.</param>
    /// <param name="file">Which file.</param>
    /// <param name="value">The text written; null: the file is read.</param>
    /// <exception cref="ArgumentException">There is no such run, host or cgroup, or the file does not take the text.</exception>
    public async Task<ControlReply> ControlAsync(string run, int hostNumber, string cgroup, EventFile file, string? value)
    {
        var request = new ControlRequest(Guid.NewGuid().ToString("N"), hostNumber, cgroup, file, value);
        try
        {
            return await CallPatience.Begun.ExecuteAsync(async _ => await AskAsync(CallPatience.Long, () => grains.GetGrain<IRunGrain>(run).Control(request)));
        }
        catch (StepRefusedException e)
        {
            throw new ArgumentException(e.Message, nameof(run), e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }

    private async Task<bool> KnowsAsync(string name)
    {
        try
        {
            await AskAsync(CallPatience.Short, () => grains.GetGrain<IRunGrain>(name).Progress());
            return true;
        }
        catch (StepRefusedException e) when (e.Reason == StepRefusal.NotCreated)
        {
            return false;
        }
    }

    private static async Task<T> AskAsync<T>(Polly.ResiliencePipeline calls, Func<Task<T>> call)
    {
        try
        {
            return await calls.ExecuteAsync(async cancellation => await call().WaitAsync(cancellation));
        }
        catch (Exception e) when (e is TimeoutRejectedException || (e is not StepRefusedException && RunLoss.IsPassing(e)))
        {
            throw new ClusterException($"the cluster does not answer: {e.Message}", e);
        }
    }
}
