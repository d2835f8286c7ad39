using System.Globalization;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Perfetto;

/// <summary>What share of all that happened a track shows, in words.</summary>
internal static class Shown
{
    /// <summary>Of reclaims of some kinds; all kinds if none is named.</summary>
    public static string Of(IReadOnlyList<ReclaimLogResult> logs, params string[] kinds) => string.Join("; ", logs.SelectMany(log => log.Totals
        .Where(total => kinds.Length == 0 || kinds.Contains(total.Kind))
        .Select(total => string.Create(CultureInfo.InvariantCulture, $"{total.Kind}: {total.Count} reclaims scanned {total.Scanned} pages and reclaimed {total.Reclaimed}; {Every(log.Every)}"))));

    /// <summary>Of stalls.</summary>
    public static string Of(CgroupRecordsResult records) => string.Join("; ", records.StallTotals
        .Select(total => string.Create(CultureInfo.InvariantCulture, $"{total.Kind}: {total.Count} stalls, {total.Ns / 1e9:0.######} s; {Every(records.StallsEvery)}")));

    private static string Every(long every) => every == 1 ? "all are shown" : string.Create(CultureInfo.InvariantCulture, $"one of {every} is shown");
}
