using Reclaim.Contracts.Results;

namespace Reclaim.Client.Explain;

/// <summary>Where the time of a workload's accesses goes after its ramp.</summary>
/// <param name="AccessesPerRequest">Page accesses of a request.</param>
/// <param name="MissesPerAccess">Share of accesses that found no page.</param>
/// <param name="Concurrency">Jobs at work at a time: time spent by all, a second.</param>
/// <param name="PerAccess">What every access pays for, by kind, nanoseconds an access.</param>
/// <param name="PerMiss">What only misses cause, by kind, nanoseconds a miss.</param>
internal sealed record TimePerAccess(
    double AccessesPerRequest,
    double MissesPerAccess,
    double Concurrency,
    IReadOnlyDictionary<string, double> PerAccess,
    IReadOnlyDictionary<string, double> PerMiss)
{
    /// <summary>
    /// Kinds that grow with misses: a page must be brought in, and another made to go. All others grow with accesses.
    /// </summary>
    private static readonly HashSet<string> _ofMisses =
        ["miss", "swap", "device_wait", "reclaim", "reclaim_wait", "lru_lock_wait", "lru_moves"];

    /// <summary>Nanoseconds an access.</summary>
    public double Total => PerAccess.Values.Sum() + MissesPerAccess * PerMiss.Values.Sum();

    /// <returns>Null for a workload that made no access after its ramp.</returns>
    public static TimePerAccess? Of(WorkloadResult workload)
    {
        var (steady, misses) = (workload.Steady, workload.Steady.Accesses - workload.Steady.Hits);
        if (steady.Accesses == 0 || steady.Seconds <= 0 || workload.Iops <= 0 || steady.Spent.Count == 0)
        {
            return null;
        }

        return new TimePerAccess(
            steady.Accesses / (workload.Iops * steady.Seconds),
            (double)misses / steady.Accesses,
            steady.Spent.Values.Sum() / steady.Seconds,
            steady.Spent.Where(kind => !IsOfMisses(kind.Key, misses)).ToDictionary(kind => kind.Key, kind => kind.Value * 1e9 / steady.Accesses),
            steady.Spent.Where(kind => IsOfMisses(kind.Key, misses)).ToDictionary(kind => kind.Key, kind => kind.Value * 1e9 / misses));
    }

    private static bool IsOfMisses(string kind, long misses) => misses > 0 && _ofMisses.Contains(kind);
}
