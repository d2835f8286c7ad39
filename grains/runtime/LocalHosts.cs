using System.Collections.Concurrent;
using Reclaim.Contracts.Results;

namespace Reclaim.Grains;

/// <summary>The hosts whose coordinators are on this silo, by grain key: whoever tells what a silo does asks these.</summary>
internal sealed class LocalHosts
{
    private readonly ConcurrentDictionary<string, ReclaimCoordinatorGrain> _hosts = new(StringComparer.Ordinal);

    private readonly ConcurrentQueue<(string Key, HostView View)> _ended = [];

    /// <summary>Hosts that have ended and nobody has asked for yet, at most.</summary>
    private const int MostEnded = 1024;

    /// <summary>Whether somebody looks at hosts, and wants to know what they were like at their end.</summary>
    public bool IsWatched { get; set; }

    /// <summary>A host is done, and about to be given up.</summary>
    public void Ended(string key, HostView last)
    {
        if (_ended.Count < MostEnded)
        {
            _ended.Enqueue((key, last));
        }
    }

    /// <summary>Those that have ended since the last call, as they were.</summary>
    public IReadOnlyList<(string Key, HostView View)> TakeEnded()
    {
        var taken = new List<(string Key, HostView View)>();
        while (_ended.TryDequeue(out var one))
        {
            taken.Add(one);
        }

        return taken;
    }

    /// <summary>Their keys, in order.</summary>
    public IReadOnlyList<string> Keys => [.. _hosts.Keys.Order(StringComparer.Ordinal)];

    /// <summary>A host is here from now on.</summary>
    public void Add(string key, ReclaimCoordinatorGrain coordinator) => _hosts[key] = coordinator;

    /// <summary>It is here no more; another activation of the same key may be.</summary>
    public void Remove(string key, ReclaimCoordinatorGrain coordinator) => _hosts.TryRemove(KeyValuePair.Create(key, coordinator));
}
