using System.Collections.Immutable;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Records;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>What was written down of reclaims, as results have it.</summary>
internal static class RecordResults
{
    /// <summary>By <see cref="ReclaimKind"/>.</summary>
    private static readonly string[] _kinds = ["limit", "high", "proactive", "kswapd", "direct", "lru_gen"];

    /// <summary>By <see cref="StallKind"/>.</summary>
    private static readonly string[] _stalls = ["reclaim", "writeback", "high_throttle", "dirty_throttle", "thrashing", "io"];

    /// <summary>Of a cgroup; null: nothing was written down.</summary>
    public static CgroupRecordsResult? Of(Container container, CgroupSpec cgroup) => container.Memcg?.Records is not { } records ? null : new()
    {
        Tasks = [.. cgroup.Workloads.SelectMany(TaskNames)],
        Own = Log([cgroup.Path], records.Reclaims.Totals, records.Reclaims.Every, records.Reclaims.Kept(), _ => cgroup.Path),
        StallTotals = [.. records.Stalls.Totals.Where(total => total.Count > 0).Select(total => new StallTotalResult(_stalls[(int)total.Kind], total.Count, total.Ns))],
        StallsEvery = records.Stalls.Every,
        Stalls = [.. records.Stalls.Kept.ToArray().Select(stall => new StallResult(stall.Task, _stalls[(int)stall.Kind], stall.StartNs, stall.EndNs))],
        Refaults = [.. records.Refaults.Kept.ToArray().Select(refault => new RefaultResult(refault.Reclaim, refault.ByDomain, refault.Anonymous ? "anon" : "file", refault.AtNs))],
    };

    /// <summary>Of cgroups that share limits, or nodes; default: nothing was written down.</summary>
    public static ImmutableArray<ReclaimLogResult> Of(Coordinator coordinator)
    {
        ImmutableArray<ReclaimLogResult> logs = [.. coordinator.Domains.Select(domain => Of(domain, coordinator)).OfType<ReclaimLogResult>()];
        return logs.IsEmpty ? default : logs;
    }

    private static ReclaimLogResult? Of(SharedDomain domain, Coordinator coordinator)
    {
        var (totals, every) = domain.RecordTotals;
        return domain.Records is { } kept ? Log([.. domain.Members.Select(PathOf)], totals, every, kept, PathOf) : null;

        string PathOf(int member) => coordinator.Memcgs[member].Terms.Path;
    }

    private static ReclaimLogResult Log(
        ImmutableArray<string> cgroups, IReadOnlyList<ReclaimTotal> totals, long every, IEnumerable<(ReclaimRecord Record, IReadOnlyList<ScanRecord> Scans)> kept, Func<int, string> pathOf) => new()
        {
            Cgroups = cgroups,
            Totals = [.. totals.Where(total => total.Count > 0).Select(total => new ReclaimTotalResult(_kinds[(int)total.Kind], total.Count, total.Scanned, total.Reclaimed))],
            Every = every,
            Reclaims = [.. kept.Select(reclaim => Result(reclaim.Record, reclaim.Scans, pathOf))],
        };

    private static ReclaimResult Result(ReclaimRecord record, IReadOnlyList<ScanRecord> scans, Func<int, string> pathOf) => new()
    {
        Number = record.Number,
        Kind = _kinds[(int)record.Kind],
        Asker = record.Asker < 0 ? null : pathOf(record.Asker),
        Task = record.Task < 0 ? null : record.Task,
        Node = record.Node < 0 ? null : record.Node,
        For = record.For ?? pathOf(record.Asker),
        StartNs = record.StartNs,
        EndNs = record.EndNs,
        Scanned = record.Scanned,
        Reclaimed = record.Reclaimed,
        FreeBefore = record.FreeBefore < 0 ? null : record.FreeBefore,
        FreeAfter = record.FreeAfter < 0 ? null : record.FreeAfter,
        ScanCount = record.Scans,
        ScansEvery = record.ScansEvery,
        Scans = [.. scans.Select(scan => Result(scan, pathOf))],
    };

    private static ScanResult Result(ScanRecord scan, Func<int, string> pathOf) => new(
        pathOf(scan.Asker), pathOf(scan.Victim), scan.Node, scan.Priority, scan.StartNs, scan.EndNs, scan.Scanned, scan.Reclaimed)
    {
        OldestFile = scan.Seen.OldestFile < 0 ? null : scan.Seen.OldestFile,
        OldestAnon = scan.Seen.OldestAnon < 0 ? null : scan.Seen.OldestAnon,
        EvictedFile = scan.Seen.EvictedFile,
        EvictedAnon = scan.Seen.EvictedAnon,
        Protected = scan.Seen.Protected,
        Activated = scan.Seen.Activated,
    };

    /// <summary>A workload of several jobs has a task for each.</summary>
    private static IEnumerable<string> TaskNames(WorkloadSpec workload) => WorkloadPlans.JobCount(workload) is > 1 and var jobs
        ? Enumerable.Range(0, jobs).Select(job => $"{workload.Name}.{job}")
        : [workload.Name];
}
