namespace Reclaim.Model.Reference;

/// <summary>
/// S3-FIFO. J. Yang, Y. Zhang, Z. Qiu, Y. Yue, K. V. Rashmi, "FIFO queues are all you need for cache eviction", SOSP 2023.
/// </summary>
/// <remarks>
/// Most pages that are requested once are not requested again soon, so a newcomer passes a <em>small</em> queue first (a tenth
/// of the cache). If it was hit twice by the time it reaches the small queue's end it goes on to the <em>main</em> queue; if not
/// it is evicted, but its number is remembered in a <em>ghost</em> queue (nine tenths of the cache's size). A page that
/// comes back while remembered enters the main queue at once. The main queue is a clock with a counter up to three: a page that
/// was hit goes round again for one off its counter. A hit only raises a counter.
/// <code>
///   newcomer ──► small ──► hit twice? ──yes──► main ──► hit? ──yes──► main, counter − 1
///                              │no              ▲         │no
///                              ▼                │         ▼
///                            ghost ── comes back┘        out
/// </code>
/// Sizes and thresholds are the defaults of libCacheSim, the simulator of the authors of the paper.
/// </remarks>
public sealed class S3FifoPolicy : ReferencePolicy
{
    private const int Small = 0;
    private const int Main = 1;
    private const int Ghost = 2;
    private const byte Nowhere = 3;

    private const byte MaxHits = 3;
    private const byte HitsToMain = 2;

    private readonly PageLists _lists;
    private readonly byte[] _place;
    private readonly byte[] _hits;
    private readonly int _mainTarget;
    private readonly int _ghostCapacity;

    public S3FifoPolicy(int pages, int capacity) : base(pages, capacity)
    {
        _lists = new PageLists(pages, 3);
        _place = new byte[pages];
        Array.Fill(_place, Nowhere);
        _hits = new byte[pages];
        _mainTarget = capacity - Math.Max(1, capacity / 10);
        _ghostCapacity = (int)(capacity * 9L / 10);
    }

    public override bool IsResident(uint page) => _place[page] < Ghost;

    public override bool Access(uint page)
    {
        var place = _place[page];
        if (place < Ghost)
        {
            if (_hits[page] < MaxHits)
                _hits[page]++;
            return true;
        }

        // The returning page leaves the ghost queue before another is put there to make room for it.
        if (place == Ghost)
            _lists.Remove(Ghost, page);

        if (Count == Capacity)
            Evict();

        Enter(place == Ghost ? Main : Small, page);
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
        // The small queue may run empty with all its pages gone on to main; then main gives.
        var fromMain = _lists.Count(Main) > _mainTarget || _lists.Count(Small) == 0;
        if (fromMain || !EvictFromSmall())
            EvictFromMain();

        Count--;
        Evictions++;
    }

    private bool EvictFromSmall()
    {
        while (_lists.Count(Small) > 0)
        {
            var page = _lists.Last(Small);
            _lists.Remove(Small, page);
            if (_hits[page] >= HitsToMain)
            {
                Enter(Main, page);
                continue;
            }

            Remember(page);
            return true;
        }

        return false;
    }

    private void EvictFromMain()
    {
        var page = _lists.Last(Main);
        while (_hits[page] > 0)
        {
            _hits[page]--;
            _lists.Remove(Main, page);
            _lists.AddFirst(Main, page);
            page = _lists.Last(Main);
        }

        _lists.Remove(Main, page);
        _place[page] = Nowhere;
    }

    private void Remember(uint page)
    {
        _place[page] = Nowhere;
        if (_ghostCapacity == 0)
            return;

        if (_lists.Count(Ghost) == _ghostCapacity)
        {
            var forgotten = _lists.Last(Ghost);
            _lists.Remove(Ghost, forgotten);
            _place[forgotten] = Nowhere;
        }

        _lists.AddFirst(Ghost, page);
        _place[page] = Ghost;
    }

    private void Enter(int queue, uint page)
    {
        _lists.AddFirst(queue, page);
        _place[page] = (byte)queue;
        _hits[page] = 0;
    }
}
