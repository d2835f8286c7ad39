using System.Diagnostics.Metrics;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Telemetry;

/// <summary>Counters and sizes of runs as metrics, under the kernel's names, by host, node and cgroup.</summary>
internal static class RunMetrics
{
    /// <summary>What of memory.stat counts events; the rest are sizes.</summary>
    private static readonly string[] _events = ["pg", "workingset_", "psw", "swap_ra", "zswpin", "zswpout", "zswpwb", "numa_"];

    /// <summary>Adds the instruments, each with what it shows of each run.</summary>
    public static void Add(Meter meter, IReadOnlyList<(string? Side, RunResults Run)> runs)
    {
        foreach (var metric in runs.SelectMany(run => Of(run.Side, run.Run)).GroupBy(point => (point.Name, point.Unit, point.Grows)))
        {
            var ((name, unit, grows), points) = (metric.Key, metric.Select(point => point.Value).ToList());
            _ = grows
                ? (Instrument)meter.CreateObservableCounter(name, () => points, unit)
                : meter.CreateObservableGauge(name, () => points, unit);
        }
    }

    private static IEnumerable<Point> Of(string? side, RunResults run) => run.Hosts.SelectMany(host => OfHost(host, [
        new("reclaim.scenario", run.Scenario), .. side is null ? [] : (KeyValuePair<string, object?>[])[new("reclaim.side", side)], new("reclaim.host", host.Name)]));

    private static IEnumerable<Point> OfHost(HostResult host, KeyValuePair<string, object?>[] tags)
    {
        foreach (var node in host.Nodes)
        {
            KeyValuePair<string, object?>[] ofNode = [.. tags, new("reclaim.node", node.Id)];
            yield return new("node.memory.total", "{page}", false, new(node.MemTotalPages, ofNode));
            yield return new("node.memory.free", "{page}", false, new(node.FreePages, ofNode));
            if (node.Reclaim is { } reclaim)
            {
                yield return new("node.pageoutrun", "{round}", true, new(reclaim.Pageoutrun, ofNode));
                yield return new("node.allocstall", "{stall}", true, new(reclaim.Allocstall, ofNode));
            }
        }

        foreach (var entry in host.ReclaimMatrix)
        {
            KeyValuePair<string, object?>[] ofEntry = [.. tags, new("reclaim.asker", entry.Aggressor), new("reclaim.victim", entry.Victim), new("reclaim.node", entry.Node), new("reclaim.kind", entry.Kind)];
            yield return new("reclaim.scanned", "{page}", true, new(entry.Scanned, ofEntry));
            yield return new("reclaim.reclaimed", "{page}", true, new(entry.Reclaimed, ofEntry));
            yield return new("reclaim.refaulted", "{page}", true, new(entry.Refaulted, ofEntry));
        }

        foreach (var point in host.Cgroups.SelectMany(cgroup => OfCgroup(cgroup.Value, [.. tags, new("reclaim.cgroup", cgroup.Key)])))
        {
            yield return point;
        }
    }

    private static IEnumerable<Point> OfCgroup(CgroupResult cgroup, KeyValuePair<string, object?>[] tags)
    {
        yield return new("cgroup.memory.current", "By", false, new(cgroup.MemoryCurrent, tags));
        foreach (var counter in cgroup.MemoryStat)
        {
            var grows = _events.Any(prefix => counter.Name.StartsWith(prefix, StringComparison.Ordinal));
            yield return new($"cgroup.memory.stat.{counter.Name}", grows ? "{event}" : "By", grows, new(counter.Value, tags));
        }

        foreach (var counter in cgroup.MemoryEvents)
        {
            yield return new($"cgroup.memory.events.{counter.Name}", "{event}", true, new(counter.Value, tags));
        }

        foreach (var (file, pressure) in new[] { ("memory", cgroup.MemoryPressure), ("io", cgroup.IoPressure), ("cpu", cgroup.CpuPressure) })
        {
            if (pressure is not null)
            {
                yield return new($"cgroup.{file}.pressure.some", "us", true, new(pressure.Some.Total, tags));
                yield return new($"cgroup.{file}.pressure.full", "us", true, new(pressure.Full.Total, tags));
            }
        }

        foreach (var workload in cgroup.Workloads)
        {
            KeyValuePair<string, object?>[] ofWorkload = [.. tags, new("reclaim.workload", workload.Name)];
            yield return new("workload.accesses", "{access}", true, new(workload.Accesses, ofWorkload));
            yield return new("workload.misses", "{access}", true, new(workload.Misses, ofWorkload));
            yield return new("workload.device_reads", "{page}", true, new(workload.DeviceReads, ofWorkload));
        }
    }

    /// <summary>One value of one metric.</summary>
    private sealed record Point(string Name, string Unit, bool Grows, Measurement<long> Value);
}
