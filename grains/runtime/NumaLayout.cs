using System.Collections.Immutable;
using Reclaim.Contracts.Spec;
using Reclaim.Model.Nodes;

namespace Reclaim.Grains;

/// <summary>The NUMA nodes of a host, and which of them the pages of each cgroup are on.</summary>
internal static class NumaLayout
{
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

    /// <summary>The node that all pages of a cgroup are on: that of cpuset.mems, or where the kernel starts tasks first.</summary>
    public static int NodeOf(HostSpec host, CgroupSpec cgroup) => cgroup.Node ?? (host.Nodes.Length < 2 ? 0 : Topology(host).FirstWithCpus);

    /// <summary>How far its pages are from the CPUs that its tasks run on: those of the node, or, if it has none, of the nearest that has.</summary>
    public static int Distance(HostSpec host, CgroupSpec cgroup)
    {
        var topology = Topology(host);
        var node = NodeOf(host, cgroup);
        return topology.Distance(topology.NearestWithCpus(node), node);
    }

    /// <summary>The host as a node sees it: cgroups with pages there, and what is above them.</summary>
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
    public static bool HasLimitsAcross(HostSpec host) => host.Nodes.Length > 1 && host.Groups.Any(group => group.MemoryMax is not null
        && host.Cgroups.Where(cgroup => IsBelow(cgroup, group)).Select(cgroup => NodeOf(host, cgroup)).Distinct().Count() > 1);

    private static bool IsBelow(CgroupSpec cgroup, GroupSpec group) => cgroup.Path.StartsWith(group.Path + "/", StringComparison.Ordinal);
}
