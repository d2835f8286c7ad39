namespace Reclaim.Model.Reference;

/// <summary>
/// ARC, adaptive replacement. N. Megiddo, D. S. Modha, "ARC: a self-tuning, low overhead replacement cache", FAST 2003.
/// </summary>
/// <remarks>
/// The cache is divided into pages requested once of late (<em>T1</em>) and pages requested at least twice (<em>T2</em>), both in
/// order of their last request. Behind each stands a list of the numbers of pages evicted from it (<em>B1</em>, <em>B2</em>).
/// A request for a page in B1 says that T1 should have been larger, one in B2 that T2 should have been: the target size
/// of T1 (<em>p</em>) moves accordingly, the faster the shorter that list is beside the other. So the balance of recency and
/// frequency follows the requests. T1 and B1 together hold at most the capacity, all four at most twice the capacity.
/// <code>
///   newcomer ──► T1 ── hit ──► T2 ◄─┐ hit
///                │             │ └──┘
///             evicted       evicted
///                ▼             ▼
///                B1            B2
///                │             │
///        comes back to T2   comes back to T2
///        and raises p       and lowers p
/// </code>
/// The target is a fraction, not a whole number: the paper leaves it open, and most implementations agree on this.
/// </remarks>
public sealed class ArcPolicy : ReferencePolicy
{
    private const int T1 = 0;
    private const int T2 = 1;
    private const int B1 = 2;
    private const int B2 = 3;
    private const byte Nowhere = 4;

    private readonly PageLists _lists;
    private readonly byte[] _place;

    /// <summary>p: the size wanted for T1, in pages.</summary>
    private double _target;

    public ArcPolicy(int pages, int capacity) : base(pages, capacity)
    {
        _lists = new PageLists(pages, 4);
        _place = new byte[pages];
        Array.Fill(_place, Nowhere);
    }

    public override bool IsResident(uint page) => _place[page] <= T2;

    public override bool Access(uint page)
    {
        int place = _place[page];
        switch (place)
        {
            case T1:
            case T2:
                _lists.Remove(place, page);
                Enter(T2, page);
                return true;

            case B1:
                _target = Math.Min(_target + Step(B2, B1), Capacity);
                _lists.Remove(B1, page);
                Replace(returnsFromB2: false);
                Enter(T2, page);
                break;

            case B2:
                _target = Math.Max(_target - Step(B1, B2), 0);
                _lists.Remove(B2, page);
                Replace(returnsFromB2: true);
                Enter(T2, page);
                break;

            default:
                if (Count == Capacity)
                    MakeRoomForNewcomer();
                Enter(T1, page);
                break;
        }

        Count++;
        return false;
    }

    public override int Replay(ReadOnlySpan<uint> pages, Span<bool> hits)
    {
        var count = 0;
        for (var i = 0; i < pages.Length; i++)
        {
            if (hits[i] = Access(pages[i]))
                count++;
        }

        return count;
    }

    /// <summary>How far the target moves on a return to <paramref name="own"/>: at least a page, more if the list is the shorter.</summary>
    private double Step(int other, int own) => Math.Max((double)_lists.Count(other) / _lists.Count(own), 1);

    /// <summary>Case IV of the paper: a page in none of the four lists, and the cache is full.</summary>
    private void MakeRoomForNewcomer()
    {
        if (_lists.Count(T1) + _lists.Count(B1) == Capacity)
        {
            if (_lists.Count(B1) == 0)
            {
                Evict(T1, Nowhere);
                return;
            }

            Forget(B1);
        }
        else if (_lists.Count(B1) + _lists.Count(B2) >= Capacity)
        {
            Forget(B2);
        }

        Replace(returnsFromB2: false);
    }

    /// <summary>REPLACE of the paper: evicts from T1 if it is larger than its target, else from T2.</summary>
    private void Replace(bool returnsFromB2)
    {
        var t1 = _lists.Count(T1);
        var fromT1 = t1 > 0 && (t1 > _target || (returnsFromB2 && t1 == _target));
        if (fromT1 || _lists.Count(T2) == 0)
            Evict(T1, B1);
        else
            Evict(T2, B2);
    }

    private void Evict(int list, byte to)
    {
        var victim = _lists.Last(list);
        _lists.Remove(list, victim);
        if (to == Nowhere)
            _place[victim] = Nowhere;
        else
            Enter(to, victim);
        Count--;
        Evictions++;
    }

    private void Forget(int ghosts)
    {
        var page = _lists.Last(ghosts);
        _lists.Remove(ghosts, page);
        _place[page] = Nowhere;
    }

    private void Enter(int list, uint page)
    {
        _lists.AddFirst(list, page);
        _place[page] = (byte)list;
    }
}
