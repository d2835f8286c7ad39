using System.Globalization;
using Reclaim.Client.ScenarioFormat;

namespace Reclaim.Client.Compose;

/// <summary>
/// Makes a cgroup of a service, as Docker and runc do on cgroup v2 (moby 28, adaptContainerSettings and
/// verifyPlatformContainerResources; runc 1.3, ConvertMemorySwapToCgroupV2Value).
/// </summary>
internal sealed class ComposeService(MapReader service, bool hostHasSwap)
{
    /// <summary>What the service does to its memory: a list as <c>workloads</c> of a scenario.</summary>
    public const string Workloads = "x-workload";

    private readonly ScenarioMap _cgroup = new(service.Map.Origin);

    /// <summary>The cgroup, or null: it does nothing, or something is wrong with its limits.</summary>
    public ScenarioMap? ToCgroup()
    {
        CheckKeys();
        var (limits, reservations, replicas) = Deploy();
        var limit = Either(service, "mem_limit", limits, "memory");
        var reservation = Either(service, "mem_reservation", reservations, "memory");
        var count = Count(replicas);
        var swap = service.Text("memswap_limit");
        var cpuMax = ComposeCpus.Read(service, limits);
        if (service.Take(Workloads) is not { } workloads)
        {
            service.Warn(Workloads, "missing: what the service does to its memory; it is left out");
            return null;
        }

        if (count is { Value: 0 })
        {
            service.Log.Warn(count.Value.Place.Origin, count.Value.Place.Path, "no replica: the service is left out");
            return null;
        }

        if (limit is { } most)
        {
            Put("memory.max", most.Place, most.Value);
        }

        PutReservation(reservation, limit);
        PutSwap(swap, limit);
        if (cpuMax is { } entry)
        {
            _cgroup.Entries.Add(entry);
        }

        if (count is { } several)
        {
            _cgroup.Entries.Add(several.Place.Entry(Copies.Key, several.Value.ToString(CultureInfo.InvariantCulture)));
        }

        _cgroup.Entries.Add(Place.Of(service, Workloads).Entry("workloads", workloads.Value));
        return _cgroup;
    }

    private readonly record struct Written(long Value, Place Place);

    private void Put(string key, Place place, long bytes) => _cgroup.Entries.Add(place.Entry(key, Units.Size(bytes)));

    private void CheckKeys()
    {
        foreach (var entry in service.Map.Entries)
        {
            if (ComposeKeys.WithoutEffect.TryGetValue(entry.Key, out var why))
            {
                service.Warn(entry.Key, $"has no effect: {why}");
            }
            else if (!ComposeKeys.Honoured.Contains(entry.Key) && !ComposeKeys.WithoutBearing.Contains(entry.Key)
                && (!entry.Key.StartsWith("x-", StringComparison.Ordinal) || Nearest.Distance(entry.Key, Workloads) <= 2))
            {
                service.Warn(entry.Key, $"unknown key, ignored{Nearest.Suggestion(entry.Key, ComposeKeys.Honoured.Concat(ComposeKeys.WithoutEffect.Keys).Concat(ComposeKeys.WithoutBearing))}");
            }
        }
    }

    private (MapReader? Limits, MapReader? Reservations, Written? Replicas) Deploy()
    {
        if (service.Mapping("deploy") is not { } deploy)
        {
            return (null, null, null);
        }

        var resources = deploy.Mapping("resources");
        var limits = Known(resources?.Mapping("limits"), "memory", "cpus", "pids");
        var replicas = deploy.Text("mode") == "global" ? null : Number(deploy, "replicas");
        return (limits, Known(resources?.Mapping("reservations"), "memory", "cpus", "devices", "generic_resources"), replicas);
    }

    private static MapReader? Known(MapReader? reader, params string[] keys)
    {
        foreach (var entry in reader?.Map.Entries.Where(entry => !keys.Contains(entry.Key)) ?? [])
        {
            reader!.Warn(entry.Key, $"unknown key, ignored{Nearest.Suggestion(entry.Key, keys)}");
        }

        return reader;
    }

    private Written? Count(Written? replicas)
    {
        var scale = Number(service, "scale");
        if (scale is { } both && replicas is { } other && both.Value != other.Value)
        {
            service.Error("scale", $"{both.Value} is not what deploy.replicas says, {other.Value}");
        }

        return scale ?? replicas;
    }

    private static Written? Number(MapReader reader, string key)
    {
        if (Text(reader, key) is not { } text)
        {
            return null;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value > int.MaxValue)
        {
            reader.Error(key, $"'{text}' is not a number of containers");
            return null;
        }

        return new Written(value, Place.Of(reader, key));
    }

    /// <summary>A text with its variables replaced, or null: not there, or wrong.</summary>
    internal static string? Text(MapReader reader, string key)
    {
        if (reader.Text(key) is not { } text)
        {
            return null;
        }

        if (ComposeVariables.TryReplace(text, out var replaced) is { } wrong)
        {
            reader.Error(key, wrong);
            return null;
        }

        return replaced;
    }

    /// <summary>A size; 0 is none.</summary>
    private static Written? Bytes(MapReader? reader, string key)
    {
        if (reader is null || Text(reader, key) is not { } text)
        {
            return null;
        }

        if (ComposeBytes.TryParse(text, out var bytes) is { } wrong)
        {
            reader.Error(key, wrong);
            return null;
        }

        return bytes == 0 ? null : new Written(bytes, Place.Of(reader, key));
    }

    /// <summary>A size that may be written in two places, which must then agree.</summary>
    private static Written? Either(MapReader service, string key, MapReader? deploy, string deployKey)
    {
        var (one, other) = (Bytes(service, key), Bytes(deploy, deployKey));
        if (one is { } first && other is { } second && first.Value != second.Value)
        {
            service.Error(key, $"{Units.Size(first.Value)} is not what {deploy!.KeyOf(deployKey)[(service.Path.Length + 1)..]} says, {Units.Size(second.Value)}");
        }

        return one ?? other;
    }

    private void PutReservation(Written? reservation, Written? limit)
    {
        if (reservation is not { } low)
        {
            return;
        }

        if (limit is { } most && low.Value > most.Value)
        {
            service.Log.Error(low.Place.Origin, low.Place.Path, $"{Units.Size(low.Value)} is more than the limit, {Units.Size(most.Value)}");
        }

        Put("memory.low", low.Place, low.Value);
    }

    /// <summary>
    /// memory.swap.max: memory and swap together, less the memory. Unset it is as much again as the memory, so twice together; -1 is
    /// all there is, and so it is without a limit of memory.
    /// </summary>
    private void PutSwap(string? written, Written? limit)
    {
        const string key = "memswap_limit";
        if (written is "-1")
        {
            _cgroup.Entries.Add(Place.Of(service, key).Entry("memory.swap.max", "max"));
        }
        else if (written is not null && Bytes(service, key) is { } together)
        {
            if (limit is not { } memory)
            {
                service.Error(key, "stands without mem_limit: how much of it is memory? Docker refuses that, too");
                return;
            }

            if (together.Value < memory.Value)
            {
                service.Error(key, $"{Units.Size(together.Value)} of memory and swap together is less than the memory alone, {Units.Size(memory.Value)}");
            }

            Put("memory.swap.max", together.Place, Math.Max(0, together.Value - memory.Value));
        }
        else if (hostHasSwap && limit is { } most)
        {
            // Said only where it says something: without swap it would be a warning for each service.
            Put("memory.swap.max", most.Place with { Path = service.KeyOf(key) }, most.Value);
        }
    }
}
