using System.Collections.Immutable;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>Reads <c>events:</c> of a cgroup: what is written to its files while it runs.</summary>
internal static class EventReader
{
    private const long Round = 64 * 4096;

    private static readonly (string Key, EventFile File)[] _files =
        [("memory.max", EventFile.MemoryMax), ("memory.reclaim", EventFile.MemoryReclaim), ("vm.swappiness", EventFile.Swappiness)];

    /// <summary>The events in order of time; those at the same time in the order written.</summary>
    public static ImmutableArray<EventSpec> ReadAll(MapReader cgroup)
    {
        var events = new List<EventSpec>();
        foreach (var reader in cgroup.Mappings("events"))
        {
            if (!reader.Has("at"))
            {
                reader.Error("at", "missing: the virtual time of the event, for example 30s");
            }

            var at = reader.Duration("at");
            var written = _files.Where(file => reader.Has(file.Key)).ToList();
            if (written.Count != 1)
            {
                reader.Error("at", $"an event writes one of {string.Join(", ", _files.Select(file => file.Key))}");
            }

            foreach (var (key, file) in written)
            {
                var value = file switch
                {
                    EventFile.MemoryMax => reader.Size(key, Round),
                    EventFile.MemoryReclaim => reader.Size(key, 4096),
                    _ => reader.Integer(key, 0, 200),
                };
                if (at is { } time && value is { } wanted)
                {
                    events.Add(new EventSpec(time, file, wanted));
                }
            }

            reader.Finish();
        }

        return [.. events.OrderBy(item => item.AtNs)];
    }
}
