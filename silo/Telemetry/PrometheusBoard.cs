using Prometheus;

namespace Reclaim.Silo.Telemetry;

/// <summary>
/// The figures that Prometheus is shown now, in its names: dots are underscores, units and <c>_total</c> are appended as OpenTelemetry's collector
/// does it. What is no longer among them vanishes.
/// </summary>
internal sealed class PrometheusBoard(IMetricFactory factory) : IFigureBoard
{
    private readonly Dictionary<string, ICollector> collectors = new(StringComparer.Ordinal);
    private HashSet<(string Name, string Labels)> shown = [];
    private readonly Dictionary<(string Name, string Labels), string[]> values = [];

    public void Show(IReadOnlyList<Figure> figures, bool areLast)
    {
        var now = new HashSet<(string Name, string Labels)>();
        foreach (var figure in figures)
        {
            string[] labels = [.. figure.Tags.Select(tag => tag.Value?.ToString() ?? "")];
            var key = (Name: NameOf(figure), Labels: string.Join('\n', labels));
            if (now.Add(key))
            {
                values[key] = labels;
                Set(figure, key.Name, labels);
            }
        }

        foreach (var gone in shown.Except(now))
        {
            Remove(gone.Name, values[gone]);
            values.Remove(gone);
        }

        shown = now;
    }

    private void Set(Figure figure, string name, string[] labels)
    {
        if (!collectors.TryGetValue(name, out var collector))
        {
            var keys = figure.Tags.Select(tag => tag.Key.Replace('.', '_')).ToArray();
            collectors[name] = collector = figure.Grows ? factory.CreateCounter(name, figure.Name, keys) : factory.CreateGauge(name, figure.Name, keys);
        }

        if (collector is Gauge gauge)
        {
            gauge.WithLabels(labels).Set(figure.Value);
            return;
        }

        var counter = (Counter)collector;
        if (counter.WithLabels(labels).Value > figure.Value)
        {
            // The host has gone back to a checkpoint: a counter that begins anew.
            counter.RemoveLabelled(labels);
        }

        counter.WithLabels(labels).IncTo(figure.Value);
    }

    private void Remove(string name, string[] labels)
    {
        switch (collectors[name])
        {
            case Gauge gauge:
                gauge.RemoveLabelled(labels);
                break;
            case Counter counter:
                counter.RemoveLabelled(labels);
                break;
            default:
                break;
        }
    }

    private static string NameOf(Figure figure)
    {
        var unit = figure.Unit switch
        {
            "By" => "_bytes",
            "us" => "_microseconds",
            _ => "",
        };
        return $"{figure.Name.Replace('.', '_')}{unit}{(figure.Grows ? "_total" : "")}";
    }
}
