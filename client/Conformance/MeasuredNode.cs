using System.Globalization;
using System.Text.RegularExpressions;

namespace Reclaim.Client.Conformance;

/// <summary>The memory of a machine that was measured while its cgroups had no limits.</summary>
/// <param name="Pages">Pages that the kernel manages, of all zones.</param>
/// <param name="MinPages">Their min watermarks.</param>
/// <param name="FreePages">Free pages when the run began.</param>
/// <param name="UnmovableFree">Of these, those in pageblocks of unmovable and reclaimable pages, as far as the run tells; 0: it does not.</param>
internal readonly partial record struct MeasuredNode(long Pages, long MinPages, long FreePages, long UnmovableFree)
{
    /// <summary>vm.min_free_kbytes.</summary>
    public long MinFreeKbytes => MinPages * 4;

    private const long PageBytes = 4096;

    /// <summary>
    /// The node of a measurement, or null if it says nothing of it. Of several runs it is about their mean, unless some ran short of movable
    /// pages: then machines differed in what counts, and each simulated run is on the next one's.
    /// </summary>
    /// <param name="truth">The case.</param>
    /// <param name="number">Number of the simulated run, from 0.</param>
    public static MeasuredNode? Of(GroundTruthCase truth, int number)
    {
        if (!truth.First.IsGlobal)
        {
            return null;
        }

        var text = truth.First.ZoneinfoAtStart!;
        var (pages, min, high) = (0L, 0L, 0L);
        foreach (Match zone in Zone().Matches(text))
        {
            var managed = long.Parse(zone.Groups["managed"].ValueSpan, CultureInfo.InvariantCulture);
            pages += managed;
            min += managed == 0 ? 0 : long.Parse(zone.Groups["min"].ValueSpan, CultureInfo.InvariantCulture);
            high += managed == 0 ? 0 : long.Parse(zone.Groups["high"].ValueSpan, CultureInfo.InvariantCulture);
        }

        return truth.Runs.Any(run => UnmovableIn(run, high) > 0) && truth.Runs[number % truth.Runs.Count] is var machine
            ? new MeasuredNode(pages, min, machine.StartFreePages, UnmovableIn(machine, high))
            : new MeasuredNode(pages, min, (long)truth.Runs.Average(run => run.StartFreePages), 0);
    }

    /// <summary>
    /// Free pages in blocks of unmovable and reclaimable pages. /proc/pagetypeinfo was not written down, but under the classic policy a run ends
    /// with that much free, and half a boost in the mean: where that is more than boosted watermarks ask for by themselves, it says so.
    /// </summary>
    private static long UnmovableIn(GroundTruthFile run, long high)
    {
        // vm.watermark_boost_factor was as the kernel has it: 150 %.
        var boost = high * 3 / 2;
        var free = run.StartFreePages - MeasuringMachine.UnchargedPages - run.Measured.Cgroups.Values.Sum(cgroup => cgroup.Current / PageBytes);
        return run.Kernel.Policy == "classic" && free > high + boost ? free - boost / 2 : 0;
    }

    [GeneratedRegex(@"pages free\s.*?\smin\s+(?<min>\d+)\s.*?\shigh\s+(?<high>\d+)\s.*?\smanaged\s+(?<managed>\d+)", RegexOptions.Singleline)]
    private static partial Regex Zone();
}
