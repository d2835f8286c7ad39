using Reclaim.Model.Records;

namespace Reclaim.Model.Memcg;

/// <summary>
/// For whom each page was reclaimed, two bytes a page, and how many of those came back: what others' need for memory has cost a cgroup
/// later. The kernel does not know; its shadows have no room for it.
/// </summary>
/// <param name="pages">Pages of the container.</param>
internal sealed class Culprits(int pages)
{
    private readonly ushort[] _cause = new ushort[pages];
    private long[] _refaults = new long[ReclaimCause.Others];

    /// <summary>What the reclaim under way is for: a <see cref="ReclaimCause"/>.</summary>
    public int Current { get; set; }

    /// <summary>Where it is written down which reclaim took them; null: nowhere.</summary>
    public RefaultLog? Log { get; set; }

    /// <summary>Refaults by cause.</summary>
    public IReadOnlyList<long> Refaults => _refaults;

    /// <summary>A page is reclaimed.</summary>
    public void Took(uint page)
    {
        _cause[page] = (ushort)Current;
        Log?.Took(page);
    }

    /// <summary>It came back, and was a refault.</summary>
    /// <param name="page">The page.</param>
    /// <param name="clock">Virtual time.</param>
    public void Refaulted(uint page, Func<long> clock)
    {
        var cause = _cause[page];
        if (cause >= _refaults.Length)
        {
            Array.Resize(ref _refaults, cause + 1);
        }

        _refaults[cause]++;
        Log?.Refaulted(page, byDomain: cause >= ReclaimCause.Others, clock);
    }
}
