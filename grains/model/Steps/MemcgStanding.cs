namespace Reclaim.Model.Steps;

/// <summary>Where a memcg stands after the last committed step, as its coordinator knows it.</summary>
public sealed record MemcgStanding
{
    /// <summary>What it was created with.</summary>
    public required MemcgTerms Terms { get; init; }

    /// <summary>Pages it holds.</summary>
    public long PagesHeld { get; init; }

    /// <summary>Pages the node has charged for it. Lags <see cref="PagesHeld"/> only before the first step.</summary>
    public long PagesCharged { get; init; }

    /// <summary>Virtual time it has reached.</summary>
    public long NowNs { get; init; }

    /// <summary>Whether it has nothing left to do: its workloads are done, or the run's time is over for it.</summary>
    public bool Finished { get; init; }

    public long Accesses { get; init; }

    public long Misses { get; init; }

    public long Refaults { get; init; }

    public long Scanned { get; init; }

    public long Reclaimed { get; init; }

    /// <summary>The avg10 of memory.pressure's some as last heard of, hundredths of a per cent.</summary>
    public int MemoryAvg10 { get; init; }

    /// <summary>Of the two: what was not for its limit.</summary>
    public ReclaimKinds Kinds { get; init; }

    /// <summary>Pages that the node charges after a further step. The few by which the last access of a process that was killed may pass the limit are not counted.</summary>
    internal long ChargedAfter(in Report report) => Math.Min(PagesHeld + report.PagesTaken, Terms.PagesLimit);

    /// <summary>The standing after a further step.</summary>
    internal MemcgStanding After(in Report report, long horizonNs) => this with
    {
        PagesHeld = PagesHeld + report.PagesTaken,
        PagesCharged = ChargedAfter(report),
        NowNs = report.Stop == StopReason.Horizon ? horizonNs : report.NowNs,
        Finished = report.Stop is StopReason.Done or StopReason.Horizon,
        Accesses = Accesses + report.Accesses,
        Misses = Misses + report.Misses,
        Refaults = Refaults + report.Refaults,
        Scanned = Scanned + report.Scanned,
        Reclaimed = Reclaimed + report.Reclaimed,
        MemoryAvg10 = report.MemoryAvg10 ?? MemoryAvg10,
        Kinds = Kinds + report.Kinds,
    };
}
