using System.Collections.Immutable;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>Reads <c>events:</c> of a cgroup: control files that are written or read while it runs.</summary>
internal static class EventReader
{
    private const string ReadKey = "read";
    private const string StartKey = "start";
    private const string StopKey = "stop";

    /// <summary>Files whose text is a size in the scenario's units.</summary>
    private static readonly EventFile[] _sizes = [EventFile.MemoryMax, EventFile.MemoryHigh, EventFile.MemoryLow, EventFile.MemoryMin, EventFile.MemorySwapMax];

    /// <summary>The events in the order written, and the largest memory.max among them.</summary>
    /// <param name="cgroup">The cgroup.</param>
    /// <param name="workloads">Its workloads; those that an event starts or stops are changed.</param>
    public static (ImmutableArray<EventSpec> Events, long LargestMax) ReadAll(MapReader cgroup, ImmutableArray<WorkloadSpec>.Builder workloads)
    {
        var events = ImmutableArray.CreateBuilder<EventSpec>();
        var largestMax = 0L;
        foreach (var reader in cgroup.Mappings("events"))
        {
            if (!reader.Has("at"))
            {
                reader.Error("at", "missing: the virtual time of the event, for example 30s");
            }

            var at = reader.Duration("at");
            var keys = EventFiles.Writable.Concat([ReadKey, StartKey, StopKey]).Where(reader.Has).ToList();
            if (keys.Count != 1)
            {
                reader.Error("at", $"an event is one of {string.Join(", ", EventFiles.Writable)}, {ReadKey}, {StartKey} or {StopKey}");
            }

            foreach (var key in keys)
            {
                if (reader.Take(key) is null)
                {
                    reader.Error(key, "has no value");
                    continue;
                }

                if (key is StartKey or StopKey)
                {
                    Live(reader, key, at ?? 0, workloads);
                }
                else if (Read(reader, key, ref largestMax) is { } item)
                {
                    events.Add(item with { AtNs = at ?? 0 });
                }
            }

            reader.Finish();
        }

        return (events.ToImmutable(), largestMax);
    }

    /// <summary>A workload begins or ends: the same as its own keys <c>start</c> and <c>stop</c>.</summary>
    private static void Live(MapReader reader, string key, long at, ImmutableArray<WorkloadSpec>.Builder workloads)
    {
        if (reader.OneOf(key, "workload of this cgroup", [.. workloads.Select(workload => workload.Name)]) is not { } name)
        {
            return;
        }

        var index = workloads.ToList().FindIndex(workload => workload.Name == name);
        var workload = workloads[index];
        if (key == StartKey ? workload.StartNs != 0 : workload.StopNs is not null)
        {
            reader.Error(key, $"'{name}' has its {key} already");
        }

        workloads[index] = workload = key == StartKey ? workload with { StartNs = at } : workload with { StopNs = at };
        if (workload.StopNs <= workload.StartNs)
        {
            reader.Error(key, $"'{name}' would stop before it starts");
        }
    }

    private static EventSpec? Read(MapReader reader, string key, ref long largestMax)
    {
        if (key == ReadKey)
        {
            return reader.OneOf(key, "file to read", EventFiles.Readable) is { } name ? new EventSpec(0, EventFiles.Find(name)!.Value, null) : null;
        }

        var file = EventFiles.Find(key)!.Value;
        if (!_sizes.Contains(file) || reader.Text(key) is "max")
        {
            return reader.Text(key) is { } text ? new EventSpec(0, file, text) : null;
        }

        if (reader.Size(key, 0) is not { } bytes)
        {
            return null;
        }

        largestMax = file == EventFile.MemoryMax ? Math.Max(largestMax, bytes) : largestMax;
        return new EventSpec(0, file, bytes.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
