using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Reclaim.Grains;
using Reclaim.Grains.Storage;
using Reclaim.Silo.Hosting;

namespace Reclaim.Silo.Embedded;

/// <summary>Silos in this process that share a membership table in memory and talk over loopback.</summary>
internal sealed class EmbeddedCluster : IAsyncDisposable
{
    /// <summary>Silos of one process live and die together; probes between them must not fail on a machine that is merely busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>A step of many memcgs on a loaded machine may take long, and nothing is lost on the way within a process.</summary>
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromMinutes(10);

    /// <summary>Where ports cannot be reserved one may be taken by another process before it is bound here.</summary>
    private const int Attempts = 5;

    private readonly IReadOnlyList<IHost> silos;
    private readonly ReservedPorts ports;
    private int runs;

    private EmbeddedCluster(IReadOnlyList<IHost> silos, ReservedPorts ports, IPEndPoint? gateway)
    {
        (this.silos, this.ports) = (silos, ports);
        Gateway = gateway;
        Grains = silos[0].Services.GetRequiredService<IGrainFactory>();
    }

    /// <summary>Where grains are called from: the first silo.</summary>
    public IGrainFactory Grains { get; }

    /// <summary>Where other processes of this machine reach it; null if they cannot.</summary>
    public IPEndPoint? Gateway { get; }

    /// <summary>A name that no other run of this cluster has.</summary>
    public string NameRun() => string.Create(CultureInfo.InvariantCulture, $"run-{Interlocked.Increment(ref runs)}");

    /// <param name="count">How many.</param>
    /// <param name="options">How runs are carried out.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="store">What outlives silos; null: nothing, as they live and die together.</param>
    public static async Task<EmbeddedCluster> StartAsync(int count, RunOptions options, CancellationToken cancellation, IRunStore? store = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        for (var attempt = 1; ; attempt++)
        {
            var membership = new SharedMembershipTable();
            var ports = ReservedPorts.Take(IPAddress.Loopback, [.. Enumerable.Repeat(0, count), .. options.ListenPort is { } wanted ? [wanted] : Array.Empty<int>()]);
            var gateway = options.ListenPort is null ? null : new IPEndPoint(IPAddress.Loopback, ports.Numbers[count]);
            var silos = ports.Numbers.Take(count).Select((port, i) => Build(port, i == 0 ? gateway : null, membership, options, store)).ToArray();
            try
            {
                await Task.WhenAll(silos.Select(silo => silo.StartAsync(cancellation)));
                await Task.WhenAll(silos.Select(silo => KnowsAllAsync(silo, count, cancellation)));
                return new EmbeddedCluster(silos, ports, gateway);
            }
            catch (Exception e)
            {
                await AbandonAsync(silos);
                ports.Dispose();
                if (attempt == Attempts || !IsPortTaken(e))
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Stops one of the silos, but for the first, as a process that is told to end does: its hosts go elsewhere first.</summary>
    internal async Task StopAsync(SiloAddress address)
    {
        await LeaveAsync(address);
        await At(address).StopAsync();
    }

    /// <summary>What comes before: its hosts go elsewhere.</summary>
    internal Task LeaveAsync(SiloAddress address) => At(address).Services.GetRequiredService<RunKeeper>().LeaveAsync();

    private IHost At(SiloAddress address) => silos.Skip(1).Single(silo => silo.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.Equals(address));

    /// <summary>Whether the silos have been stopped, and every run with them.</summary>
    public bool IsStopped { get; private set; }

    public async ValueTask DisposeAsync()
    {
        if (IsStopped)
        {
            return;
        }

        IsStopped = true;
        foreach (var silo in silos.Reverse())
        {
            await silo.StopAsync();
            silo.Dispose();
        }

        ports.Dispose();
    }

    private static IHost Build(int port, IPEndPoint? gateway, SharedMembershipTable membership, RunOptions options, IRunStore? store)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        builder.UseOrleans(silo =>
        {
            silo.Services.AddSingleton<IMembershipTable>(membership);
            silo.AddReclaim(ReclaimSilo.DefaultCluster, options, store);
            silo.Configure<EndpointOptions>(endpoint =>
            {
                endpoint.AdvertisedIPAddress = IPAddress.Loopback;
                endpoint.SiloPort = port;
                endpoint.GatewayPort = gateway?.Port ?? 0;
            });
            silo.Configure<ClusterMembershipOptions>(table =>
            {
                table.ProbeTimeout = Patience;
                table.MaxProbeTimeout = Patience;
            });
            silo.Configure<SiloMessagingOptions>(messaging =>
            {
                messaging.ResponseTimeout = ResponseTimeout;
                messaging.SystemResponseTimeout = ResponseTimeout;
            });
        });
        return builder.Build();
    }

    /// <summary>Waits until a silo knows what grains each of the others can host: before, it would place all of them on itself.</summary>
    private static async Task KnowsAllAsync(IHost silo, int count, CancellationToken cancellation)
    {
        var manifests = silo.Services.GetRequiredService<IClusterManifestProvider>();
        await foreach (var manifest in manifests.Updates.WithCancellation(cancellation))
        {
            if (manifest.Silos.Count == count)
            {
                return;
            }
        }
    }

    /// <summary>Ends silos of which some did not start. What they say to that is of no interest: the reason is known.</summary>
    private static async Task AbandonAsync(IEnumerable<IHost> silos)
    {
        foreach (var silo in silos)
        {
            try
            {
                await silo.StopAsync();
            }
#pragma warning disable CA1031
            catch (Exception)
#pragma warning restore CA1031
            {
                // See above.
            }
            finally
            {
                silo.Dispose();
            }
        }
    }

    private static bool IsPortTaken(Exception? e) =>
        e is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
        || (e is AggregateException many && many.InnerExceptions.Any(IsPortTaken))
        || (e?.InnerException is { } inner && IsPortTaken(inner));
}
