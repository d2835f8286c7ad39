using Reclaim.Contracts.Results;

namespace Reclaim.Client.Perfetto;

/// <summary>
/// Whose pages went in which scan, and which of them came back: the arrows of a trace. An arrow goes from a scan to the cgroup that it takes from, if
/// that is another than whose track it is on; and from a scan to the refault of a page that it evicted.
/// </summary>
internal sealed class Losses
{
    private readonly TraceWriter _writer;
    private readonly Dictionary<ScanResult, ulong> _taken = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(ReclaimResult Reclaim, string Victim), List<ulong>> _returning = [];
    private readonly Dictionary<(string Cgroup, int Refault), (ulong Arrow, ReclaimResult Reclaim)> _arrows = [];

    /// <param name="writer">Numbers arrows.</param>
    /// <param name="host">The cgroups with their refaults.</param>
    /// <param name="logs">Reclaims for limits that are shared, and for nodes.</param>
    public Losses(TraceWriter writer, HostResult host, IReadOnlyList<ReclaimLogResult> logs)
    {
        _writer = writer;
        foreach (var (path, cgroup) in host.Cgroups)
        {
            if (cgroup.Records is not { } records)
            {
                continue;
            }

            var own = records.Own.Reclaims.ToDictionary(reclaim => reclaim.Number);
            var others = logs.FirstOrDefault(log => log.Cgroups.Contains(path))?.Reclaims.ToDictionary(reclaim => reclaim.Number) ?? [];
            for (var i = 0; i < records.Refaults.Length; i++)
            {
                var refault = records.Refaults[i];
                if ((refault.ByOthers ? others : own).TryGetValue(refault.Reclaim, out var reclaim) && reclaim.Scans.Any(scan => scan.Victim == path && Evicted(scan) > 0))
                {
                    var arrow = writer.NextFlow();
                    _arrows.Add((path, i), (arrow, reclaim));
                    (_returning.TryGetValue((reclaim, path), out var arrows) ? arrows : _returning[(reclaim, path)] = []).Add(arrow);
                }
            }
        }
    }

    /// <summary>The arrows that begin at a scan.</summary>
    public IReadOnlyList<ulong> ArrowsFrom(ReclaimResult reclaim, ScanResult scan)
    {
        List<ulong> arrows = [];
        if (reclaim.Asker is null || scan.Victim != reclaim.Asker)
        {
            var taken = _writer.NextFlow();
            _taken.Add(scan, taken);
            arrows.Add(taken);
        }

        // Which scan of a reclaim evicted the page is not written down: the first that evicted some.
        if (Evicted(scan) > 0 && _returning.Remove((reclaim, scan.Victim), out var returning))
        {
            arrows.AddRange(returning);
        }

        return arrows;
    }

    /// <summary>The arrow that ends where a scan took pages from; null: it took them from the cgroup whose task it was.</summary>
    public ulong? ArrowTo(ScanResult scan) => _taken.TryGetValue(scan, out var arrow) ? arrow : null;

    /// <summary>The arrow that ends at a refault, and the reclaim that it comes from; null: that is not shown.</summary>
    public (ulong Arrow, ReclaimResult Reclaim)? ArrowTo(string cgroup, int refault) => _arrows.TryGetValue((cgroup, refault), out var arrow) ? arrow : null;

    private static long Evicted(ScanResult scan) => scan.EvictedFile + scan.EvictedAnon;
}
