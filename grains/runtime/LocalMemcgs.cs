using System.Collections.Concurrent;

namespace Reclaim.Grains;

/// <summary>
/// The memcgs whose grains are on this silo, by grain key. Where all members of a domain are on the silo of their coordinator, as
/// placement has it, their steps, which may be a microsecond long, need no messages.
/// </summary>
internal sealed class LocalMemcgs
{
    private readonly ConcurrentDictionary<string, MemcgSteps> _memcgs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, MemcgSteps> _restored = new(StringComparer.Ordinal);

    /// <summary>A memcg was created here.</summary>
    public void Add(string key, MemcgSteps memcg) => _memcgs[key] = memcg;

    /// <summary>A memcg is here no more; another of the same key may be.</summary>
    public void Remove(string key, MemcgSteps memcg) => _memcgs.TryRemove(KeyValuePair.Create(key, memcg));

    /// <summary>A memcg, or null if it is elsewhere.</summary>
    public MemcgSteps? Find(string key) => _memcgs.GetValueOrDefault(key);

    /// <summary>A coordinator has read a memcg from a checkpoint of its host; its grain, if it is here, will take it.</summary>
    public void OfferRestored(string key, MemcgSteps memcg) => _restored[key] = memcg;

    /// <summary>Takes what was read, once; null if nothing was.</summary>
    public MemcgSteps? TakeRestored(string key) => _restored.TryRemove(key, out var memcg) ? memcg : null;
}
