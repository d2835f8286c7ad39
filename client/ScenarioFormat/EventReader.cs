using System.Collections.Immutable;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>Reads <c>events:</c> of a cgroup: control files that are written or read while it runs.</summary>
internal static class EventReader
{
    private const string ReadKey = "read";

    /// <summary>Files whose text is a size in the scenario's units.</summary>
    private static readonly EventFile[] _sizes = [EventFile.MemoryMax, EventFile.MemoryHigh, EventFile.MemoryLow, EventFile.MemoryMin];

    /// <summary>The events in the order written, and the largest memory.max among them.</summary>
    public static (ImmutableArray<EventSpec> Events, long LargestMax) ReadAll(MapReader cgroup)
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
            var keys = EventFiles.Writable.Append(ReadKey).Where(reader.Has).ToList();
            if (keys.Count != 1)
            {
                reader.Error("at", $"an event is one of {string.Join(", ", EventFiles.Writable)}, or {ReadKey}");
            }

            foreach (var key in keys)
            {
                if (Read(reader, key, ref largestMax) is { } item)
                {
                    events.Add(item with { AtNs = at ?? 0 });
                }
            }

            reader.Finish();
        }

        return (events.ToImmutable(), largestMax);
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
