using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Reclaim.Contracts;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Silo.Embedded;

namespace Reclaim.Silo.Remote;

/// <summary>Runs of another process of this machine.</summary>
public sealed class RemoteRuns : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private readonly IHost host;

    private RemoteRuns(IHost host) => this.host = host;

    /// <summary>Connects to a process that listens.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">Nobody answers there.</exception>
    public static async Task<RemoteRuns> ConnectAsync(IPEndPoint address, CancellationToken cancellation = default)
    {
        await RequireListenerAsync(address, cancellation);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering(address);
            client.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (ReclaimSilo.DefaultCluster, ReclaimSilo.Service));
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync(cancellation).WaitAsync(ConnectTimeout, cancellation);
            return new RemoteRuns(host);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            host.Dispose();
            throw NobodyAt(address, e);
        }
    }

    /// <summary>Orleans tries for long where nobody listens at all.</summary>
    private static async Task RequireListenerAsync(IPEndPoint address, CancellationToken cancellation)
    {
        using var probe = new TcpClient();
        try
        {
            await probe.ConnectAsync(address, cancellation);
        }
        catch (SocketException e)
        {
            throw NobodyAt(address, e);
        }
    }

    private static IOException NobodyAt(IPEndPoint address, Exception why) => new($"no run answers at {address}", why);

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
            return await host.Services.GetRequiredService<IGrainFactory>().GetGrain<IRunGrain>(run).Control(request);
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
}
