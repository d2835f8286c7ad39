using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace Reclaim.Silo.Telemetry;

/// <summary>
/// The figures as instruments of a meter, for OpenTelemetry. A collector is told the last value of a series again and again as long as its
/// instrument lives; so when a host is gone, or a cgroup is shown no longer, all of them begin anew.
/// </summary>
internal sealed class FigureMeter(MeterProvider provider) : IFigureBoard, IDisposable
{
    public const string Name = "Reclaim.Simulated";

    /// <summary>How long whoever shows figures waits for a collector.</summary>
    private const int FlushMilliseconds = 5000;

    private readonly Dictionary<string, Series> _series = new(StringComparer.Ordinal);
    private HashSet<string> _owners = [];
    private Meter _meter = new(Name);

    /// <summary>How many series one instrument may have, if so many cgroups are shown.</summary>
    public static int MostSeries(string instrument, int cgroups) =>
        instrument.StartsWith(ViewFigures.Lists, StringComparison.Ordinal) ? Math.Max(1, cgroups * 64)
        : instrument.StartsWith("workload.", StringComparison.Ordinal) ? Math.Max(1, cgroups * 8)
        : instrument.StartsWith("cgroup.lru_gen.", StringComparison.Ordinal) ? Math.Max(1, cgroups * 8)
        : instrument.StartsWith("cgroup.", StringComparison.Ordinal) ? Math.Max(1, cgroups)
        : 10_000;

    public void Show(IReadOnlyList<Figure> figures, bool areLast)
    {
        var owners = figures.Select(Owner).ToHashSet(StringComparer.Ordinal);
        if (_owners.Except(owners).Any())
        {
            BeginAnew();
        }

        _owners = owners;
        foreach (var instrument in figures.GroupBy(figure => figure.Name))
        {
            SeriesOf(instrument.First()).Set(instrument);
        }

        if (areLast)
        {
            provider.ForceFlush(FlushMilliseconds);
        }
    }

    public void Dispose() => _meter.Dispose();

    /// <summary>Whose figure it is.</summary>
    private static string Owner(Figure figure) => string.Join('\n', figure.Tags.Where(tag => tag.Key is "reclaim.run" or "reclaim.host" or "reclaim.cgroup").Select(tag => tag.Value));

    private void BeginAnew()
    {
        _meter.Dispose();
        _series.Clear();

        // What is told of instruments for the last time must not come beside what is told of their successors.
        provider.ForceFlush(FlushMilliseconds);
        _meter = new Meter(Name);
    }

    private Series SeriesOf(Figure figure)
    {
        if (!_series.TryGetValue(figure.Name, out var series))
        {
            _series[figure.Name] = series = new Series(figure.Grows);
            _ = figure.Grows
                ? (Instrument)_meter.CreateObservableCounter(figure.Name, series.Observe, figure.Unit)
                : _meter.CreateObservableGauge(figure.Name, series.Observe, figure.Unit);
        }

        return series;
    }

    /// <summary>What one instrument shows. Whoever collects reads it from another thread.</summary>
    private sealed class Series(bool grows)
    {
        private readonly Dictionary<string, Measurement<long>> _known = new(StringComparer.Ordinal);
        private volatile Measurement<long>[] _shown = [];

        public Measurement<long>[] Observe() => _shown;

        public void Set(IEnumerable<Figure> figures)
        {
            var rest = _known.Keys.ToHashSet(StringComparer.Ordinal);
            foreach (var figure in figures)
            {
                var key = string.Join('\n', figure.Tags.Select(tag => tag.Value));
                _known[key] = new Measurement<long>(figure.Value, figure.Tags);
                rest.Remove(key);
            }

            // A list that a cgroup has no longer has no pages.
            foreach (var key in grows ? [] : rest)
            {
                _known[key] = new Measurement<long>(0, _known[key].Tags);
            }

            _shown = [.. _known.Values];
        }
    }
}
