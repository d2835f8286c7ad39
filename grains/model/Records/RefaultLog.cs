namespace Reclaim.Model.Records;

/// <summary>A page came back, and was a refault.</summary>
/// <param name="Reclaim">Number of the reclaim that had evicted it.</param>
/// <param name="ByDomain">Whether that is one of the domain's; else it is the cgroup's own.</param>
/// <param name="Anonymous">Whether it is anonymous memory.</param>
/// <param name="AtNs">Virtual time, nanoseconds.</param>
public readonly record struct RefaultRecord(long Reclaim, bool ByDomain, bool Anonymous, long AtNs);

/// <summary>
/// Which reclaim some of the pages were evicted by, and when those came back: of each scan of a reclaim that is kept the first page that went.
/// When there are too many, those stay whose reclaim is kept the longest. Every eviction writes here, so it is a bit a page, that stays in the
/// processor's caches; what the bit stands for is looked up when a page comes back that has it.
/// </summary>
/// <param name="pages">Pages of the container.</param>
/// <param name="firstAnon">The first anonymous one.</param>
/// <param name="most">Refaults that are kept.</param>
internal sealed class RefaultLog(int pages, uint firstAnon, int most)
{
    /// <summary>By page: whether its last eviction is one of those.</summary>
    private readonly ulong[] _marked = new ulong[(pages >> 6) + 1];

    /// <summary>By page, if that is so: its mark.</summary>
    private readonly Dictionary<uint, uint> _marks = [];
    private RefaultRecord[] _kept = new RefaultRecord[Math.Min(most, 16)];
    private int _count;
    private long _every = 1;
    private uint _mark;

    /// <summary>Those that are kept.</summary>
    public ReadOnlySpan<RefaultRecord> Kept => _kept.AsSpan(0, _count);

    /// <summary>A scan begins: its first page is to be marked.</summary>
    /// <param name="mark">With <see cref="ReclaimLog.MarkOf"/>.</param>
    public void Begin(uint mark) => _mark = mark;

    /// <summary>A page is reclaimed.</summary>
    public void Took(uint page)
    {
        ref var marked = ref _marked[page >> 6];
        var bit = 1UL << (int)(page & 63);
        if (_mark == 0)
        {
            marked &= ~bit;
            return;
        }

        marked |= bit;
        _marks[page] = _mark;
        _mark = 0;
    }

    /// <summary>It came back, and was a refault.</summary>
    /// <param name="page">The page.</param>
    /// <param name="byDomain">Whether it was evicted on an order of the domain.</param>
    /// <param name="clock">Virtual time.</param>
    public void Refaulted(uint page, bool byDomain, Func<long> clock)
    {
        if ((_marked[page >> 6] >> (int)(page & 63) & 1) == 0 || _marks[page] is var mark && !IsKept(mark - 1L))
        {
            return;
        }

        if (_count == most)
        {
            DropSome();
        }

        if (_count == most || !IsKept(mark - 1L))
        {
            return;
        }

        if (_count == _kept.Length)
        {
            Array.Resize(ref _kept, Math.Min(most, 2 * _count));
        }

        _kept[_count++] = new RefaultRecord(mark - 1L, byDomain, page >= firstAnon, clock());
    }

    private bool IsKept(long reclaim) => (reclaim & _every - 1) == 0;

    private void DropSome()
    {
        _every *= 2;
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            if (IsKept(_kept[i].Reclaim))
            {
                _kept[kept++] = _kept[i];
            }
        }

        _count = kept;
    }
}
