namespace Reclaim.Model.Reference;

/// <summary>
/// First in, first out. L. A. Belady, "A study of replacement algorithms for a virtual-storage computer",
/// IBM Systems Journal 5(2), 1966, where it is the simplest of the policies compared.
/// </summary>
/// <remarks>
/// Pages leave in the order in which they came; being requested while resident changes nothing. That makes it
/// the floor: whatever a policy learns from hits shows as its distance from this one. The resident pages
/// stand in a ring in order of arrival, and the newcomer takes the place of the page it drives out.
/// </remarks>
public sealed class FifoPolicy : ReferencePolicy
{
    private readonly bool[] _resident;
    private readonly uint[] _ring;
    private int _oldest;

    public FifoPolicy(int pages, int capacity) : base(pages, capacity)
    {
        _resident = new bool[pages];
        _ring = new uint[Math.Min(pages, capacity)];
    }

    public override bool IsResident(uint page) => _resident[page];

    public override bool Access(uint page)
    {
        if (_resident[page])
            return true;

        if (Count < _ring.Length)
        {
            _ring[Count++] = page;
        }
        else
        {
            _resident[_ring[_oldest]] = false;
            Evictions++;
            _ring[_oldest] = page;
            _oldest = _oldest + 1 == _ring.Length ? 0 : _oldest + 1;
        }

        _resident[page] = true;
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
