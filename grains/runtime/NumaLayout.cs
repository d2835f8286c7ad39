using System.Collections.Immutable;
using Reclaim.Contracts.Spec;
using Reclaim.Model.Kernels;
using Reclaim.Model.Nodes;
using Reclaim.Model.Numa;
using Reclaim.Model.Time;

namespace Reclaim.Grains;

/// <summary>The NUMA nodes of a host, and which of them the pages of each cgroup are on.</summary>
internal static class NumaLayout
{
    private const long PageBytes = 4096;

    /// <summary>NUMA_BALANCING_MEMORY_TIERING.</summary>
    public const int Tiering = 2;

    /// <summary>Numbers of the nodes; a host without any has one of unlimited memory.</summary>
    public static IEnumerable<int> Nodes(HostSpec host) => Enumerable.Range(0, Math.Max(1, host.Nodes.Length));

    /// <summary>How they lie to each other.</summary>
    public static NumaTopology Topology(HostSpec host)
    {
        if (host.Nodes.Length < 2)
        {
            return NumaTopology.Single;
        }

        bool[] hasCpus = [.. host.Nodes.Select(node => !node.IsMemoryOnly)];
        return host.Distance.IsEmpty ? NumaTopology.Of(hasCpus) : new NumaTopology([.. host.Distance.Select(row => (IReadOnlyList<int>)row)], hasCpus);
    }

    /// <summary>The node that all pages of a cgroup are on, or, if it may have some on several, the first that it takes pages from.</summary>
    public static int NodeOf(HostSpec host, CgroupSpec cgroup) => cgroup.Node ?? (host.Nodes.Length < 2 ? 0 : Zonelist(host, cgroup)[0]);

    /// <summary>How far its pages are from the CPUs that its tasks run on, if all are on one node.</summary>
    public static int Distance(HostSpec host, CgroupSpec cgroup) => Topology(host).Distance(CpuOf(host, cgroup), NodeOf(host, cgroup));

    /// <summary>The host as a node sees it: cgroups with pages there, as long as none of them is short, and what is above them.</summary>
    public static HostSpec On(HostSpec host, int node)
    {
        if (host.Nodes.Length < 2)
        {
            return host;
        }

        ImmutableArray<CgroupSpec> cgroups = [.. host.Cgroups.Where(cgroup => NodeOf(host, cgroup) == node)];
        return host with { Cgroups = cgroups, Groups = [.. host.Groups.Where(group => cgroups.Any(cgroup => IsBelow(cgroup, group)))] };
    }

    /// <summary>Whether cgroups below one limit have their pages on several nodes.</summary>
    public static bool HasLimitsAcross(HostSpec host) => host.Nodes.Length > 1 && host.Groups.Any(group => group.IsLimited
        && host.Cgroups.Where(cgroup => IsBelow(cgroup, group)).Select(cgroup => NodeOf(host, cgroup)).Distinct().Count() > 1);

    /// <summary>Whether pages that would be evicted go to memory without CPUs first.</summary>
    public static bool Demotes(HostSpec host) => host.DemotionEnabled && HasTiers(host);

    /// <summary>Whether pages come back from there.</summary>
    public static bool Promotes(HostSpec host) => host.NumaBalancing == Tiering && HasTiers(host);

    /// <summary>Whether some node has no CPUs.</summary>
    public static bool HasTiers(HostSpec host) => host.Nodes.Length > 1 && host.Nodes.Any(node => node.IsMemoryOnly);

    /// <summary>
    /// Whether a cgroup may come to have pages on several nodes: it interleaves them, or its node may be short, or they are demoted. Where no
    /// node ever is, nobody takes pages but from the first.
    /// </summary>
    public static bool IsSpread(RunSpec spec, HostSpec host, CgroupSpec cgroup) =>
        host.Nodes.Length > 1 && spec.Kernel.Policy is KernelChoice.MultiGen or KernelChoice.Classic
        && ((Policy(host, cgroup).Interleaves && Mems(host, cgroup).Count > 1)
            || (Demotes(host) && Mems(host, cgroup).Any(Topology(host).HasCpus))
            || (Mems(host, cgroup).Count > 1 && HostPressure.IsPossible(spec, host)));

