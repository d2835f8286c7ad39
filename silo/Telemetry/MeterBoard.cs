using System.Diagnostics.Metrics;
using Prometheus;

namespace Reclaim.Silo.Telemetry;

/// <summary>
/// Shows Prometheus what meters measure, in its names: <c>meter_instrument</c>, with units and <c>_total</c>. (The adapter of prometheus-net 8.2 receives
/// nothing on .NET 10.)
/// </summary>
internal sealed class MeterBoard : IDisposable
{
    private readonly MetricFactory factory;
    private readonly Dictionary<(Instrument, string Keys), ICollector> collectors = [];
    private readonly Lock access = new();
    private readonly MeterListener listener = new();

    /// <param name="registry">Where it is shown.</param>
    /// <param name="meters">Names of the meters.</param>
    public MeterBoard(CollectorRegistry registry, IReadOnlyCollection<string> meters)
    {
        factory = Metrics.WithCustomRegistry(registry);
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (meters.Contains(instrument.Meter.Name))
            {
                listening.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Measured(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measured(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measured(instrument, value, tags));
        listener.Start();
        registry.AddBeforeCollectCallback(listener.RecordObservableInstruments);
    }

    public void Dispose() => listener.Dispose();

    private void Measured(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var (keys, labels) = (new string[tags.Length], new string[tags.Length]);
        for (var i = 0; i < tags.Length; i++)
        {
            (keys[i], labels[i]) = (Name(tags[i].Key), tags[i].Value?.ToString() ?? "");
        }

        switch (CollectorOf(instrument, keys))
        {
            case Counter counter when instrument.IsObservable:
                counter.WithLabels(labels).IncTo(value);
                break;
            case Counter counter:
                counter.WithLabels(labels).Inc(Math.Max(0, value));
                break;
            case Gauge gauge when instrument.IsObservable:
                gauge.WithLabels(labels).Set(value);
                break;
            case Gauge gauge:
                gauge.WithLabels(labels).Inc(value);
                break;
            case Histogram histogram:
                histogram.WithLabels(labels).Observe(value);
                break;
            default:
                break;
        }
    }

    private ICollector CollectorOf(Instrument instrument, string[] keys)
    {
        lock (access)
        {
            var key = (instrument, string.Join(',', keys));
            return collectors.TryGetValue(key, out var known) ? known : collectors[key] = Make(instrument, keys);
        }
    }

    private ICollector Make(Instrument instrument, string[] keys)
    {
        var unit = instrument.Unit switch
        {
            "By" => "_bytes",
            "s" => "_seconds",
            _ => "",
        };
        var name = $"{Name(instrument.Meter.Name)}_{Name(instrument.Name)}{unit}";
        var help = instrument.Description is { Length: > 0 } description ? description : instrument.Name;
        return KindOf(instrument) switch
        {
            "Counter" or "ObservableCounter" => factory.CreateCounter(name + "_total", help, keys),
            "Histogram" => factory.CreateHistogram(name, help, keys, new HistogramConfiguration { Buckets = BucketsOf(instrument) }),
            _ => factory.CreateGauge(name, help, keys),
        };
    }

    /// <summary>Those that it comes with, or some for its unit.</summary>
    private static double[] BucketsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } advised } => [.. advised],
        { Unit: "s" } => Histogram.ExponentialBuckets(start: 0.001, factor: 2, count: 18),
        { Unit: "ms" } => Histogram.ExponentialBuckets(start: 1, factor: 2, count: 18),
        _ => Histogram.ExponentialBuckets(start: 1, factor: 4, count: 16),
    };

    /// <summary>Name of its generic class, without the number of parameters.</summary>
    private static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0];

    private static string Name(string name) => string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToLowerInvariant(letter) : '_'));
}
