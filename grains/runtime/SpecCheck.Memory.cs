using System.Collections.Immutable;
using Reclaim.Contracts.Spec;
using Reclaim.Model.Kernels;
using Reclaim.Model.Nodes;

namespace Reclaim.Grains;

/// <summary>Of the nodes of a host, and what is to become of their memory.</summary>
public static partial class SpecCheck
{
    private static long MemoryOf(HostSpec host, int node) => host.Nodes.IsEmpty ? long.MaxValue : host.Nodes[node].MemoryBytes;

    /// <summary>Which nodes there are, how far apart they are, and whether cgroups are bound to one of them.</summary>
    private static void Nodes(HostSpec host, string key, ImmutableArray<SpecProblem>.Builder problems)
    {
        var count = NumaLayout.Nodes(host).Count();
        if (!host.Nodes.IsEmpty && host.Nodes.All(node => node.IsMemoryOnly))
        {
            problems.Add(new SpecProblem($"{key}.nodes", "none of them has CPUs"));
        }

        if (!host.Distance.IsEmpty && (host.Distance.Length != count || host.Distance.Any(row => row.Length != count)))
        {
            problems.Add(new SpecProblem($"{key}.distance", $"must be a row of {count} distances for each of {count} nodes"));
        }
        else if (host.Distance.SelectMany((row, from) => row.Where((distance, to) => from == to ? distance != NumaTopology.LocalDistance : distance is <= NumaTopology.LocalDistance or > byte.MaxValue)).Any())
        {
            problems.Add(new SpecProblem($"{key}.distance", $"must be {NumaTopology.LocalDistance} from a node to itself, and {NumaTopology.LocalDistance + 1} to {byte.MaxValue} to another"));
        }

        foreach (var cgroup in host.Cgroups)
        {
            Placement(host, cgroup, count, $"{key}.cgroups.{cgroup.Path}", problems);
        }

        if (!host.InterleaveWeights.IsEmpty && (host.InterleaveWeights.Length != count || host.InterleaveWeights.Any(weight => weight < 1)))
        {
            problems.Add(new SpecProblem($"{key}.weighted_interleave", $"must be {count} numbers from 1 on, one for each node"));
        }
    }

    /// <summary>Where pages of one cgroup lie on several nodes, each of its tasks goes by watermarks that are not boosted.</summary>
    private static void Unmovable(RunSpec spec, HostSpec host, string key, ImmutableArray<SpecProblem>.Builder problems)
    {
        var node = host.Nodes.FirstOrDefault(node => node.UnmovableFreeBytes > 0);
        if (node is not null && spec.Kernel.Policy == KernelChoice.Classic && (NumaLayout.Demotes(host) || host.Cgroups.Any(cgroup => NumaLayout.IsSpread(spec, host, cgroup))))
        {
            problems.Add(new SpecProblem($"{key}.nodes[{host.Nodes.IndexOf(node)}].unmovable_free", "together with cgroups that have pages on several nodes, or with demotion, this is not in this version"));
        }
    }

    /// <summary>What is to be done with memory of two tiers.</summary>
    private static void Tiers(string policy, HostSpec host, string key, ImmutableArray<SpecProblem>.Builder problems)
    {
        if (host.NumaBalancing is not (0 or NumaLayout.Tiering))
        {
            problems.Add(new SpecProblem($"{key}.numa_balancing", $"must be 0 or {NumaLayout.Tiering}, not {host.NumaBalancing}"));
        }

        if (host.HotThresholdMs < 1 || host.PromoteRateLimitMBps < 1)
        {
            problems.Add(new SpecProblem($"{key}.numa_balancing_{(host.HotThresholdMs < 1 ? "hot_threshold_ms" : "promote_rate_limit_MBps")}", "must be 1 at least"));
        }

        if (policy is not (KernelChoice.MultiGen or KernelChoice.Classic) && (host.DemotionEnabled || host.NumaBalancing != 0))
        {
            problems.Add(new SpecProblem($"{key}.{(host.DemotionEnabled ? "demotion_enabled" : "numa_balancing")}", $"has no effect: policy {policy} knows no nodes", IsWarning: true));
        }
    }

    private static void Placement(HostSpec host, CgroupSpec cgroup, int count, string key, ImmutableArray<SpecProblem>.Builder problems)
    {
        if (NumaLayout.Cpuset(host, cgroup).FirstOrDefault(node => node < 0 || node >= count, -1) is var unknown && (unknown >= 0 || cgroup.Node < 0 || cgroup.Mems.Any(node => node < 0)))
        {
            problems.Add(new SpecProblem($"{key}.cpuset.mems", $"no node {(unknown >= 0 ? unknown : cgroup.Node ?? cgroup.Mems.Min())}: the host has {count}, numbered from 0"));
        }
        else if (cgroup.CpuNode is { } cpus && (cpus < 0 || cpus >= count || (!host.Nodes.IsEmpty && host.Nodes[cpus].IsMemoryOnly)))
        {
            problems.Add(new SpecProblem($"{key}.cpu_node", $"node {cpus} is not there, or has no CPUs"));
        }
        else if (cgroup.Mempolicy is { } policy && (policy.Nodes.IsEmpty || !MempolicySpec.Kinds.Contains(policy.Kind) || policy.Nodes.Any(node => !NumaLayout.Cpuset(host, cgroup).Contains(node))))
        {
            problems.Add(new SpecProblem($"{key}.numa_mempolicy", "is none, or names a node that cpuset.mems does not have"));
        }
    }

    /// <summary>zram lives in the memory that it is to spare.</summary>
    private static void CompressedMemory(HostSpec host, string key, long memory, ImmutableArray<SpecProblem>.Builder problems)
    {
        var charged = (long)host.LimitsTogether;
        var compressed = host.Cgroups.Sum(cgroup => SwapLayout.CompressedLimit(host, cgroup)) * PageBytes;
        if (compressed > 0 && compressed > memory - charged)
        {
            problems.Add(new SpecProblem($"{key}.nodes", $"memory of {memory} bytes does not hold all memory.max, {charged} bytes together, "
                + $"and the {compressed} bytes that what is swapped may come to in zram: reclaim by the whole machine is not in this version"));
        }
    }
}
