using Reclaim.Contracts.Results;

namespace Reclaim.Client.Perfetto;

/// <summary>Reclaims as slices, each with its scans in it.</summary>
internal static class ReclaimSlices
{
    /// <summary>Writes reclaims.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="lanes">On which tracks.</param>
    /// <param name="reclaims">Which.</param>
    /// <param name="losses">Whose pages they took, and which came back.</param>
    public static void Write(TraceWriter writer, Lanes lanes, IEnumerable<ReclaimResult> reclaims, Losses losses)
    {
        foreach (var reclaim in reclaims.OrderBy(reclaim => reclaim.StartNs).ThenBy(reclaim => reclaim.Number))
        {
            Write(writer, lanes.For(reclaim.StartNs, reclaim.EndNs), reclaim, losses);
        }
    }

    /// <summary>Writes one.</summary>
    public static void Write(TraceWriter writer, ulong track, ReclaimResult reclaim, Losses losses)
    {
        writer.Begin(track, reclaim.StartNs, NameOf(reclaim.Kind),
        [
            new("number", reclaim.Number), new("asker", reclaim.Asker ?? "kswapd"), new("for", reclaim.For), new("node", reclaim.Node),
            new("scanned", reclaim.Scanned), new("reclaimed", reclaim.Reclaimed), new("scans", reclaim.ScanCount), new("scans_shown_one_of", reclaim.ScansEvery),
            new("free_before", reclaim.FreeBefore), new("free_after", reclaim.FreeAfter),
        ]);
        foreach (var scan in reclaim.Scans)
        {
            writer.Begin(track, scan.StartNs, $"shrink_lruvec {scan.Victim}", Arguments(scan), losses.ArrowsFrom(reclaim, scan));
            writer.End(track, scan.EndNs);
        }

        writer.End(track, reclaim.EndNs);
    }

    /// <summary>What there is to say of a scan.</summary>
    public static TraceArgument[] Arguments(ScanResult scan) =>
    [
        new("asker", scan.Asker), new("victim", scan.Victim), new("node", scan.Node), new("priority", scan.Priority),
        new("scanned", scan.Scanned), new("reclaimed", scan.Reclaimed), new("evicted_file", scan.EvictedFile), new("evicted_anon", scan.EvictedAnon),
        new("protected", scan.Protected), new("activated", scan.Activated), new("oldest_file", scan.OldestFile), new("oldest_anon", scan.OldestAnon),
    ];

    /// <summary>What a reclaim is called: by the file that it is about.</summary>
    public static string NameOf(string kind) => kind switch
    {
        "limit" => "memory.max",
        "high" => "memory.high",
        "proactive" => "memory.reclaim",
        "direct" => "direct reclaim",
        _ => kind,
    };
}
