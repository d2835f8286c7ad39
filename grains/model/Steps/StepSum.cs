namespace Reclaim.Model.Steps;

/// <summary>Sums over the reports of a memcg that ran several times in one step: what is known of a step as a whole.</summary>
internal struct StepSum
{
    /// <summary>Pages it took from its node, less those that others reclaimed from it.</summary>
    public long PagesTaken;

    private long _accesses;
    private long _misses;
    private long _refaults;
    private long _scanned;
    private long _reclaimed;
    private ReclaimKinds _kinds;
    private int? _memoryAvg10;

    public void Add(in Report report)
    {
        PagesTaken += report.PagesTaken;
        _accesses += report.Accesses;
        _misses += report.Misses;
        _refaults += report.Refaults;
        _scanned += report.Scanned;
        _reclaimed += report.Reclaimed;
        _kinds += report.Kinds;
        _memoryAvg10 = report.MemoryAvg10 ?? _memoryAvg10;
    }

    /// <summary>The step in one report.</summary>
    /// <param name="stop">Why it is over.</param>
    /// <param name="nowNs">Virtual time it has reached.</param>
    public readonly Report Report(StopReason stop, long nowNs) =>
        new(stop, nowNs, PagesTaken, _accesses, _misses, _refaults, _scanned, _reclaimed) { Kinds = _kinds, MemoryAvg10 = _memoryAvg10 };
}
