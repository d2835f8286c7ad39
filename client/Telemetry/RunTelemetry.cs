using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Reclaim.Contracts.Results;
using Reclaim.Silo.Hosting;
using Reclaim.Silo.Telemetry;

namespace Reclaim.Client.Telemetry;

/// <summary>
/// One command's telemetry: its own span, under which silos put theirs, and when it is over what came of its runs: reclaims as spans, counters as
/// metrics. Where to is said by the variables that OpenTelemetry has for it; without them nothing is made, and nothing written down.
/// </summary>
internal sealed class RunTelemetry : IDisposable
{
    /// <summary>Name of the source of spans, and of the meter.</summary>
    public const string Name = "Reclaim";

    /// <summary>Of the calls that a command makes to a cluster: they carry its context there.</summary>
    private const string Calls = "Microsoft.Orleans.Application";

    /// <summary>Data points of one metric: one for each cgroup, whatever their number.</summary>
    private const int MostPoints = 1 << 20;

    /// <summary>A queue has at least as many as are sent at a time.</summary>
    private const int LeastQueue = 2048;

    private static readonly ActivitySource _source = new(Name);

    private readonly OtlpTarget _target;
    private readonly CountedSpans _commands = new();
    private readonly TracerProvider _tracing;
    private readonly Activity? _command;

    private RunTelemetry(OtlpTarget target, string command)
    {
        _target = target;
        _tracing = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource()).AddSource(Name, Calls).AddProcessor(new BatchActivityExportProcessor(_commands)).Build();
        _command = _source.StartActivity(command, ActivityKind.Internal);
    }

    /// <summary>Whether it is asked for.</summary>
    /// <exception cref="InputException">It is, and cannot be.</exception>
    public static bool IsAskedFor => Target() is not null;

    /// <summary>Begins the span of a command. What the calling method does from here on belongs to it.</summary>
    /// <param name="command">What is done.</param>
    /// <returns>Null: it is not asked for.</returns>
    /// <exception cref="InputException">It is, and cannot be.</exception>
    public static RunTelemetry? Begin(string command) => Target() is { } target ? new RunTelemetry(target, command) : null;

    /// <summary>Ends the command's span, and sends runs that are over.</summary>
    /// <param name="runs">The runs, each with the name of its side, or one without.</param>
    /// <param name="end">When they ended: the virtual time of a run is counted from when it began.</param>
    /// <returns>What could not be delivered, in words; null: all was.</returns>
    public string? Send(IReadOnlyList<(string? Side, RunResults Run)> runs, DateTimeOffset end)
    {
        // Its provider is closed before the next is made: each would send the spans of both.
        var command = _command?.Context ?? default;
        Dispose();
        using var spans = new CountedSpans();
        using var metrics = new CountedMetrics();
        using var meter = new Meter(Name);
        RunMetrics.Add(meter, runs);

        // All spans of a run are there at once: none is dropped because there are so many.
        using (var tracing = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource()).AddSource(Name)
            .AddProcessor(new BatchActivityExportProcessor(spans, maxQueueSize: Math.Max(LeastQueue, runs.Sum(run => ReclaimSpans.Count(run.Run))))).Build())
        using (Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Resource()).AddMeter(Name)
            .AddView(_ => new MetricStreamConfiguration { CardinalityLimit = MostPoints })
            .AddReader(new BaseExportingMetricReader(metrics)).Build())
        {
            foreach (var (side, run) in runs)
            {
                ReclaimSpans.Write(_source, side, run, end - TimeSpan.FromSeconds(run.WallSeconds), command);
            }

            // What is left is sent before they are closed; metrics are read then, once.
            tracing.ForceFlush();
        }

        var (failed, batches) = (_commands.Failed + spans.Failed + metrics.Failed, _commands.Batches + spans.Batches + metrics.Batches);
        return failed == 0 ? null : $"telemetry: {failed} of {batches} batches could not be delivered ({OtlpTarget.EndpointVariable} {_target.Address})";
    }

    public void Dispose()
    {
        _command?.Dispose();
        _tracing.Dispose();
        _commands.Dispose();
    }

    private static OtlpTarget? Target()
    {
        try
        {
            return OtlpTarget.FromEnvironment();
        }
        catch (SettingException e)
        {
            throw new InputException(e.Message);
        }
    }

    private static ResourceBuilder Resource() => TelemetryResource.Describe(ResourceBuilder.CreateEmpty(), TelemetryResource.Client);

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
