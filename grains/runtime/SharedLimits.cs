using System.Collections.Immutable;
using Reclaim.Contracts.Spec;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>Finds the cgroups of a host that share limits.</summary>
internal static class SharedLimits
{
    private const long PageBytes = 4096;

    /// <summary>One domain for each cgroup with a limit and others below it that has no such cgroup above it.</summary>
    public static ImmutableArray<SharedDomain> Domains(RunSpec spec, int host, ImmutableArray<MemcgTerms> terms)
    {
        var hostSpec = spec.Hosts[host];
        return [.. Roots(hostSpec).Select(root => Domain(spec, hostSpec, root, terms))];
    }

    /// <summary>The least memory.max above a cgroup, bytes; null without one.</summary>
    public static long? LimitAbove(HostSpec host, string path)
    {
        var limits = host.Groups.Where(group => IsBelow(path, group.Path) && group.MemoryMax is not null).Select(group => group.MemoryMax).ToList();
        return limits.Count == 0 ? null : limits.Min();
    }

    /// <summary>In how many circles turns go round: one for each limit that is shared, one for each cgroup that shares none.</summary>
    public static int Circles(HostSpec host) => host.Cgroups.Where(cgroup => !cgroup.Workloads.IsEmpty)
        .Select(cgroup => Roots(host).FirstOrDefault(root => IsBelow(cgroup.Path, root.Path))?.Path ?? cgroup.Path).Distinct(StringComparer.Ordinal).Count();

    private static IEnumerable<GroupSpec> Roots(HostSpec host) =>
        host.Groups.Where(group => group.MemoryMax is not null && !host.Groups.Any(above => above.MemoryMax is not null && IsBelow(group.Path, above.Path)));

    /// <summary>Why a cgroup cannot share a limit; null if it can.</summary>
    public static string? Refusal(RunSpec spec, HostSpec host, CgroupSpec cgroup) =>
        spec.Kernel.Policy is not (KernelChoice.MultiGen or KernelChoice.Classic) ? $"under policy {spec.Kernel.Policy}"
        : host.Swap.Any(area => area.Type == "zram") || host.Zswap is not null ? "with compressed swap"
        : spec.Kernel.Policy == KernelChoice.Classic && !host.Swap.IsEmpty ? "under classic, with swap"
        : spec.Kernel.Policy == KernelChoice.Classic && cgroup.MemoryMax is not null ? "under classic, beside one of its own"
        : cgroup.Events.Any(item => item.File == EventFile.LruGenEnabled) ? "with lru_gen.enabled written on the way"
        : null;

    private static SharedDomain Domain(RunSpec spec, HostSpec host, GroupSpec root, ImmutableArray<MemcgTerms> terms)
    {
        var tree = new MemcgTree();
        var members = new List<int>();
        var nodes = new List<(string Path, int Index)>();

        // In the order of the scenario, parents first: groups and containers merged by where they stand.
        foreach (var group in host.Groups.Where(group => group.Path == root.Path || IsBelow(group.Path, root.Path)))
        {
            nodes.Add((group.Path, tree.Add(group.Path, ParentOf(nodes, group.Path), Limits(group.MemoryMax, group.MemoryLow, group.MemoryMin))));
            for (var i = 0; i < host.Cgroups.Length; i++)
            {
                var cgroup = host.Cgroups[i];
                if (ParentPath(host, cgroup.Path) == group.Path)
                {
                    var node = tree.Add(cgroup.Path, nodes[^1].Index, Limits(cgroup.MemoryMax, cgroup.MemoryLow, cgroup.MemoryMin), i);
                    tree.Charge(node, terms[i].PagesHeld);
                    members.Add(i);
                }
            }
        }

        members.Sort();
        return new SharedDomain(tree, members, ContainerFactory.Choice(spec.Kernel), host.Schedule == TurnSchedule.Turns, host.QuantumNs, spec.DurationNs ?? long.MaxValue);
    }

    private static int ParentOf(List<(string Path, int Index)> nodes, string path) =>
        nodes.Where(node => IsBelow(path, node.Path)).OrderBy(node => node.Path.Length).Select(node => node.Index).LastOrDefault(-1);

    /// <summary>The nearest group above a cgroup.</summary>
    private static string? ParentPath(HostSpec host, string path) =>
        host.Groups.Where(group => IsBelow(path, group.Path)).OrderBy(group => group.Path.Length).LastOrDefault()?.Path;

    private static MemcgLimits Limits(long? max, long low, long min) => new(max / PageBytes ?? long.MaxValue, Pages(low), Pages(min));

    private static long Pages(long bytes) => bytes == long.MaxValue ? long.MaxValue : bytes / PageBytes;

    private static bool IsBelow(string path, string above) => path.StartsWith(above + "/", StringComparison.Ordinal);
}
