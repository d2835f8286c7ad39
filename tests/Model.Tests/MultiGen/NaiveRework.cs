using System.Numerics;

namespace Reclaim.Model.Tests.MultiGen;

/// <summary>
/// The multi-gen LRU of v6.14 and v6.19 for files that are read, one list a generation and one object a page: slow, and written
/// from the description of the rules alone. Without limits; reclaim is what a test asks for.
/// </summary>
/// <param name="width">LRU_REFS_WIDTH.</param>
/// <param name="roundWithinTarget">v6.19.</param>
internal sealed class NaiveRework(int width, bool roundWithinTarget)
{
    private readonly Dictionary<uint, Page> _pages = [];
    private readonly Dictionary<uint, (ulong Sequence, int Refs, bool Workingset)> _shadows = [];
    private readonly List<uint> _batch = [];
    private readonly List<Generation> _generations = [new(0), new(1), new(2), new(3)];
    private readonly (BigInteger Refaulted, BigInteger Total)[] _average = new (BigInteger, BigInteger)[4];
    private (long Refaulted, long Evicted, long Protected)[] _now = new (long, long, long)[4];

    public ulong MaxSeq => _generations[^1].Sequence;

    public ulong MinSeq => _generations[0].Sequence;

    public long Restored { get; private set; }

    public IEnumerable<uint> Resident => _pages.Keys.Order();

    /// <summary>Pages of a generation, oldest first.</summary>
    public IEnumerable<uint> PagesOf(ulong sequence) => _generations.Single(generation => generation.Sequence == sequence).Pages;

    /// <summary>What the controller goes by: averages, and the oldest generation's own.</summary>
    public ((BigInteger Refaulted, BigInteger Total) Average, (long Refaulted, long Evicted, long Protected) Now) Counters(int tier) => (_average[tier], _now[tier]);

    public bool Read(uint number)
    {
        var hit = _pages.TryGetValue(number, out var page);
        if (page is null)
        {
            page = _pages[number] = new Page();
            if (_shadows.Remove(number, out var shadow) && MaxSeq - shadow.Sequence < 4)
            {
                page.Workingset = shadow.Workingset;
                Restored += shadow.Workingset ? 1 : 0;
                _now[Tier(shadow.Refs, shadow.Workingset)].Refaulted++;
            }

            _batch.Add(number);
            if (_batch.Count == 31)
            {
                Drain();
            }
        }

        if (page.Reads <= 1 << width)
        {
            page.Reads++;
        }

        // The first read sets R, 2^W − 1 more fill F, and the next sets WS.
        if (page.Reads > 1 << width)
        {
            page.Reads = 1 << width;
            page.Workingset = true;
        }

        return hit;
    }

    public void Drain()
    {
        foreach (var number in _batch)
        {
            var sequence = Math.Max(MinSeq, MaxSeq - (_pages[number].Workingset ? 2u : 3u));
            _generations.Single(generation => generation.Sequence == sequence).Pages.Add(number);
        }

        _batch.Clear();
    }

    public void Shrink(int priority)
    {
        Drain();
        for (var scanned = 0; ;)
        {
            if (_generations.Count <= 3 && priority < 12)
            {
                _generations.Add(new Generation(MaxSeq + 1));
                return;
            }

            var target = _generations.Count == 2 ? 0 : _generations.Sum(generation => generation.Pages.Count) >> priority;
            var looked = target == 0 ? 0 : Round(target);
            scanned += looked;
            if (looked == 0 || scanned >= target)
            {
                return;
            }
        }
    }

    private int Round(int target)
    {
        var (scanned, budget) = (0, roundWithinTarget ? Math.Min(target, 4096) : 4096);
        var victims = new List<uint>();
        var threshold = Threshold();
        var (oldest, next) = (_generations[0].Pages, _generations[1].Pages);
        while (oldest.Count > 0 && scanned < budget && victims.Count < 64)
        {
            var number = oldest[0];
            var page = _pages[number];
            oldest.RemoveAt(0);
            scanned++;
            var saturated = page.Workingset && page.Reads == 1 << width;
            var tier = Tier(page.Reads, page.Workingset);
            if (tier > threshold || saturated)
            {
                _now[tier].Protected += saturated ? 0 : 1;
                page.Reads = 0;
                next.Add(number);
            }
            else
            {
                victims.Add(number);
            }
        }

        if (victims.Count == 0 && scanned < budget)
        {
            scanned = 0;
        }

        if (oldest.Count == 0)
        {
            // Counters go into the average once, however many generations are empty.
            for (var tier = 0; tier < 4; tier++)
            {
                var ((refaulted, total), now) = (_average[tier], _now[tier]);
                _average[tier] = ((refaulted + now.Refaulted) / 2, (total + now.Evicted + now.Protected) / 2);
            }

            _now = new (long, long, long)[4];
            do
            {
                _generations.RemoveAt(0);
            }
            while (_generations.Count > 2 && _generations[0].Pages.Count == 0);

            scanned++;
        }

        foreach (var number in victims)
        {
            var page = _pages[number];
            _pages.Remove(number);
            _now[Tier(page.Reads, page.Workingset)].Evicted++;
            _shadows[number] = (MinSeq, Math.Max(page.Reads, 1), page.Workingset);
        }

        return _generations.Count == 2 ? 0 : scanned;
    }

    private int Threshold()
    {
        var (refaulted, total) = Position(0);
        for (var tier = 1; tier < 4; tier++)
        {
            var (r, t) = Position(tier);
            if (r >= 64 && r * (total + 64) * 2 > (refaulted + 1) * t * 3)
            {
                return tier - 1;
            }
        }

        return 3;
    }

    private (BigInteger Refaulted, BigInteger Total) Position(int tier) =>
        (_average[tier].Refaulted + _now[tier].Refaulted, _average[tier].Total + _now[tier].Evicted + _now[tier].Protected);

    private static int Tier(int reads, bool workingset) => workingset ? 3 : reads switch { <= 1 => 0, 2 => 1, _ => 2 };

    private sealed class Page
    {
        /// <summary>Accesses since the flags were cleared, WS apart: 0 without R, else F + 1.</summary>
        public int Reads { get; set; }

        public bool Workingset { get; set; }
    }

    private sealed record Generation(ulong Sequence)
    {
        public List<uint> Pages { get; } = [];
    }
}
