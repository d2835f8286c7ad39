using System.Collections.Concurrent;

namespace Reclaim.Grains;

/// <summary>
/// The memcgs whose grains are on this silo, by grain key. Where all members of a domain are on the silo of their coordinator, as
/// placement has it, their steps, which may be a microsecond long, need no messages.
/// </summary>
internal sealed class LocalMemcgs
{
    private readonly ConcurrentDictionary<string, MemcgSteps> _memcgs = new(StringComparer.Ordinal);

    /// <summary>A memcg was created here.</summary>
    public void Add(string key, MemcgSteps memcg) => _memcgs[key] = memcg;

    /// <summary>A memcg is here no more.</summary>
    public void Remove(string key) => _memcgs.TryRemove(key, out _);

    /// <summary>A memcg, or null if it is elsewhere.</summary>
    public MemcgSteps? Find(string key) => _memcgs.GetValueOrDefault(key);
}
