using System.Globalization;
using System.Text.RegularExpressions;

namespace Reclaim.Client.Conformance;

/// <summary>The memory of a machine that was measured while its cgroups had no limits.</summary>
/// <param name="Pages">Pages that the kernel manages, of all zones.</param>
/// <param name="MinPages">Their min watermarks.</param>
/// <param name="FreePages">Free pages when the run began.</param>
internal readonly partial record struct MeasuredNode(long Pages, long MinPages, long FreePages)
{
    /// <summary>vm.min_free_kbytes.</summary>
    public long MinFreeKbytes => MinPages * 4;

    /// <summary>The node of a measurement, or null if it says nothing of it. Of several runs it is about their mean.</summary>
    public static MeasuredNode? Of(GroundTruthCase truth)
    {
        if (!truth.First.IsGlobal)
        {
            return null;
        }

        var text = truth.First.ZoneinfoAtStart!;
        var (pages, min) = (0L, 0L);
        foreach (Match zone in Zone().Matches(text))
        {
            var managed = long.Parse(zone.Groups["managed"].ValueSpan, CultureInfo.InvariantCulture);
            pages += managed;
            min += managed == 0 ? 0 : long.Parse(zone.Groups["min"].ValueSpan, CultureInfo.InvariantCulture);
        }

        return new MeasuredNode(pages, min, (long)truth.Runs.Average(run => run.StartFreePages));
    }

    [GeneratedRegex(@"pages free\s.*?\smin\s+(?<min>\d+)\s.*?\smanaged\s+(?<managed>\d+)", RegexOptions.Singleline)]
    private static partial Regex Zone();
}
