using System.Collections.Immutable;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Perfetto;

/// <summary>The tracks of one cgroup.</summary>
/// <param name="writer">Where to.</param>
/// <param name="group">The track that they stand below.</param>
/// <param name="path">Its path.</param>
/// <param name="cgroup">Its results.</param>
internal sealed class CgroupTracks(TraceWriter writer, ulong group, string path, CgroupResult cgroup)
{
    /// <summary>Samples that are shown, and what they count; the others are in a table of samples.</summary>
    private static readonly (string Column, string Unit)[] _samples =
    [
        ("charged", "pages"),
        .. Enumerable.Range(0, 4).Select(age => ($"file_age{age}", "pages")),
        .. Enumerable.Range(0, 4).Select(age => ($"anon_age{age}", "pages")),
        ("workingset_refault_file", "pages"),
        ("workingset_refault_anon", "pages"),
        ("pgscan", "pages"),
        ("pgsteal", "pages"),
        ("memory_some", "µs"),
        ("memory_full", "µs"),
        ("io_some", "µs"),
    ];

    private int _rank;

    /// <summary>Writes them.</summary>
    /// <param name="logs">Reclaims for limits that are shared, and for nodes.</param>
    /// <param name="losses">Whose pages they took, and which came back.</param>
    public void Write(IReadOnlyList<ReclaimLogResult> logs, Losses losses)
    {
        if (cgroup.Records is { } records)
        {
            WriteTasks(records, losses);
            WriteAsked(logs, losses);
            WriteControl(records, losses);
            WriteTaken(logs, losses);
            WriteRefaults(records, losses);
        }

        WriteSamples();
    }

    private void WriteTasks(CgroupRecordsResult records, Losses losses)
    {
        var reclaims = records.Own.Reclaims.Where(reclaim => reclaim.Task is not null).ToLookup(reclaim => reclaim.Task!.Value);
        var stalls = records.Stalls.ToLookup(stall => stall.Task);
        var description = $"{Shown.Of([records.Own])}; {Shown.Of(records)}";
        for (var task = 0; task < records.Tasks.Length; task++)
        {
            var name = records.Tasks[task];
            var rank = _rank++;
            var lanes = new Lanes(_ => writer.Track(group, name, rank, description));
            var things = reclaims[task].Select(reclaim => (reclaim.StartNs, reclaim.EndNs, Reclaim: (ReclaimResult?)reclaim, Kind: ""))
                .Concat(stalls[task].Select(stall => (stall.StartNs, stall.EndNs, Reclaim: (ReclaimResult?)null, stall.Kind)));
            foreach (var (startNs, endNs, reclaim, kind) in things.OrderBy(thing => thing.StartNs).ThenBy(thing => thing.EndNs))
            {
                var track = lanes.For(startNs, endNs);
                if (reclaim is not null)
                {
                    ReclaimSlices.Write(writer, track, reclaim, losses);
                    continue;
                }

                writer.Begin(track, startNs, $"stalled: {kind}");
                writer.End(track, endNs);
            }
        }
    }

    /// <summary>What tasks of it had to wait for: reclaim that others may be the victims of.</summary>
    private void WriteAsked(IReadOnlyList<ReclaimLogResult> logs, Losses losses)
    {
        var rank = _rank++;
        var asked = logs.SelectMany(log => log.Reclaims).Where(reclaim => reclaim.Asker == path);
        ReclaimSlices.Write(writer, new Lanes(_ => writer.Track(group, "reclaim above", rank, Shown.Of(logs))), asked, losses);
    }

    private void WriteControl(CgroupRecordsResult records, Losses losses)
    {
        var rank = _rank++;
        ReclaimSlices.Write(writer, new Lanes(_ => writer.Track(group, "control files", rank, Shown.Of([records.Own]))), records.Own.Reclaims.Where(reclaim => reclaim.Task is null), losses);
    }

    private void WriteTaken(IReadOnlyList<ReclaimLogResult> logs, Losses losses)
    {
        var rank = _rank++;
        var lanes = new Lanes(_ => writer.Track(group, "taken by kswapd and others", rank, Shown.Of(logs)));
        var taken = logs.SelectMany(log => log.Reclaims).SelectMany(reclaim => reclaim.Scans.Where(scan => scan.Victim == path).Select(scan => (Reclaim: reclaim, Scan: scan)));
        foreach (var (reclaim, scan) in taken.OrderBy(entry => entry.Scan.StartNs).ThenBy(entry => entry.Reclaim.Number))
        {
            if (losses.ArrowTo(scan) is { } arrow)
            {
                var track = lanes.For(scan.StartNs, scan.EndNs);
                writer.Begin(track, scan.StartNs, $"{ReclaimSlices.NameOf(reclaim.Kind)} for {scan.Asker}", [.. ReclaimSlices.Arguments(scan), new("reclaim", reclaim.Number)], to: [arrow]);
                writer.End(track, scan.EndNs);
            }
        }
    }

    private void WriteRefaults(CgroupRecordsResult records, Losses losses)
    {
        var rank = _rank++;
        ulong? track = null;
        foreach (var (refault, i) in records.Refaults.Select((refault, i) => (refault, i)).OrderBy(entry => entry.refault.AtNs))
        {
            if (losses.ArrowTo(path, i) is var (arrow, reclaim))
            {
                writer.Instant(
                    track ??= writer.Track(group, "refaults", rank, "of pages whose eviction is shown, some"), refault.AtNs, $"refault {refault.Type}",
                    [new("evicted_by", ReclaimSlices.NameOf(reclaim.Kind)), new("asker", reclaim.Asker ?? "kswapd"), new("reclaim", reclaim.Number), new("evicted_at_ns", reclaim.StartNs)], to: [arrow]);
            }
        }
    }

    private void WriteSamples()
    {
        if (cgroup.Series is not { } series)
        {
            return;
        }

        foreach (var (column, unit) in _samples)
        {
            if (!series.Columns.TryGetValue(column, out var values) || values.All(value => value == 0))
            {
                continue;
            }

            var track = writer.Counter(group, column, _rank++, unit);
            WriteCounter(track, series.EveryNs, values);
        }
    }

    private void WriteCounter(ulong track, long everyNs, ImmutableArray<long> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            // A number stays until another is said.
            if (i == 0 || values[i] != values[i - 1])
            {
                writer.Count(track, (i + 1) * everyNs, values[i]);
            }
        }
    }
}
