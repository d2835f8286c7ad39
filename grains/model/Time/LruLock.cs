namespace Reclaim.Model.Time;

/// <summary>
/// The lru_lock of a lruvec in virtual time: a calendar of when it is held. Reclaim takes it once for each round and lets go of
/// it while it frees the pages, so others get it in between; whoever asks takes the first gap that is long enough.
///
/// <code>
///   held   ██████          ████████   ██████                       time ──►
///          round 1         round 2    batch of another CPU
///                 ▲ asked here, for this long: ░░░░ → goes in before round 2
/// </code>
/// </summary>
internal sealed class LruLock
{
    private readonly List<(long FromNs, long ToNs)> _held = [];

    /// <summary>Holds the lock for a while.</summary>
    /// <param name="nowNs">When it is asked for.</param>
    /// <param name="holdNs">How long it is needed.</param>
    /// <param name="horizonNs">Nobody will ask for it before that time any more.</param>
    /// <returns>When it is had.</returns>
    public long Acquire(long nowNs, long holdNs, long horizonNs)
    {
        var past = 0;
        while (past < _held.Count && _held[past].ToNs <= horizonNs)
        {
            past++;
        }

        _held.RemoveRange(0, past);
        var start = nowNs;
        var at = 0;
        for (; at < _held.Count; at++)
        {
            var (from, to) = _held[at];
            if (from >= start + holdNs)
            {
                break;
            }

            start = Math.Max(start, to);
        }

        if (holdNs > 0)
        {
            _held.Insert(at, (start, start + holdNs));
        }

        return start;
    }
}
