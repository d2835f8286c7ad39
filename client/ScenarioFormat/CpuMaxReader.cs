using System.Globalization;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>Reads <c>cpu.max</c> as the kernel does: <c>max</c>, or a quota in µs, and behind it the length of a period, 100,000 µs if it is not given.</summary>
internal static class CpuMaxReader
{
    public const string Key = "cpu.max";

    /// <summary>The shortest quota and period that the kernel takes (min_cfs_quota_period in kernel/sched/core.c, v6.8).</summary>
    private const long LeastUs = 1_000;

    /// <summary>And the longest period (max_cfs_quota_period).</summary>
    private const long LongestPeriodUs = 1_000_000;
    private const long DefaultPeriodUs = 100_000;

    /// <summary>The largest quota: a million CPUs.</summary>
    private const long MostUs = 100_000_000_000;

    /// <summary>The fewest CPUs that have a quota.</summary>
    public const decimal FewestCpus = (decimal)LeastUs / DefaultPeriodUs;

    /// <summary>A quota of so many CPUs, as Docker and the kubelet write it: for a period of 100 ms.</summary>
    public static string OfCpus(decimal cpus) => string.Create(CultureInfo.InvariantCulture, $"{(long)Math.Min(Math.Min(cpus, MostUs) * DefaultPeriodUs, MostUs)} {DefaultPeriodUs}");

    /// <returns>Null: none, or it is wrong, which the log says.</returns>
    public static CpuMaxSpec? Read(MapReader reader)
    {
        if (reader.Text(Key)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not { Length: > 0 } words)
        {
            return null;
        }

        var period = DefaultPeriodUs;
        if (words.Length > 2 || (words.Length == 2 && !TryRead(words[1], LongestPeriodUs, out period)))
        {
            reader.Error(Key, $"'{string.Join(' ', words)}' has no period from {LeastUs} to {LongestPeriodUs} behind the quota (µs), for example 50000 100000");
            return null;
        }

        if (words[0] == "max")
        {
            return null;
        }

        if (!TryRead(words[0], MostUs, out var quota))
        {
            reader.Error(Key, $"'{words[0]}' is no quota: max, or at least {LeastUs} (µs of CPU time in a period), for example 50000 100000 for half a CPU");
            return null;
        }

        return new CpuMaxSpec(quota * 1000, period * 1000);
    }

    private static bool TryRead(string word, long most, out long us) =>
        long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out us) && us >= LeastUs && us <= most;
}
