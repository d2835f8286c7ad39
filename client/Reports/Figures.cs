using System.Globalization;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Reports;

/// <summary>Figures that tables show, out of results.</summary>
internal static class Figures
{
    public static long Stat(this CgroupResult cgroup, string name) => Find(cgroup.MemoryStat, name) ?? 0;

    public static long Event(this CgroupResult cgroup, string name) => Find(cgroup.MemoryEvents, name) ?? 0;

    /// <summary>Whether a cgroup has anonymous memory that reclaim could swap, so that its figures say something.</summary>
    public static bool Swaps(this CgroupResult cgroup) => cgroup.Stat("pswpout") > 0 || cgroup.Stat("zswpout") > 0;

    /// <summary>A counter of <c>memory.stat</c>, or null if it is not there.</summary>
    public static long? StatOrNull(this CgroupResult cgroup, string name) => Find(cgroup.MemoryStat, name);

    /// <summary>Share of page accesses for which nothing had to be read from the device, after the ramp. What is read ahead is read for nobody's access.</summary>
    public static double HitRatio(this WorkloadResult workload)
    {
        var (accesses, reads) = workload.Steady.Accesses > 0
            ? (workload.Steady.Accesses, workload.Steady.DeviceReads - workload.Steady.ReadaheadPages)
            : (workload.Accesses, workload.DeviceReads - workload.ReadaheadPages);
        return accesses == 0 ? 0 : 1 - ((double)reads / accesses);
    }

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Fixed(double value, int digits) => value.ToString("N" + digits, CultureInfo.InvariantCulture);

    /// <summary>A latency with three significant digits or so.</summary>
    public static string Micros(double value) => Fixed(value, value < 10 ? 2 : value < 1000 ? 1 : 0);

    private static long? Find(System.Collections.Immutable.ImmutableArray<Counter> counters, string name)
    {
        foreach (var counter in counters)
        {
            if (counter.Name == name)
            {
                return counter.Value;
            }
        }

        return null;
    }
}
