namespace Reclaim.Model.Reference;

/// <summary>
/// OPT, the best that is possible: evicts the page whose next request is farthest away. L. A. Belady, "A study of
/// replacement algorithms for a virtual-storage computer", IBM Systems Journal 5(2), 1966.
/// </summary>
/// <remarks>
/// It must know the requests to come, so it takes the whole trace beforehand and then follows it. As
/// elsewhere in this folder a page that is requested always comes in, even if it would be the first to leave again. Every
/// request of a trace is the next one of at most one page, so "the resident page needed last" is the highest request number
/// marked in a set of request numbers: on a request its own mark is cleared and that of the page's next request is
/// set. Pages with no request left go before all others.
/// </remarks>
public sealed class OptPolicy : ReferencePolicy
{
    private const int Never = -1;

    private readonly uint[] _trace;
    private readonly int[] _next;
    private readonly bool[] _resident;
    private readonly RequestSet _needed;
    private readonly uint[] _unneeded;
    private int _unneededCount;
    private int _now;

    /// <param name="pages">Pages of the address space.</param>
    /// <param name="capacity">Pages that fit.</param>
    /// <param name="trace">All requests that will be made, in order.</param>
    public OptPolicy(int pages, int capacity, ReadOnlySpan<uint> trace) : base(pages, capacity)
    {
        _trace = trace.ToArray();
        _next = NextRequests(_trace, pages);
        _resident = new bool[pages];
        _needed = new RequestSet(trace.Length);
        _unneeded = new uint[Math.Min(pages, capacity)];
    }

    public override bool IsResident(uint page) => _resident[page];

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">This is not the next request of the trace.</exception>
    public override bool Access(uint page)
    {
        if (_now >= _trace.Length || _trace[_now] != page)
            throw new InvalidOperationException($"page {page} is not request {_now} of the trace that opt was given");

        var hit = _resident[page];
        if (hit)
        {
            _needed.Remove(_now);
        }
        else
        {
            if (Count == Capacity)
                Evict();
            _resident[page] = true;
            Count++;
        }

        var next = _next[_now];
        if (next == Never)
            _unneeded[_unneededCount++] = page;
        else
            _needed.Add(next);

        _now++;
        return hit;
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
        uint victim;
        if (_unneededCount > 0)
        {
            victim = _unneeded[--_unneededCount];
        }
        else
        {
            var farthest = _needed.Max();
            _needed.Remove(farthest);
            victim = _trace[farthest];
        }

        _resident[victim] = false;
        Count--;
        Evictions++;
    }

    /// <summary>For each request the number of the next one for the same page, or <see cref="Never"/>.</summary>
    private static int[] NextRequests(uint[] trace, int pages)
    {
        var next = new int[trace.Length];
        var upcoming = new int[pages];
        Array.Fill(upcoming, Never);
        for (var i = trace.Length - 1; i >= 0; i--)
        {
            next[i] = upcoming[trace[i]];
            upcoming[trace[i]] = i;
        }

        return next;
    }
}
