using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Prometheus;
using Reclaim.Grains;

namespace Reclaim.Silo.Telemetry;

/// <summary><c>/metrics</c>: this silo's work, Orleans', the store's, and what is simulated here, as Prometheus reads it.</summary>
internal static class PrometheusEndpoint
{
    /// <summary>What is measured of the silo itself: its own meter, Orleans', and Polly's (retries and breaks of the store).</summary>
    public static IReadOnlyList<string> Meters { get; } = [RunMeter.Name, "Microsoft.Orleans", "Polly"];

    public static void AddPrometheusFigures(this IServiceCollection services)
    {
        var registry = Metrics.NewCustomRegistry();
        services.AddSingleton(registry);
        services.AddSingleton<IFigureBoard>(new PrometheusBoard(Metrics.WithCustomRegistry(registry)));
    }

    /// <summary>Opens it, and begins to measure.</summary>
    public static void MapPrometheusFigures(this WebApplication app)
    {
        var registry = app.Services.GetRequiredService<CollectorRegistry>();
        var measuring = new MeterBoard(registry, Meters);
        app.Lifetime.ApplicationStopped.Register(measuring.Dispose);
        app.MapMetrics("/metrics", registry);
    }
}
