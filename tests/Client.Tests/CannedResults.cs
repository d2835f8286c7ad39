using System.Collections.Immutable;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.Tests;

/// <summary>Results in the shape a run gives: classic reads 900 pages of 1000, anything else 800.</summary>
internal static class CannedResults
{
    public static RunResults Of(RunSpec spec, bool complete = true, long? readsOfEach = null)
    {
        var reads = readsOfEach ?? (spec.Kernel.Policy == "classic" ? 900 : 800);
        return ResultDigest.Sealed(new RunResults
        {
            Scenario = spec.Scenario,
            Seed = spec.Seed,
            Complete = complete,
            Kernel = new KernelResult { Policy = spec.Kernel.Policy, Variant = spec.Kernel.Variant, LruRefsWidth = spec.Kernel.LruRefsWidth },
            VirtualSeconds = 2,
            Accesses = 1000,
            Hosts = [.. spec.Hosts.Select(host => Host(host, reads))],
        });
    }

    private static HostResult Host(HostSpec host, long reads) => new()
    {
        Name = host.Name,
        Nodes = [new NodeResult(0, 100, 1)],
        Cgroups = host.Cgroups.ToImmutableSortedDictionary(cgroup => cgroup.Path, cgroup => new CgroupResult
        {
            MemoryCurrent = cgroup.MemoryMax ?? 0,
            MemoryStat =
            [
                new Counter("workingset_refault_file", reads / 2), new Counter("workingset_activate_file", 11), new Counter("workingset_restore_file", 5),
                new Counter("pgscan", 700), new Counter("pgsteal", 650),
            ],
            MemoryEvents = [new Counter("low", 0), new Counter("max", 42)],
            Workloads =
            [
                .. cgroup.Workloads.Select(workload => new WorkloadResult
                {
                    Name = workload.Name, Accesses = 1000, Hits = 1000 - reads, Misses = reads, DeviceReads = reads,
                    Iops = 500, BandwidthMiBs = 1.96, LatencyUs = new LatencyResult(1.25, 80, 1200), Steady = new SteadyResult(500, 500 - (reads / 2), reads / 2, 1),
                }),
            ],
        }, StringComparer.Ordinal),
    };
}
