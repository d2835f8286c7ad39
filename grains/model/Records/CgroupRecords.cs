namespace Reclaim.Model.Records;

/// <summary>
/// What is written down of a container while it runs: its reclaims for itself, the stalls of its tasks, and which of its pages came back whose
/// eviction is written down. What others do to it stands in the <see cref="ReclaimLog"/> of their domain. Nothing else depends on any of it.
/// </summary>
/// <param name="most">Reclaims that are kept; twice as many stalls and refaults.</param>
/// <param name="number">Number of the container.</param>
/// <param name="node">The node that its pages are on, where that is one.</param>
/// <param name="pages">Its pages.</param>
/// <param name="firstAnon">The first anonymous one.</param>
internal sealed class CgroupRecords(int most, int number, int node, int pages, uint firstAnon)
{
    private readonly List<OpenReclaim> _untimed = [];

    /// <summary>Number of the container.</summary>
    public int Number => number;

    /// <summary>The node that its pages are on, where that is one.</summary>
    public int Node => node;

    /// <summary>Its reclaims for itself.</summary>
    public ReclaimLog Reclaims { get; } = new(most);

    /// <summary>The stalls of its tasks.</summary>
    public StallLog Stalls { get; } = new(2 * most);

    /// <summary>Its refaults.</summary>
    public RefaultLog Refaults { get; } = new(pages, firstAnon, 2 * most);

    /// <summary>The last scan on an order of its domain, until it is taken.</summary>
    public ScanSeen? Ordered { get; set; }

    /// <inheritdoc cref="Ordered"/>
    public ScanSeen? TakeOrdered()
    {
        var ordered = Ordered;
        Ordered = null;
        return ordered;
    }

    /// <summary>Reclaim begins on its own behalf: what it costs, and whom, is known when the access is over (<see cref="Time"/>).</summary>
    public void Begin(ReclaimKind kind, long nowNs) =>
        _untimed.Add(Reclaims.Begin(new ReclaimRecord(0, kind, number, -1, -1, null) { StartNs = nowNs, FreeBefore = -1, FreeAfter = -1 }));

    /// <summary>The mark of the reclaim under way.</summary>
    public uint Mark => _untimed.Count == 0 ? 0 : Reclaims.MarkOf(_untimed[^1]);

    /// <summary>The reclaim under way has scanned.</summary>
    public void Add(in ScanRecord scan) => Reclaims.Add(_untimed[^1], scan);

    /// <summary>What began since this was last said took so long together; each has its part by the pages it met.</summary>
    /// <param name="task">Number of the job; −1: whoever wrote a control file.</param>
    /// <param name="startNs">Virtual time.</param>
    /// <param name="endNs">Likewise, its end.</param>
    public void Time(int task, long startNs, long endNs)
    {
        var (met, all) = (0L, 0L);
        foreach (var open in _untimed)
        {
            all += 1 + open.Record.Scanned;
        }

        foreach (var open in _untimed)
        {
            var from = met;
            met += 1 + open.Record.Scanned;
            open.Time(task, Part(from), Part(met));
            Reclaims.End(open);
        }

        _untimed.Clear();

        long Part(long of) => startNs + (long)((Int128)(endNs - startNs) * of / all);
    }
}
