using Reclaim.Client.ScenarioFormat;

namespace Reclaim.Client.Kubernetes;

/// <summary>A quantity and where it was written; what is not written, or 0, is null.</summary>
internal readonly record struct Amount(decimal Value, Place Place)
{
    public long Bytes => Quantity.Whole(Value);
}

/// <summary><c>resources</c> of a container or a pod: what it asks for and what it may not exceed, of CPU and memory.</summary>
internal sealed record ResourceList(Amount? CpuRequest, Amount? CpuLimit, Amount? MemoryRequest, Amount? MemoryLimit)
{
    private static readonly string[] _known = ["cpu", "memory", "ephemeral-storage"];

    public static ResourceList Read(MapReader? resources)
    {
        var requests = Known(resources?.Mapping("requests"));
        var limits = Known(resources?.Mapping("limits"));
        var (cpu, memory) = (Read(limits, "cpu"), Read(limits, "memory"));

        // The API server takes a limit for a request that is not written.
        var list = new ResourceList(requests?.Has("cpu") == true ? Read(requests, "cpu") : cpu, cpu, requests?.Has("memory") == true ? Read(requests, "memory") : memory, memory);
        Check(list.MemoryRequest, memory);
        return list;

        void Check(Amount? request, Amount? limit)
        {
            if (request is { } asked && limit is { } most && asked.Value > most.Value)
            {
                resources!.Log.Error(asked.Place.Origin, asked.Place.Path, $"{Units.Size(asked.Bytes)} is more than the limit, {Units.Size(most.Bytes)}");
            }
        }
    }

    private static Amount? Read(MapReader? reader, string key)
    {
        if (reader?.Text(key) is not { } text)
        {
            return null;
        }

        if (Quantity.TryParse(text, out var value) is { } wrong)
        {
            reader.Error(key, wrong);
            return null;
        }

        if (value < 0)
        {
            reader.Error(key, $"{text} is negative");
        }

        return value > 0 ? new Amount(value, Place.Of(reader, key)) : null;
    }

    private static MapReader? Known(MapReader? reader)
    {
        foreach (var entry in reader?.Map.Entries ?? [])
        {
            if (entry.Key.StartsWith("hugepages-", StringComparison.Ordinal))
            {
                reader!.Warn(entry.Key, "has no effect: not in this version: huge pages");
            }
            else if (!_known.Contains(entry.Key) && !entry.Key.Contains('/'))
            {
                reader!.Warn(entry.Key, $"unknown resource, ignored{Nearest.Suggestion(entry.Key, _known)}");
            }
        }

        return reader;
    }
}
