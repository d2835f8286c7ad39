namespace Reclaim.Model.Records;

/// <summary>A reclaim that is under way.</summary>
/// <param name="most">Scans of it that are kept; of more, every second, fourth, ….</param>
internal sealed class OpenReclaim(int most)
{
    private readonly EvenSample<ScanRecord> _scans = new(most);

    /// <summary>What is known of it.</summary>
    public ReclaimRecord Record { get; private set; }

    /// <summary>Whether its scans are kept; if not, they are counted.</summary>
    public bool IsKept { get; private set; }

    /// <summary>The scans that are kept.</summary>
    public Span<ScanRecord> Scans => _scans.Items;

    /// <summary>Begins anew as another.</summary>
    public void Begin(ReclaimRecord record, bool isKept)
    {
        (Record, IsKept) = (record with { ScansEvery = 1 }, isKept);
        _scans.Clear();
    }

    /// <summary>Counts a scan.</summary>
    public void Add(in ScanRecord scan)
    {
        Record = Record with
        {
            Scanned = Record.Scanned + scan.Scanned,
            Reclaimed = Record.Reclaimed + scan.Reclaimed,
            Scans = Record.Scans + 1,
            EndNs = Math.Max(Record.EndNs, scan.EndNs),
        };
        if (IsKept)
        {
            _scans.Add(scan);
            Record = Record with { ScansEvery = _scans.Every };
        }
    }

    /// <summary>Says by whom and when it was, where that is known only afterwards: scans get the time in proportion to the pages they met.</summary>
    public void Time(int task, long startNs, long endNs)
    {
        var (met, all) = (0L, 0L);
        foreach (ref readonly var scan in Scans)
        {
            all += Met(scan);
        }

        foreach (ref var scan in Scans)
        {
            var from = met;
            met += Met(scan);
            scan = scan with { StartNs = Part(from), EndNs = Part(met) };
        }

        Record = Record with { Task = task, StartNs = startNs, EndNs = endNs };

        long Part(long of) => startNs + (long)((Int128)(endNs - startNs) * of / all);
    }

    /// <summary>It is over: when, and what is free by then.</summary>
    public OpenReclaim Ended(long endNs, long free)
    {
        Record = Record with { EndNs = Math.Max(Record.EndNs, endNs), FreeAfter = free };
        return this;
    }

    private static long Met(in ScanRecord scan) => 1 + scan.Scanned + scan.Seen.Protected;
}
