using Reclaim.Model.Time;

namespace Reclaim.Model.Steps;

/// <summary>What the time of jobs goes into.</summary>
internal static class TimeSpent
{
    /// <summary>Kinds that cpuSeconds has only if there is any.</summary>
    private static readonly HashSet<string> _rare = ["remote", "numa_balancing", "cpu_throttle"];

    /// <summary>Kinds that it leaves out.</summary>
    private static readonly HashSet<string> _unreported = ["think", "cpu_wait", "lru_moves", "reclaim_wait"];

    /// <summary>By kind, nanoseconds, each nanosecond once: together the time from the start of a job to its clock.</summary>
    public static IEnumerable<(string Name, long Ns)> Of(JobCounts counts, CostTable costs) =>
    [
        ("hit", (counts.Accesses - counts.Writes - counts.Loads) * costs.HitNs),
        ("load", counts.Loads * costs.LoadNs),
        ("fault", counts.Faults * costs.FaultNs),
        ("swap", counts.SwapNs),
        ("miss", (counts.Misses - counts.SwapIns + counts.ReadaheadPages) * costs.MissNs),
        ("reclaim", counts.ReclaimNs - counts.ReclaimElsewhereNs),
        ("reclaim_wait", counts.ReclaimWaitNs),
        ("lru_lock_wait", counts.LockWaitNs),
        ("lru_moves", counts.MovesNs),
        ("write", counts.Writes * costs.WriteNs),
        ("remote", counts.FarNs),
        ("numa_balancing", counts.BalancingNs),
        ("device_wait", counts.DeviceWaitNs),
        ("dirty_throttle", counts.ThrottleNs),
        ("high_throttle", counts.HighNs),
        ("think", counts.ThinkNs),
        ("cpu_wait", counts.CpuWaitNs),
        ("cpu_throttle", counts.BandwidthNs),
    ];

    /// <summary>The same as cpuSeconds has it: reclaim with the waiting for the lru_lock and the swapping in it, which are there for themselves too.</summary>
    public static IEnumerable<(string Name, long Ns)> AsReported(JobCounts counts, CostTable costs) => Of(counts, costs)
        .Where(kind => !_unreported.Contains(kind.Name) && (kind.Ns != 0 || !_rare.Contains(kind.Name)))
        .Select(kind => kind.Name == "reclaim" ? (kind.Name, counts.ReclaimNs) : kind);
}