    /// <summary>Where the pages of a cgroup may be; null if all are on one node.</summary>
    public static NumaPlan? PlanOf(RunSpec spec, HostSpec host, CgroupSpec cgroup)
    {
        if (!IsSpread(spec, host, cgroup))
        {
            return null;
        }

        var (topology, cpu) = (Topology(host), CpuOf(host, cgroup));
        var remoteNs = host.Costs.Aggregate(CostTable.Default, (table, cost) => table.With(cost.Name, cost.Nanoseconds)).RemoteNs;
        return new NumaPlan
        {
            Topology = topology,
            Marks = [.. Nodes(host).Select(node => HostPressure.Marks(host, node))],
            Cpu = cpu,
            Mems = Mems(host, cgroup),
            Policy = Policy(host, cgroup),
            Cpuset = Cpuset(host, cgroup),
            Demotion = Demotes(host),
            DemotesWithinCpuset = ContainerFactory.Choice(spec.Kernel).DemotesWithinCpuset,
            Promotion = Promotes(host) ? new PromotionPlan(host.HotThresholdMs, host.PromoteRateLimitMBps) : null,
            Sizes = [.. host.Nodes.Select(node => node.MemoryBytes / PageBytes)],
            FarNs = [.. Nodes(host).Select(node => remoteNs * (topology.Distance(cpu, node) - NumaTopology.LocalDistance) / NumaTopology.LocalDistance)],
        };
    }

    /// <summary>cpuset.mems.</summary>
    public static IReadOnlyList<int> Cpuset(HostSpec host, CgroupSpec cgroup) =>
        cgroup.Node is { } node ? [node] : cgroup.Mems.IsEmpty ? [.. Nodes(host)] : cgroup.Mems;

    /// <summary>The nodes that it may take pages from: those of cpuset.mems, or of them what it is bound to.</summary>
    private static IReadOnlyList<int> Mems(HostSpec host, CgroupSpec cgroup) =>
        Policy(host, cgroup) is { Kind: MempolicyKind.Bind, Nodes: var bound } ? bound : Cpuset(host, cgroup);

    /// <summary>The node whose CPUs its tasks run on: the one that is given, or the first of cpuset.mems that has any, or the nearest to them.</summary>
    private static int CpuOf(HostSpec host, CgroupSpec cgroup)
    {
        var topology = Topology(host);
        return cgroup.CpuNode ?? topology.NearestWithCpus(Cpuset(host, cgroup).FirstOrDefault(topology.HasCpus, Cpuset(host, cgroup)[0]));
    }

    private static IReadOnlyList<int> Zonelist(HostSpec host, CgroupSpec cgroup) =>
        [.. Topology(host).Zonelist(Policy(host, cgroup).Start ?? CpuOf(host, cgroup)).Where(Mems(host, cgroup).Contains)];

    private static Mempolicy Policy(HostSpec host, CgroupSpec cgroup) => cgroup.Mempolicy is not { } policy ? Mempolicy.Local : new Mempolicy(
        policy.Kind switch
        {
            "preferred" => MempolicyKind.Preferred,
            "bind" => MempolicyKind.Bind,
            "interleave" => MempolicyKind.Interleave,
            "weighted-interleave" => MempolicyKind.WeightedInterleave,
            _ => throw new ArgumentException($"no memory policy '{policy.Kind}'"),
        },
        policy.Nodes)
    {
        Weights = [.. policy.Nodes.Select(node => policy.Kind == "weighted-interleave" && !host.InterleaveWeights.IsEmpty ? host.InterleaveWeights[node] : 1)],
    };

    private static bool IsBelow(CgroupSpec cgroup, GroupSpec group) => cgroup.Path.StartsWith(group.Path + "/", StringComparison.Ordinal);
}
