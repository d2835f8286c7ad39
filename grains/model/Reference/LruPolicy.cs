namespace Reclaim.Model.Reference;

/// <summary>
/// Least recently used. R. L. Mattson, J. Gecsei, D. R. Slutz, I. L. Traiger, "Evaluation techniques for storage
/// hierarchies", IBM Systems Journal 9(2), 1970: the model of a stack algorithm.
/// </summary>
/// <remarks>
/// The resident pages stand in the order of their last requests. A hit moves the page to the front; the page at the
/// back leaves. It is exact: every request reorders the list, which no kernel can afford, since most of the
/// requests that reach memory are not even seen by it.
/// </remarks>
public sealed class LruPolicy : ReferencePolicy
{
    private const int Recency = 0;

    private readonly bool[] _resident;
    private readonly PageLists _lists;

    public LruPolicy(int pages, int capacity) : base(pages, capacity)
    {
        _resident = new bool[pages];
        _lists = new PageLists(pages, 1);
    }

    public override bool IsResident(uint page) => _resident[page];

    public override bool Access(uint page)
    {
        if (_resident[page])
        {
            _lists.Remove(Recency, page);
            _lists.AddFirst(Recency, page);
            return true;
        }

        if (Count == Capacity)
        {
            var victim = _lists.Last(Recency);
            _lists.Remove(Recency, victim);
            _resident[victim] = false;
            Count--;
            Evictions++;
        }

        _lists.AddFirst(Recency, page);
        _resident[page] = true;
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
}
