using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orleans.Diagnostics;
using Reclaim.Grains;
using Reclaim.Silo.Hosting;

namespace Reclaim.Silo.Telemetry;

/// <summary>Sends a collector of OpenTelemetry, or prints, what this silo does and what is simulated here: spans and metrics.</summary>
internal static class TelemetryExport
{
    private const string Sampler = "OTEL_TRACES_SAMPLER";

    /// <summary>The variables of OpenTelemetry as they are, but for what the silo's own settings say instead.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Variables(TelemetrySettings settings, IConfiguration configuration) =>
        new[] { KeyValuePair.Create(OtlpTarget.EndpointVariable, settings.Otlp?.Endpoint.OriginalString), KeyValuePair.Create(OtlpTarget.ProtocolVariable, settings.Otlp?.Protocol) }
            .Concat(configuration.AsEnumerable().Where(variable => variable.Key.StartsWith("OTEL_", StringComparison.Ordinal)))
            .DistinctBy(variable => variable.Key);

    /// <summary>Begins it when the silo starts.</summary>
    public static void AddTelemetryExport(this IServiceCollection services, SiloSettings settings)
    {
        var (telemetry, name) = (settings.Telemetry, settings.Name);
        services.AddSingleton<IFigureBoard, FigureMeter>();
        services.AddOpenTelemetry()
            .ConfigureResource(resource => TelemetryResource.Describe(resource, TelemetryResource.Silo, name).AddAttributes([new("reclaim.cluster", settings.ClusterId)]))
            .WithTracing(tracing =>
            {
                tracing.AddSource(RunSpans.Name, ActivitySources.ApplicationGrainActivitySourceName);
                tracing.ConfigureServices(provided => provided.ConfigureOpenTelemetryTracerProvider((given, provider) => Sample(provider, given.GetRequiredService<IConfiguration>())));
                Export(telemetry, () => tracing.AddOtlpExporter(), () => tracing.AddConsoleExporter());
            })
            .WithMetrics(metrics =>
            {
                metrics.AddMeter([.. PrometheusEndpoint.Meters, FigureMeter.Name]);
                metrics.AddView(instrument => instrument.Meter.Name == FigureMeter.Name
                    ? new MetricStreamConfiguration { CardinalityLimit = FigureMeter.MostSeries(instrument.Name, telemetry.Cgroups) }
                    : null);
                Export(telemetry, () => metrics.AddOtlpExporter(), () => metrics.AddConsoleExporter());
            });
    }

    private static void Export(TelemetrySettings settings, Action send, Action print)
    {
        if (settings.Otlp is not null)
        {
            send();
        }

        if (settings.Console)
        {
            print();
        }
    }

    private static void Sample(TracerProviderBuilder tracing, IConfiguration configuration)
    {
        if (string.IsNullOrEmpty(configuration[Sampler]))
        {
            tracing.SetSampler(new ParentBasedSampler(new OwnRoots()));
        }
    }

    /// <summary>A grain call that nobody traces begins no trace: there are some every second, of those who look after runs.</summary>
    private sealed class OwnRoots : Sampler
    {
        public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
            new(samplingParameters.Kind == ActivityKind.Internal ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
    }
}
