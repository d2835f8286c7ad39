using Reclaim.Contracts.Results;

namespace Reclaim.Silo.Telemetry;

/// <summary>Counters and sizes of a simulated host as metrics, under the kernel's names, by node and cgroup.</summary>
public static class KernelFigures
{
    /// <summary>What of memory.stat counts events; the rest are sizes.</summary>
    private static readonly string[] _events = ["pg", "workingset_", "psw", "swap_ra", "zswpin", "zswpout", "zswpwb", "numa_"];

    /// <summary>All figures of a host.</summary>
    /// <param name="host">The host.</param>
    /// <param name="tags">Whose host it is.</param>
    public static IEnumerable<Figure> Of(HostResult host, KeyValuePair<string, object?>[] tags) =>
        [.. OfNodes(host, tags), .. OfMatrix(host, tags), .. host.Cgroups.SelectMany(cgroup => Of(cgroup.Value, [.. tags, new("reclaim.cgroup", cgroup.Key)]))];

    /// <summary>Those of its nodes.</summary>
    public static IEnumerable<Figure> OfNodes(HostResult host, KeyValuePair<string, object?>[] tags)
    {
        foreach (var node in host.Nodes)
        {
            KeyValuePair<string, object?>[] ofNode = [.. tags, new("reclaim.node", node.Id)];
            yield return new("node.memory.total", "{page}", false, node.MemTotalPages, ofNode);
            yield return new("node.memory.free", "{page}", false, node.FreePages, ofNode);
            if (node.Reclaim is { } reclaim)
            {
                yield return new("node.pageoutrun", "{round}", true, reclaim.Pageoutrun, ofNode);
                yield return new("node.allocstall", "{stall}", true, reclaim.Allocstall, ofNode);
            }
        }
    }

    /// <summary>Those of one of its cgroups.</summary>
    public static IEnumerable<Figure> Of(CgroupResult cgroup, KeyValuePair<string, object?>[] tags)
    {
        yield return new("cgroup.memory.current", "By", false, cgroup.MemoryCurrent, tags);
        foreach (var counter in cgroup.MemoryStat)
        {
            var grows = _events.Any(prefix => counter.Name.StartsWith(prefix, StringComparison.Ordinal));
            yield return new($"cgroup.memory.stat.{counter.Name}", grows ? "{event}" : "By", grows, counter.Value, tags);
        }

        foreach (var counter in cgroup.MemoryEvents)
        {
            yield return new($"cgroup.memory.events.{counter.Name}", "{event}", true, counter.Value, tags);
        }

        foreach (var (file, pressure) in new[] { ("memory", cgroup.MemoryPressure), ("io", cgroup.IoPressure), ("cpu", cgroup.CpuPressure) })
        {
            if (pressure is not null)
            {
                yield return new($"cgroup.{file}.pressure.some", "us", true, pressure.Some.Total, tags);
                yield return new($"cgroup.{file}.pressure.full", "us", true, pressure.Full.Total, tags);
            }
        }

        foreach (var workload in cgroup.Workloads)
        {
            KeyValuePair<string, object?>[] ofWorkload = [.. tags, new("reclaim.workload", workload.Name)];
            yield return new("workload.accesses", "{access}", true, workload.Accesses, ofWorkload);
            yield return new("workload.misses", "{access}", true, workload.Misses, ofWorkload);
            yield return new("workload.device_reads", "{page}", true, workload.DeviceReads, ofWorkload);
        }
    }

    private static IEnumerable<Figure> OfMatrix(HostResult host, KeyValuePair<string, object?>[] tags)
    {
        foreach (var entry in host.ReclaimMatrix)
        {
            KeyValuePair<string, object?>[] ofEntry = [.. tags, new("reclaim.asker", entry.Aggressor), new("reclaim.victim", entry.Victim), new("reclaim.node", entry.Node), new("reclaim.kind", entry.Kind)];
            yield return new("reclaim.scanned", "{page}", true, entry.Scanned, ofEntry);
            yield return new("reclaim.reclaimed", "{page}", true, entry.Reclaimed, ofEntry);
            yield return new("reclaim.refaulted", "{page}", true, entry.Refaulted, ofEntry);
        }
    }
}
