namespace Reclaim.Benchmarks;

/// <summary>
/// The yardstick: exact LRU as one would first write it in C#, two arrays of links and nothing else. It has no names for its
/// parts on purpose; the model's policies must show what theirs cost beside it.
/// </summary>
internal sealed class ExactLru
{
    private readonly uint[] _previous;
    private readonly uint[] _next;
    private readonly bool[] _resident;
    private readonly uint _anchor;
    private int _free;

    public ExactLru(int pages, int capacity)
    {
        _previous = new uint[pages + 1];
        _next = new uint[pages + 1];
        _resident = new bool[pages];
        _anchor = (uint)pages;
        _previous[_anchor] = _next[_anchor] = _anchor;
        _free = capacity;
    }

    public bool Access(uint page)
    {
        var hit = _resident[page];
        if (hit)
        {
            Unlink(page);
        }
        else if (_free > 0)
        {
            _free--;
            _resident[page] = true;
        }
        else
        {
            var victim = _previous[_anchor];
            Unlink(victim);
            _resident[victim] = false;
            _resident[page] = true;
        }

        var first = _next[_anchor];
        _previous[page] = _anchor;
        _next[page] = first;
        _previous[first] = page;
        _next[_anchor] = page;
        return hit;
    }

    private void Unlink(uint page)
    {
        var (before, after) = (_previous[page], _next[page]);
        _next[before] = after;
        _previous[after] = before;
    }
}
