using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Reclaim.Grains.Storage;
using Reclaim.Silo.Live;
using Reclaim.Silo.Security;
using Reclaim.Silo.Telemetry;

namespace Reclaim.Silo.Hosting;

/// <summary>A silo with its HTTP endpoints, built from its settings.</summary>
internal static class SiloApplication
{
    /// <summary>A step of many memcgs on a loaded machine may take long.</summary>
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromMinutes(2);

    public static WebApplication Build(SiloSettings settings, IConfiguration configuration, IRunStore? store, TlsIdentity? tls)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        Log(builder.Logging, configuration);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.Drain);
        builder.Services.AddSingleton<IHostLifetime, SignalLifetime>();
        builder.Host.UseOrleans(silo => Configure(silo, settings, store, tls));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(http =>
        {
            http.AddServerHeader = false;
            http.Listen(settings.Listen.Address, settings.Listen.HttpPort);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<Health>();
        if (settings.Telemetry.Prometheus)
        {
            builder.Services.AddPrometheusFigures();
        }

        if (settings.Telemetry.Exports)
        {
            builder.Configuration.AddInMemoryCollection(TelemetryExport.Variables(settings.Telemetry, configuration));
            builder.Services.AddTelemetryExport(settings);
        }

        if (settings.Telemetry.Prometheus || settings.Telemetry.Exports)
        {
            builder.Services.AddSingleton(settings.Telemetry).AddHostedService<RunFigures>();
        }

        var app = builder.Build();
        app.UseRouting();
        app.Services.GetRequiredService<Health>().Map(app);
        if (settings.LiveToken is { } token)
        {
            new LiveEndpoints(new ClusterLiveRuns(app.Services.GetRequiredService<IGrainFactory>()), new LiveAccess(token), TimeProvider.System).Map(app);
        }

        if (settings.Telemetry.Prometheus)
        {
            app.MapPrometheusFigures();
        }

        return app;
    }

    /// <summary>One line a message, on standard output.</summary>
    public static void Log(ILoggingBuilder logging, IConfiguration configuration)
    {
        logging.AddConfiguration(configuration.GetSection("Logging"));
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd HH:mm:ss.fff ";
            console.UseUtcTimestamp = true;
        });
    }

    private static void Configure(ISiloBuilder silo, SiloSettings settings, IRunStore? store, TlsIdentity? tls)
    {
        var listen = settings.Listen;
        var options = settings.Checkpoint.ToOptions();
        options.StepsPerSpan = settings.Telemetry.StepsPerSpan;
        silo.AddReclaim(settings.ClusterId, options, store);
        if (settings.Telemetry.Exports)
        {
            silo.AddActivityPropagation();
        }

        silo.Configure<SiloOptions>(names => names.SiloName = settings.Name);
        silo.Configure<EndpointOptions>(endpoint =>
        {
            endpoint.AdvertisedIPAddress = listen.Advertise;
            endpoint.SiloPort = listen.SiloPort;
            endpoint.GatewayPort = listen.GatewayPort;
            endpoint.SiloListeningEndpoint = new(listen.Address, listen.SiloPort);
            endpoint.GatewayListeningEndpoint = new(listen.Address, listen.GatewayPort);
        });
        silo.Configure<SiloMessagingOptions>(messaging =>
        {
            messaging.ResponseTimeout = ResponseTimeout;
            messaging.SystemResponseTimeout = ResponseTimeout;
            MessageLimits.Set(messaging);
        });
        if (settings.Secret is { } secret)
        {
            silo.AddIncomingGrainCallFilter(new SecretCheck(secret));
            silo.AddOutgoingGrainCallFilter(new SecretStamp(secret));
        }

        tls?.Configure(silo);
        silo.UseMembership(settings);
    }
}
