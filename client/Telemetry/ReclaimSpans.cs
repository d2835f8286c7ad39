using System.Diagnostics;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Telemetry;

/// <summary>
/// Reclaims as spans, children of the run's, which is one of the command's; the scans that a reclaim came to are its children; a refault is
/// linked to the reclaim that evicted the page. Virtual time is counted from when the run began.
/// </summary>
internal static class ReclaimSpans
{
    private const long NsPerTick = 100;

    /// <summary>Spans that a run comes to.</summary>
    public static int Count(RunResults run) => 1 + run.Hosts.Sum(host => Logs(host).Sum(log => log.Reclaims.Sum(reclaim => 1 + reclaim.Scans.Length))
        + host.Cgroups.Values.Sum(cgroup => cgroup.Records is { } records ? records.Refaults.Length + records.Stalls.Length : 0));

    /// <summary>Writes the spans of a run.</summary>
    /// <param name="source">Where to.</param>
    /// <param name="side">Name of its side in a comparison, or null.</param>
    /// <param name="run">The run.</param>
    /// <param name="start">When it began.</param>
    /// <param name="command">The command that ran it.</param>
    public static void Write(ActivitySource source, string? side, RunResults run, DateTimeOffset start, ActivityContext command)
    {
        KeyValuePair<string, object?>[] ofRun = [new("reclaim.scenario", run.Scenario), new("reclaim.side", side), new("reclaim.kernel", run.Kernel.Variant), new("reclaim.policy", run.Kernel.Policy), new("reclaim.digest", run.Digest)];
        var whole = Span(source, "run", command, ofRun, [], start, start.AddSeconds(run.VirtualSeconds));
        foreach (var host in whole is null ? [] : run.Hosts)
        {
            new OfHost(source, host, whole!.Value, start).Write();
        }
    }

    private static IEnumerable<ReclaimLogResult> Logs(HostResult host) =>
        (host.Reclaims.IsDefault ? [] : host.Reclaims).Concat(host.Cgroups.Values.Select(cgroup => cgroup.Records?.Own).OfType<ReclaimLogResult>());

    /// <returns>What others can refer to it by; null: it is not sampled.</returns>
    private static ActivityContext? Span(
        ActivitySource source, string name, ActivityContext parent, IEnumerable<KeyValuePair<string, object?>> tags, IEnumerable<ActivityLink> links, DateTimeOffset start, DateTimeOffset end)
    {
        using var span = source.StartActivity(name, ActivityKind.Internal, parent, tags.Where(tag => tag.Value is not null), links, start);
        span?.SetEndTime(end.UtcDateTime);
        return span?.Context;
    }

    private sealed class OfHost(ActivitySource source, HostResult host, ActivityContext ofRun, DateTimeOffset start)
    {
        private readonly Dictionary<(ReclaimLogResult Log, long Number), ActivityContext> _reclaims = [];

        public void Write()
        {
            foreach (var log in Logs(host))
            {
                foreach (var reclaim in log.Reclaims)
                {
                    Write(log, reclaim);
                }
            }

            foreach (var (path, cgroup) in host.Cgroups)
            {
                if (cgroup.Records is { } records)
                {
                    Write(path, records);
                }
            }
        }

        private void Write(ReclaimLogResult log, ReclaimResult reclaim)
        {
            var span = Span(
                source, $"reclaim {reclaim.Kind}", ofRun,
                [
                    new("reclaim.host", host.Name), new("reclaim.kind", reclaim.Kind), new("reclaim.asker", reclaim.Asker ?? "kswapd"), new("reclaim.for", reclaim.For),
                    new("reclaim.node", reclaim.Node), new("reclaim.number", reclaim.Number), new("reclaim.shown_one_of", log.Every),
                    new("pgscan", reclaim.Scanned), new("pgsteal", reclaim.Reclaimed), new("reclaim.scans", reclaim.ScanCount), new("reclaim.scans_shown_one_of", reclaim.ScansEvery),
                ],
                [], At(reclaim.StartNs), At(reclaim.EndNs));
            if (span is not { } context)
            {
                return;
            }

            _reclaims[(log, reclaim.Number)] = context;
            foreach (var scan in reclaim.Scans)
            {
                Span(
                    source, "shrink_lruvec", context,
                    [
                        new("reclaim.host", host.Name), new("reclaim.asker", scan.Asker), new("reclaim.victim", scan.Victim), new("reclaim.node", scan.Node), new("reclaim.priority", scan.Priority),
                        new("pgscan", scan.Scanned), new("pgsteal", scan.Reclaimed), new("reclaim.evicted_file", scan.EvictedFile), new("reclaim.evicted_anon", scan.EvictedAnon),
                        new("reclaim.protected", scan.Protected), new("reclaim.activated", scan.Activated), new("reclaim.oldest_file", scan.OldestFile), new("reclaim.oldest_anon", scan.OldestAnon),
                    ],
                    [], At(scan.StartNs), At(scan.EndNs));
            }
        }

        private void Write(string path, CgroupRecordsResult records)
        {
            foreach (var stall in records.Stalls)
            {
                Span(
                    source, $"stall {stall.Kind}", ofRun,
                    [new("reclaim.host", host.Name), new("reclaim.cgroup", path), new("reclaim.task", records.Tasks[stall.Task]), new("reclaim.kind", stall.Kind)],
                    [], At(stall.StartNs), At(stall.EndNs));
            }

            var others = host.Reclaims.IsDefault ? null : host.Reclaims.FirstOrDefault(log => log.Cgroups.Contains(path));
            foreach (var refault in records.Refaults)
            {
                if ((refault.ByOthers ? others : records.Own) is { } log && _reclaims.TryGetValue((log, refault.Reclaim), out var evicted))
                {
                    Span(
                        source, "refault", ofRun, [new("reclaim.host", host.Name), new("reclaim.cgroup", path), new("reclaim.type", refault.Type)],
                        [new ActivityLink(evicted)], At(refault.AtNs), At(refault.AtNs));
                }
            }
        }

        private DateTimeOffset At(long ns) => start.AddTicks(ns / NsPerTick);
    }
}
