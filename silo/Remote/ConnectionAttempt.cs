using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Messaging;
using Reclaim.Silo.Embedded;
using Reclaim.Silo.Membership;
using Reclaim.Silo.Security;

namespace Reclaim.Silo.Remote;

/// <summary>
/// Attempts to become a client of a cluster. The gateway that Orleans chooses may have been killed a moment ago, and then says nothing; so
/// once somebody was there, or is about to be, a failure may pass.
/// </summary>
internal sealed class ConnectionAttempt(ClusterAddress address, ClientCredentials? credentials)
{
    /// <summary>The first attempt's limit; each after it has as much more, up to <see cref="LongestAttempt"/>: the machine may be busy.</summary>
    private static readonly TimeSpan FirstAttempt = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestAttempt = TimeSpan.FromSeconds(30);

    /// <summary>Who has not got there by then may be trying in vain.</summary>
    private static readonly TimeSpan UsualConnectTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan GatewayRefresh = TimeSpan.FromSeconds(1);

    /// <summary>Longer than any attempt of <see cref="CallPatience"/>.</summary>
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(60);

    /// <summary>How soon somebody begins to replace silos that were killed all at once.</summary>
    private static readonly TimeSpan ReplacedWithin = TimeSpan.FromSeconds(15);

    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly TlsIdentity? tls = credentials?.Tls;
    private int attempts;

    /// <summary>Whether somebody was there.</summary>
    private bool met;

    /// <summary>Attempts once.</summary>
    /// <exception cref="ClusterException">In vain.</exception>
    public async Task<IHost> ConnectAsync(CancellationToken cancellation)
    {
        attempts++;
        string id;
        ImmutableArray<IPEndPoint> gateways;
        try
        {
            id = address.ClusterId ?? ClusterOf(address.Folder!);
            gateways = address.Folder is { } folder ? FolderGateways.Of(folder) : address.Gateways;
            await GatewayCheck.RequireAsync(address, gateways, tls, cancellation);
            met = true;
        }
        catch (ClusterException e) when (met)
        {
            throw new ClusterException(e.Message, e) { MayPass = true };
        }

        var host = Client(id);
        try
        {
            await StartAsync(host, gateways, cancellation);
            return host;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            host.Dispose();
            throw e as ClusterException ?? new ClusterException(GatewayCheck.NobodyAt(address, e).Message, e) { MayPass = true };
        }
    }

    private async Task StartAsync(IHost host, ImmutableArray<IPEndPoint> gateways, CancellationToken cancellation)
    {
        var starting = host.StartAsync(cancellation);
        if (tls is null && await Task.WhenAny(starting, Task.Delay(UsualConnectTime, cancellation)) != starting)
        {
            await GatewayCheck.RefuseTlsAsync(address, gateways, cancellation);
        }

        var limit = attempts * FirstAttempt;
        await starting.WaitAsync(limit < LongestAttempt ? limit : LongestAttempt, cancellation);
    }

    private IHost Client(string id)
    {
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
            if (Activity.Current is not null)
            {
                // Whoever connects has a span, and wants what silos do for it to belong to that.
                client.AddActivityPropagation();
            }

            if (credentials?.Secret is { } secret)
            {
                client.AddOutgoingGrainCallFilter(new SecretStamp(secret));
            }
        });
        return builder.Build();
    }

    private string ClusterOf(string folder)
    {
        try
        {
            var members = LocalMembers.Read(folder);
            return members.Any(member => member.State == LocalMembers.Active)
                ? LocalMembers.ClusterOf(folder)!
                : throw new ClusterException($"no silo is up in {folder}; to have some: reclaim silo up --silos 3") { MayPass = AreComing(folder, members) };
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ClusterException(e.Message, e);
        }
    }

    /// <summary>Whether silos start, or those that there were have been killed so that somebody may be about to start others.</summary>
    private bool AreComing(string folder, IReadOnlyList<LocalMember> members) =>
        members.Any(member => member.State == LocalMembers.Starting)
        || FileLock.IsHeld(LocalFolder.LockOf(folder))
        || (members.Any(member => member.State == LocalMembers.Dead) && clock.Elapsed < ReplacedWithin);
}
