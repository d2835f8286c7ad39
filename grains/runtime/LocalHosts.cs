using System.Collections.Concurrent;

namespace Reclaim.Grains;

/// <summary>The hosts whose coordinators are on this silo, by grain key: whoever tells what a silo does asks these.</summary>
internal sealed class LocalHosts
{
    private readonly ConcurrentDictionary<string, HostEntry> _hosts = new(StringComparer.Ordinal);

    /// <summary>How many there are.</summary>
    public int Count => _hosts.Count;

    /// <summary>A host is here from now on.</summary>
    public void Add(string key, string name, ReclaimCoordinatorGrain coordinator) => _hosts[key] = new HostEntry(key, name, coordinator);

    /// <summary>It is here no more; another of the same key may be.</summary>
    public void Remove(string key, ReclaimCoordinatorGrain coordinator)
    {
        if (_hosts.TryGetValue(key, out var entry) && ReferenceEquals(entry.Coordinator, coordinator))
        {
            _hosts.TryRemove(KeyValuePair.Create(key, entry));
        }
    }

    /// <summary>All of them, in the order of their keys.</summary>
    public IReadOnlyList<HostEntry> All() => [.. _hosts.Values.OrderBy(entry => entry.Key, StringComparer.Ordinal)];

    /// <summary>A host that is here.</summary>
    /// <param name="Key">Key of its grain.</param>
    /// <param name="Name">What the scenario calls it.</param>
    /// <param name="Coordinator">Which activation it is.</param>
    internal sealed record HostEntry(string Key, string Name, ReclaimCoordinatorGrain Coordinator);
}
