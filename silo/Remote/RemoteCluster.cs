using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Messaging;
using Polly.Timeout;
using Reclaim.Contracts;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Silo.Embedded;
using Reclaim.Silo.Membership;
using Reclaim.Silo.Security;

namespace Reclaim.Silo.Remote;

/// <summary>A cluster of other processes, and the runs there. Any of its gateways will do; when one is lost, another is asked.</summary>
public sealed class RemoteCluster : IRunHost
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Who has not got there by then may be trying in vain.</summary>
    private static readonly TimeSpan UsualConnectTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan GatewayRefresh = TimeSpan.FromSeconds(1);

    /// <summary>Longer than any attempt of <see cref="CallPatience"/>.</summary>
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(60);

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

    /// <summary>Connects to a cluster.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="credentials">What is shown to it; null: nothing.</param>
    /// <param name="runName">What the run that is created here is called; null: as its scenario, and the time.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ClusterException">Nobody answers there.</exception>
    public static async Task<RemoteCluster> ConnectAsync(
        ClusterAddress address, ClientCredentials? credentials = null, string? runName = null, CancellationToken cancellation = default)
    {
        var (secret, tls) = (credentials?.Secret, credentials?.Tls);
        var id = address.ClusterId ?? ClusterOf(address.Folder!);
        var gateways = address.Folder is { } home ? FolderGateways.Of(home) : address.Gateways;
        await GatewayCheck.RequireAsync(address, gateways, tls, cancellation);

        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        builder.UseOrleansClient(client =>
        {
            if (address.Folder is { } folder)
            {
                client.Services.AddSingleton<IGatewayListProvider>(new FolderGateways(folder));
            }
            else
            {
                client.UseStaticClustering([.. address.Gateways]);
            }

            client.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (id, ReclaimSilo.Service));
            client.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = GatewayRefresh);
            client.Configure<ClientMessagingOptions>(messaging =>
            {
                messaging.ResponseTimeout = ResponseTimeout;
                MessageLimits.Set(messaging);
            });
            tls?.Configure(client);
            if (secret is not null)
            {
                client.AddOutgoingGrainCallFilter(new SecretStamp(secret));
            }
        });
        var host = builder.Build();
        try
        {
            var starting = host.StartAsync(cancellation);
            if (tls is null && await Task.WhenAny(starting, Task.Delay(UsualConnectTime, cancellation)) != starting)
            {
                await GatewayCheck.RefuseTlsAsync(address, gateways, cancellation);
            }

            await starting.WaitAsync(ConnectTimeout, cancellation);
            return new RemoteCluster(host, runName);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            host.Dispose();
            throw e as ClusterException ?? GatewayCheck.NobodyAt(address, e);
        }
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

    private static string ClusterOf(string folder)
    {
        try
        {
            return LocalMembers.Read(folder).Any(member => member.State == LocalMembers.Active)
                ? LocalMembers.ClusterOf(folder)!
                : throw new ClusterException($"no silo is up in {folder}; to have some: reclaim silo up --silos 3");
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ClusterException(e.Message, e);
        }
    }
}
