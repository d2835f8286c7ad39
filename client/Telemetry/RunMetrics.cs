using System.Diagnostics.Metrics;
using Reclaim.Contracts.Results;
using Reclaim.Silo.Telemetry;

namespace Reclaim.Client.Telemetry;

/// <summary>Counters and sizes of runs as metrics, under the kernel's names, by host, node and cgroup.</summary>
internal static class RunMetrics
{
    /// <summary>Adds the instruments, each with what it shows of each run.</summary>
    public static void Add(Meter meter, IReadOnlyList<(string? Side, RunResults Run)> runs)
    {
        foreach (var metric in runs.SelectMany(run => Of(run.Side, run.Run)).GroupBy(point => (point.Name, point.Unit, point.Grows)))
        {
            var ((name, unit, grows), points) = (metric.Key, metric.Select(point => new Measurement<long>(point.Value, point.Tags)).ToList());
            _ = grows
                ? (Instrument)meter.CreateObservableCounter(name, () => points, unit)
                : meter.CreateObservableGauge(name, () => points, unit);
        }
    }

    private static IEnumerable<Figure> Of(string? side, RunResults run) => run.Hosts.SelectMany(host => KernelFigures.Of(host, [
        new("reclaim.scenario", run.Scenario), .. side is null ? [] : (KeyValuePair<string, object?>[])[new("reclaim.side", side)], new("reclaim.host", host.Name)]));
}
