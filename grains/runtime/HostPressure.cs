using Reclaim.Contracts.Spec;
using Reclaim.Model.Kernels;
using Reclaim.Model.Nodes;

namespace Reclaim.Grains;

/// <summary>Whether the memory of a host can come to be short, and the nodes that are reclaimed for then.</summary>
internal static class HostPressure
{
    private const long PageBytes = 4096;

    /// <summary>
    /// Whether cgroups may come to hold more than some node has above its high watermark, or outside pageblocks of unmovable pages. If not, nobody ever wakes kswapd, and each cgroup
    /// that has a limit of its own can be simulated for itself. Where pages are demoted, those of any cgroup may be, on behalf of its own limit.
    /// </summary>
    public static bool IsPossible(RunSpec spec, HostSpec host) =>
        spec.Kernel.Policy is KernelChoice.MultiGen or KernelChoice.Classic && !host.Nodes.IsEmpty
        && (NumaLayout.Demotes(host) || NumaLayout.Nodes(host).Any(node => IsPossible(spec, host, node)));

    private static bool IsPossible(RunSpec spec, HostSpec host, int node)
    {
        var (there, memory) = (NumaLayout.On(host, node), host.Nodes[node]);
        return !there.Cgroups.IsEmpty && there.LimitsTogether + Compressed(there) > memory.MemoryBytes - memory.UsedBytes - (decimal)Math.Max(Marks(host, node).High, Boost(spec, host, node)?.Mark ?? 0) * PageBytes;
    }

    /// <summary>CPUs that its cgroups share, if some job of theirs, or kswapd, may have to wait for one; 0: there are enough, or each cgroup has its own.</summary>
    public static int SharedCpus(RunSpec spec, HostSpec host) =>
        host.CpusAreShared && host.Cgroups.Count(cgroup => !cgroup.Workloads.IsEmpty) > 1
        && host.Cgroups.Sum(cgroup => cgroup.Workloads.Sum(WorkloadPlans.JobCount)) + (IsPossible(spec, host) ? host.Nodes.Length : 0) > host.Cpus ? host.Cpus : 0;

    /// <summary>
    /// Whether all cgroups of a host are to be simulated together: its memory may be short, or its CPUs, or swap, or they may be in each other's way at a device; or a limit spans nodes, or a
    /// cgroup does; or those who share a file are not all below one limit.
    /// </summary>
    public static bool IsShared(RunSpec spec, HostSpec host) =>
        IsPossible(spec, host) || host.Cgroups.Any(cgroup => NumaLayout.IsSpread(spec, host, cgroup))
        || (spec.Kernel.Policy is KernelChoice.MultiGen or KernelChoice.Classic
            && (SharedCpus(spec, host) != 0 || SwapLayout.IsShort(host) || DeviceContention.IsShared(spec, host) || NumaLayout.HasLimitsAcross(host) || SharedLimits.SharesFilesAcross(host)));

    /// <summary>A node as the scenario has it.</summary>
    public static NumaNode Node(RunSpec spec, int host, int node)
    {
        var hostSpec = spec.Hosts[host];
        var nodeSpec = hostSpec.Nodes[node];

        // Hosts of a fleet draw other lots; the constants are those of SplitMix64.
        var seed = spec.Seed + 0x9E3779B97F4A7C15 * (ulong)(host + 1) + 0xBF58476D1CE4E5B9 * (ulong)node;
        return new NumaNode(nodeSpec.MemoryBytes / PageBytes, (nodeSpec.UsedBytes + PageBytes - 1) / PageBytes, Marks(hostSpec, node), seed)
        {
            Id = node,
            Promotes = NumaLayout.Promotes(hostSpec),
            Boost = Boost(spec, hostSpec, node),
        };
    }

    /// <summary>What boosts them, where that matters.</summary>
    private static WatermarkBoost? Boost(RunSpec spec, HostSpec host, int node) =>
        host.Nodes[node] is { UnmovableFreeBytes: > 0 } memory && ContainerFactory.Choice(spec.Kernel) is { BoostsWatermarks: true } kernel
            ? new WatermarkBoost(memory.UnmovableFreeBytes / PageBytes, memory.MemoryBytes / PageBytes, Marks(host, node).High, host.WatermarkBoostFactor, kernel.FreesForBoosts)
            : null;

    /// <summary>Its watermarks.</summary>
    public static Watermarks Marks(HostSpec host, int node) => Watermarks.Of(
        host.Nodes[node].MemoryBytes / PageBytes, host.Nodes.Sum(other => other.MemoryBytes / PageBytes), host.MinFreeKbytes, host.WatermarkScaleFactor);

    private static decimal Compressed(HostSpec host) => host.Swap.All(area => area.Type != "zram") ? 0 : host.Cgroups.Sum(cgroup => (decimal)SwapLayout.CompressedLimit(host, cgroup)) * PageBytes;
}
