namespace Reclaim.Model.Reference;

/// <summary>
/// SIEVE. Y. Zhang, J. Yang, Y. Yue, Y. Vigfusson, K. V. Rashmi, "SIEVE is simpler than LRU: an efficient
/// turn-key eviction algorithm for web caches", NSDI 2024.
/// </summary>
/// <remarks>
/// The resident pages stand in the order of their arrival and never move. A hit marks the page as visited. To evict,
/// a hand goes from the oldest page towards the newest, clearing marks, and takes the first page without one; from the
/// newest it returns to the oldest. Unlike CLOCK, newcomers do not take the victim's place but go to the front, ahead of the
/// hand: old pages that survived stay behind it, and a newcomer that is not requested soon is sifted out quickly.
/// </remarks>
public sealed class SievePolicy : ReferencePolicy
{
    private const byte Absent = 0;
    private const byte Resident = 1;
    private const byte Visited = 2;

    private const int Arrival = 0;

    private readonly byte[] _state;
    private readonly PageLists _lists;

    /// <summary>The page looked at next; the list's anchor: the oldest one, whichever that is by then.</summary>
    private uint _hand;

    public SievePolicy(int pages, int capacity) : base(pages, capacity)
    {
        _state = new byte[pages];
        _lists = new PageLists(pages, 1);
        _hand = _lists.Anchor(Arrival);
    }

    public override bool IsResident(uint page) => _state[page] != Absent;

    public override bool Access(uint page)
    {
        if (_state[page] != Absent)
        {
            _state[page] = Visited;
            return true;
        }

        if (Count == Capacity)
            Evict();

        _lists.AddFirst(Arrival, page);
        _state[page] = Resident;
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

    private void Evict()
    {
        var victim = OrOldest(_hand);
        while (_state[victim] == Visited)
        {
            _state[victim] = Resident;
            victim = OrOldest(_lists.Before(victim));
        }

        _hand = _lists.Before(victim);
        _lists.Remove(Arrival, victim);
        _state[victim] = Absent;
        Count--;
        Evictions++;
    }

    private uint OrOldest(uint page) => page == _lists.Anchor(Arrival) ? _lists.Last(Arrival) : page;
}
