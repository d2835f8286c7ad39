namespace Reclaim.Model.Workloads;

/// <summary>
/// <c>gc</c>: a heap under a collector that marks and sweeps.
///
/// <code>
///   allocate: store to the next w pages that are free, round and round
///       │  w pages, or none is free
///       ▼
///   mark: load every live page in order; each stays alive with a chance of p in 1024
///       ▼
///   sweep: free the dead pages in order ──► allocate
/// </code>
/// </summary>
internal sealed class GcPattern(ulong n, long accesses, ulong seed, ulong w, uint p, bool write) : PatternSource(accesses, write)
{
    private readonly Page[] _pages = new Page[n];
    private SplitMix64 _random = new(seed);
    private Phase _phase;

    /// <summary>The next page that the phase looks at; allocation goes on where it was.</summary>
    private int _at;
    private int _next;

    private ulong _allocated;
    private ulong _used;

    private enum Page : byte
    {
        Free,
        Live,
        Dead,
    }

    private enum Phase : byte
    {
        Allocate,
        Mark,
        Sweep,
    }

    public override bool Frees => true;

    protected override void Generate(Span<uint> blocks, long first)
    {
        for (var i = 0; i < blocks.Length;)
        {
            var one = _phase switch
            {
                Phase.Allocate => Allocate(),
                Phase.Mark => Mark(),
                _ => Sweep(),
            };
            if (one is { } number)
                blocks[i++] = number;
        }
    }

    private uint? Allocate()
    {
        if (_allocated == w || _used == n)
            return Enter(Phase.Mark);

        while (_pages[_next] != Page.Free)
            _next = _next + 1 == _pages.Length ? 0 : _next + 1;
        var page = _next;
        _pages[page] = Page.Live;
        _next = page + 1 == _pages.Length ? 0 : page + 1;
        _allocated++;
        _used++;
        return (uint)page | WriteBit;
    }

    private uint? Mark()
    {
        if (!Find(Page.Live))
            return Enter(Phase.Sweep);

        if (!_random.Chance(p))
            _pages[_at] = Page.Dead;
        return (uint)_at++;
    }

    private uint? Sweep()
    {
        if (!Find(Page.Dead))
            return Enter(Phase.Allocate);

        _pages[_at] = Page.Free;
        _used--;
        return (uint)_at++ | FreeBit;
    }

    private bool Find(Page kind)
    {
        var ahead = _pages.AsSpan(_at).IndexOf(kind);
        _at = ahead < 0 ? _pages.Length : _at + ahead;
        return ahead >= 0;
    }

    private uint? Enter(Phase phase)
    {
        _phase = phase;
        _at = 0;
        _allocated = 0;
        return null;
    }
}
