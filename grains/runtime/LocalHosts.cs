using System.Collections.Concurrent;

namespace Reclaim.Grains;

/// <summary>The hosts whose coordinators are on this silo, by grain key: whoever tells what a silo does asks these.</summary>
internal sealed class LocalHosts
{
    private readonly ConcurrentDictionary<string, ReclaimCoordinatorGrain> _hosts = new(StringComparer.Ordinal);

    /// <summary>Their keys, in order.</summary>
    public IReadOnlyList<string> Keys => [.. _hosts.Keys.Order(StringComparer.Ordinal)];

    /// <summary>A host is here from now on.</summary>
    public void Add(string key, ReclaimCoordinatorGrain coordinator) => _hosts[key] = coordinator;

    /// <summary>It is here no more; another activation of the same key may be.</summary>
    public void Remove(string key, ReclaimCoordinatorGrain coordinator) => _hosts.TryRemove(KeyValuePair.Create(key, coordinator));
}
