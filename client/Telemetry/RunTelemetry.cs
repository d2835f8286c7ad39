using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Telemetry;

/// <summary>
/// Sends what came of runs to whoever collects telemetry: reclaims as spans, counters as metrics. Where to is said by the variables that
/// OpenTelemetry has for it; without them nothing is made, and nothing written down.
/// </summary>
internal static class RunTelemetry
{
    /// <summary>Name of the source of spans, and of the meter.</summary>
    public const string Name = "Reclaim";

    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Data points of one metric: one for each cgroup, whatever their number.</summary>
    private const int MostPoints = 1 << 20;

    /// <summary>A queue has at least as many as are sent at a time.</summary>
    private const int LeastQueue = 2048;

    /// <summary>Whether it is asked for.</summary>
    public static bool IsAskedFor { get; } = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Endpoint))
        && !string.Equals(Environment.GetEnvironmentVariable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Sends runs that are over.</summary>
    /// <param name="runs">The runs, each with the name of its side, or one without.</param>
    /// <param name="end">When they ended: the virtual time of a run is counted from when it began.</param>
    /// <returns>What could not be delivered, in words; null: all was.</returns>
    public static string? Send(IReadOnlyList<(string? Side, RunResults Run)> runs, DateTimeOffset end)
    {
        var resource = ResourceBuilder.CreateDefault().AddService("reclaim");
        using var spans = new CountedSpans();
        using var metrics = new CountedMetrics();
        using var source = new ActivitySource(Name);
        using var meter = new Meter(Name);
        RunMetrics.Add(meter, runs);

        // All spans of a run are there at once: none is dropped because there are so many.
        using (var tracing = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Name)
            .AddProcessor(new BatchActivityExportProcessor(spans, maxQueueSize: Math.Max(LeastQueue, runs.Sum(run => ReclaimSpans.Count(run.Run))))).Build())
        using (Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Name)
            .AddView(_ => new MetricStreamConfiguration { CardinalityLimit = MostPoints })
            .AddReader(new BaseExportingMetricReader(metrics)).Build())
        {
            foreach (var (side, run) in runs)
            {
                ReclaimSpans.Write(source, side, run, end - TimeSpan.FromSeconds(run.WallSeconds));
            }

            // What is left is sent before they are closed; metrics are read then, once.
            tracing.ForceFlush();
        }

        var failed = spans.Failed + metrics.Failed;
        return failed == 0 ? null : $"telemetry: {failed} of {spans.Batches + metrics.Batches} batches could not be delivered ({Endpoint} {Environment.GetEnvironmentVariable(Endpoint)})";
    }

    /// <summary>The exporter of spans, watched: it tells nobody what it could not deliver.</summary>
    private sealed class CountedSpans() : OtlpTraceExporter(new OtlpExporterOptions())
    {
        public int Failed { get; private set; }

        public int Batches { get; private set; }

        public override ExportResult Export(in Batch<Activity> activityBatch)
        {
            var result = base.Export(activityBatch);
            (Failed, Batches) = (Failed + (result == ExportResult.Success ? 0 : 1), Batches + 1);
            return result;
        }
    }

    /// <summary>And that of metrics.</summary>
    private sealed class CountedMetrics() : OtlpMetricExporter(new OtlpExporterOptions())
    {
        public int Failed { get; private set; }

        public int Batches { get; private set; }

        public override ExportResult Export(in Batch<Metric> metrics)
        {
            var result = base.Export(metrics);
            (Failed, Batches) = (Failed + (result == ExportResult.Success ? 0 : 1), Batches + 1);
            return result;
        }
    }
}
