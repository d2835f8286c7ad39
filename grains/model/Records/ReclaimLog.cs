namespace Reclaim.Model.Records;

/// <summary>
/// The reclaims of a memcg for itself, or of a domain. All are counted, and so many are kept, spread evenly over the run however long it is:
/// those whose number a power of two divides.
///
/// <code>
///   Begin ──► scans are added to it ──► End ──► kept, if its number is one of those ──► too many? every second one is dropped
///     └ totals count it                 └ totals count its pages as they come
/// </code>
///
/// What is kept is arrays: a reclaim costs a few dozen nanoseconds and allocates nothing once they have grown.
/// </summary>
/// <param name="most">Reclaims that are kept.</param>
internal sealed class ReclaimLog(int most)
{
    /// <summary>Scans kept in all, for each reclaim that may be.</summary>
    private const int MostScansOfEach = 4;

    /// <summary>Scans of one reclaim whose pages are marked.</summary>
    private const int MostMarksOfOne = 16;

    /// <summary>Scans of one reclaim that are kept.</summary>
    private readonly int _mostScansOfOne = Math.Max(256, most / 16);

    private readonly ReclaimTotal[] _totals = [.. Enum.GetValues<ReclaimKind>().Select(kind => new ReclaimTotal(kind, 0, 0, 0))];
    private readonly List<OpenReclaim> _open = [];
    private readonly Stack<OpenReclaim> _spare = new();
    private (ReclaimRecord Record, int Scans)[] _kept = new (ReclaimRecord, int)[Math.Min(most, 16)];
    private ScanRecord[] _scans = new ScanRecord[16];
    private int _keptCount;
    private int _scanCount;
    private long _next;

    /// <summary>One of so many is kept.</summary>
    public long Every { get; private set; } = 1;

    /// <summary>By kind, all of them.</summary>
    public IReadOnlyList<ReclaimTotal> Totals => _totals;

    /// <summary>Those under way, in the order in which they began.</summary>
    public IReadOnlyList<OpenReclaim> Open => _open;

    /// <summary>A reclaim begins.</summary>
    /// <param name="record">What is known of it; it is given its number here.</param>
    public OpenReclaim Begin(ReclaimRecord record)
    {
        var open = _spare.TryPop(out var spare) ? spare : new OpenReclaim(_mostScansOfOne);
        open.Begin(record with { Number = _next++, EndNs = record.StartNs }, IsKept(_next - 1));
        _open.Add(open);
        ref var total = ref _totals[(int)record.Kind];
        total = total with { Count = total.Count + 1 };
        return open;
    }

    /// <summary>It has scanned.</summary>
    public void Add(OpenReclaim open, in ScanRecord scan)
    {
        open.Add(scan);
        ref var total = ref _totals[(int)open.Record.Kind];
        total = total with { Scanned = total.Scanned + scan.Scanned, Reclaimed = total.Reclaimed + scan.Reclaimed };
    }

    /// <summary>It is over.</summary>
    public void End(OpenReclaim open)
    {
        _open.Remove(open);
        if (IsKept(open.Record.Number))
        {
            Keep(open.Record, open.Scans);
        }

        _spare.Push(open);
    }

    /// <summary>What the first page is to be marked with that the next scan evicts: the number of the reclaim, from 1 on; 0: with nothing.</summary>
    public uint MarkOf(OpenReclaim open) => IsKept(open.Record.Number) && open.Record.Scans < MostMarksOfOne ? (uint)open.Record.Number + 1 : 0;

    /// <summary>Those that are kept, with their scans; those under way last, as far as they have come.</summary>
    public IEnumerable<(ReclaimRecord Record, IReadOnlyList<ScanRecord> Scans)> Kept()
    {
        var first = 0;
        for (var i = 0; i < _keptCount; i++)
        {
            yield return (_kept[i].Record, _scans[first..(first + _kept[i].Scans)]);
            first += _kept[i].Scans;
        }

        foreach (var open in _open.Where(open => IsKept(open.Record.Number)))
        {
            yield return (open.Record, open.Scans.ToArray());
        }
    }

    private bool IsKept(long number) => (number & Every - 1) == 0;

    private void Keep(in ReclaimRecord record, ReadOnlySpan<ScanRecord> scans)
    {
        if (_keptCount == _kept.Length)
        {
            Array.Resize(ref _kept, 2 * _keptCount);
        }

        if (_scanCount + scans.Length > _scans.Length)
        {
            Array.Resize(ref _scans, Math.Max(2 * _scans.Length, _scanCount + scans.Length));
        }

        _kept[_keptCount++] = (record, scans.Length);
        scans.CopyTo(_scans.AsSpan(_scanCount));
        _scanCount += scans.Length;
        while (_keptCount > most || (_scanCount > MostScansOfEach * (long)most && _keptCount > 1))
        {
            DropEverySecond();
        }
    }

    private void DropEverySecond()
    {
        Every *= 2;
        var (kept, scans, first) = (0, 0, 0);
        for (var i = 0; i < _keptCount; i++)
        {
            var entry = _kept[i];
            if (IsKept(entry.Record.Number))
            {
                Array.Copy(_scans, first, _scans, scans, entry.Scans);
                _kept[kept++] = entry;
                scans += entry.Scans;
            }

            first += entry.Scans;
        }

        (_keptCount, _scanCount) = (kept, scans);
    }
}
