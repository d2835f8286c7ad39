namespace Reclaim.Model.Control;

/// <summary>What is to be written and read, in order of time; what was asked for first comes first among equals.</summary>
/// <param name="accesses">In order of time.</param>
internal sealed class ControlSchedule(IEnumerable<ControlAccess> accesses)
{
    private readonly List<ControlAccess> _accesses = [.. accesses];
    private int _next;

    /// <summary>Virtual time of the next; <see cref="long.MaxValue"/> when there is none.</summary>
    public long NextNs => _next < _accesses.Count ? _accesses[_next].AtNs : long.MaxValue;

    /// <summary>Takes the next one that is due.</summary>
    public ControlAccess? TryTake(long nowNs) => NextNs <= nowNs && _next < _accesses.Count ? _accesses[_next++] : null;

    /// <summary>Adds one, after those at the same time.</summary>
    public void Add(ControlAccess access)
    {
        var at = _accesses.Count;
        while (at > _next && _accesses[at - 1].AtNs > access.AtNs)
        {
            at--;
        }

        _accesses.Insert(at, access);
    }
}
