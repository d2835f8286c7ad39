using System.Collections.Immutable;
using Reclaim.Contracts.Spec;
using Reclaim.Model.Control;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Sharing;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>Finds the cgroups of a host that share limits, or its memory.</summary>
internal static class SharedLimits
{
    private const long PageBytes = 4096;

    /// <summary>
    /// One domain for all, if the host's memory may be short; else one for each cgroup with a limit (memory.max, memory.high, memory.swap.max) and others below it that has no such
    /// cgroup above it, and one for those who share files without sharing a limit.
    /// </summary>
    public static ImmutableArray<SharedDomain> Domains(RunSpec spec, int host, ImmutableArray<MemcgTerms> terms)
    {
        var hostSpec = spec.Hosts[host];
        if (HostPressure.IsShared(spec, hostSpec))
        {
            return [Planned(WholeHost(spec, host, terms), hostSpec)];
        }

        return
        [
            .. Roots(hostSpec).Select(root => Planned(Domain(spec, hostSpec, root, terms), hostSpec)),
            .. FileCircles(hostSpec).Select(circle => OfFiles(spec, hostSpec, circle, terms)),
        ];
    }

    /// <summary>A domain that knows what is planned for the cgroups that have others below them.</summary>
    private static SharedDomain Planned(SharedDomain domain, HostSpec host)
    {
        for (var node = 0; node < domain.Tree.Nodes.Count; node++)
        {
            foreach (var item in host.Groups.Where(group => group.Path == domain.Tree.Nodes[node].Path).SelectMany(group => group.Events))
            {
                domain.Plan(node, new ControlAccess(item.AtNs, ControlMapping.ToModel(item.File), item.Value));
            }
        }

        return domain;
    }

    /// <summary>Whether cgroups share a file of which some are below a limit that others are not below.</summary>
    public static bool SharesFilesAcross(HostSpec host) => FileSharing.Circles(host).Any(circle => circle.Select(cgroup => RootOf(host, cgroup)).Distinct().Count() > 1);

    /// <summary>Cgroups that share files and no limit.</summary>
    private static IEnumerable<ImmutableSortedSet<int>> FileCircles(HostSpec host) => FileSharing.Circles(host).Where(circle => RootOf(host, circle[0]) is null);

    private static string? RootOf(HostSpec host, int cgroup) => Roots(host).FirstOrDefault(root => IsBelow(host.Cgroups[cgroup].Path, root.Path))?.Path;

    private static SharedDomain OfFiles(RunSpec spec, HostSpec host, ImmutableSortedSet<int> circle, ImmutableArray<MemcgTerms> terms)
    {
        var tree = new MemcgTree();
        var root = tree.Add("/", -1, Limits(null, 0, 0));
        foreach (var cgroup in circle)
        {
            tree.Charge(tree.Add(host.Cgroups[cgroup].Path, root, Limits(host.Cgroups[cgroup].MemoryMax, 0, 0), cgroup, terms[cgroup].Node), terms[cgroup].PagesHeld);
        }

        return new SharedDomain(tree, circle, Kernel(spec), host.Schedule == TurnSchedule.Turns, host.QuantumNs, spec.DurationNs ?? long.MaxValue, NumaLayout.Topology(host), [])
        {
            SwapPages = SwapPages(host),
            Files = FilesOf(host, circle),
            Own = [.. circle.Select(cgroup => (terms[cgroup].PagesHeld, terms[cgroup].PagesLimit))],
        };
    }

    private static IReadOnlyList<SharedFileUsers> FilesOf(HostSpec host, IReadOnlyCollection<int> members) => [.. FileSharing.Of(host).Where(file => file.Users.All(members.Contains))];

    /// <summary>Whether a cgroup shares a limit with others: there is one above it.</summary>
    public static bool HasLimitAbove(HostSpec host, string path) => host.Groups.Any(group => group.IsLimited && IsBelow(path, group.Path));

    /// <summary>Cgroups with limits that may be above one under classic, beside the root of all: its shadows have room for the number of the one that a page was evicted for.</summary>
    private const int MostLimitsAbove = MemcgTree.MostAboveClassic - 1;

    private static int LimitsAbove(HostSpec host, string path) => host.Groups.Count(group => IsBelow(path, group.Path));

    /// <summary>The least memory.max above a cgroup, bytes; null without one.</summary>
    public static long? LimitAbove(HostSpec host, string path)
    {
        var limits = host.Groups.Where(group => IsBelow(path, group.Path) && group.MemoryMax is not null).Select(group => group.MemoryMax).ToList();
        return limits.Count == 0 ? null : limits.Min();
    }

    /// <summary>In how many circles turns go round: one for each limit that is shared, one for those who share files, one for each cgroup that shares nothing.</summary>
    public static int Circles(RunSpec spec, HostSpec host) => HostPressure.IsShared(spec, host) ? 1 : host.Cgroups.Where(cgroup => !cgroup.Workloads.IsEmpty)
        .Select(cgroup => Roots(host).FirstOrDefault(root => IsBelow(cgroup.Path, root.Path))?.Path
            ?? host.Cgroups[FileSharing.Circles(host).FirstOrDefault(circle => circle.Contains(host.Cgroups.IndexOf(cgroup)))?[0] ?? host.Cgroups.IndexOf(cgroup)].Path).Distinct(StringComparer.Ordinal).Count();

    private static IEnumerable<GroupSpec> Roots(HostSpec host) =>
        host.Groups.Where(group => group.IsLimited && !host.Groups.Any(above => above.IsLimited && IsBelow(group.Path, above.Path)));

    /// <summary>Why a cgroup cannot share a limit; null if it can.</summary>
    public static string? Refusal(RunSpec spec, HostSpec host, CgroupSpec cgroup) =>
        spec.Kernel.Policy is not (KernelChoice.MultiGen or KernelChoice.Classic) ? $"under policy {spec.Kernel.Policy}"
        : spec.Kernel.Policy == KernelChoice.Classic && LimitsAbove(host, cgroup.Path) > MostLimitsAbove ? $"under classic, below more than {MostLimitsAbove} others with limits"
        : cgroup.Events.Any(item => item.File == EventFile.LruGenEnabled) ? "with lru_gen.enabled written on the way"
        : null;

    private static SharedDomain WholeHost(RunSpec spec, int number, ImmutableArray<MemcgTerms> terms)
    {
        var host = spec.Hosts[number];
        var tree = new MemcgTree();
        var nodes = NumaLayout.Nodes(host).Select(node => HostPressure.Node(spec, number, node)).ToList();
        AddBelow(tree.Add("/", -1, Limits(null, 0, 0)), null);
        foreach (var memcg in terms)
        {
            nodes[memcg.Node].Take(memcg.PagesAllocated);
        }

        return new SharedDomain(
            tree, Enumerable.Range(0, host.Cgroups.Length), Kernel(spec), host.Schedule == TurnSchedule.Turns, host.QuantumNs,
            spec.DurationNs ?? long.MaxValue, NumaLayout.Topology(host), nodes, HostPressure.SharedCpus(spec, host))
        {
            SwapPages = SwapPages(host),
            Devices = DeviceContention.Of(host),
            SharesDirtyLimits = host.Cgroups.Any(cgroup => cgroup.Workloads.Any(AccessPaths.WritesFiles)),
            Files = FileSharing.Of(host),
            Stocks = [.. terms.Select(StockOf)],
            MostRecords = spec.CaptureReclaims,
        };

        void AddBelow(int parent, string? path)
        {
            for (var i = 0; i < host.Cgroups.Length; i++)
            {
                var cgroup = host.Cgroups[i];
                if (ParentPath(host, cgroup.Path) == path)
                {
                    tree.Charge(tree.Add(cgroup.Path, parent, LimitsOf(cgroup), i, terms[i].Node, terms[i].Numa), terms[i].PagesHeld);
                }
            }

            foreach (var group in host.Groups.Where(group => ParentPath(host, group.Path) == path))
            {
                AddBelow(tree.Add(group.Path, parent, LimitsOf(group)), group.Path);
            }
        }
    }

    private static SharedDomain Domain(RunSpec spec, HostSpec host, GroupSpec root, ImmutableArray<MemcgTerms> terms)
    {
        var tree = new MemcgTree();
        var members = new List<int>();
        var nodes = new List<(string Path, int Index)>();

        // In the order of the scenario, parents first: groups and containers merged by where they stand.
        foreach (var group in host.Groups.Where(group => group.Path == root.Path || IsBelow(group.Path, root.Path)))
        {
            nodes.Add((group.Path, tree.Add(group.Path, ParentOf(nodes, group.Path), LimitsOf(group))));
            for (var i = 0; i < host.Cgroups.Length; i++)
            {
                var cgroup = host.Cgroups[i];
                if (ParentPath(host, cgroup.Path) == group.Path)
                {
                    var node = tree.Add(cgroup.Path, nodes[^1].Index, LimitsOf(cgroup), i, terms[i].Node);
                    tree.Charge(node, terms[i].PagesHeld);
                    members.Add(i);
                }
            }
        }

        members.Sort();
        var below = host with { Cgroups = [.. members.Select(member => host.Cgroups[member])], Groups = [.. host.Groups.Where(group => group.Path == root.Path || IsBelow(group.Path, root.Path))] };
        return new SharedDomain(tree, members, Kernel(spec), host.Schedule == TurnSchedule.Turns, host.QuantumNs, spec.DurationNs ?? long.MaxValue,
            NumaLayout.Topology(host), [])
        {
            Most = (long)Math.Min(below.LimitsTogether / PageBytes, long.MaxValue),
            SwapPages = SwapPages(host),
            Files = FilesOf(host, members),
            Stocks = [.. members.Select(member => StockOf(terms[member]))],
            MostRecords = spec.CaptureReclaims,
        };
    }

    private static long StockOf(MemcgTerms terms) => terms.PagesHeld - terms.PagesAllocated;

    private static KernelChoice Kernel(RunSpec spec) => ContainerFactory.Choice(spec.Kernel) with { Swappiness = spec.Kernel.Swappiness };

    private static long SwapPages(HostSpec host) => host.Swap.Sum(area => area.SizeBytes) / PageBytes;

    private static int ParentOf(List<(string Path, int Index)> nodes, string path) =>
        nodes.Where(node => IsBelow(path, node.Path)).OrderBy(node => node.Path.Length).Select(node => node.Index).LastOrDefault(-1);

    /// <summary>The nearest group above a cgroup.</summary>
    private static string? ParentPath(HostSpec host, string path) =>
        host.Groups.Where(group => IsBelow(path, group.Path)).OrderBy(group => group.Path.Length).LastOrDefault()?.Path;

    private static MemcgLimits LimitsOf(CgroupSpec cgroup) => Limits(cgroup.MemoryMax, cgroup.MemoryLow, cgroup.MemoryMin) with
    {
        High = cgroup.MemoryHigh / PageBytes ?? long.MaxValue,
        SwapMax = cgroup.SwapMax / PageBytes ?? long.MaxValue,
        OomGroup = cgroup.OomGroup,
    };

    private static MemcgLimits LimitsOf(GroupSpec group) => Limits(group.MemoryMax, group.MemoryLow, group.MemoryMin) with
    {
        High = group.MemoryHigh / PageBytes ?? long.MaxValue,
        SwapMax = group.SwapMax / PageBytes ?? long.MaxValue,
        OomGroup = group.OomGroup,
    };

    private static MemcgLimits Limits(long? max, long low, long min) => new(max / PageBytes ?? long.MaxValue, Pages(low), Pages(min));

    private static long Pages(long bytes) => bytes == long.MaxValue ? long.MaxValue : bytes / PageBytes;

    private static bool IsBelow(string path, string above) => path.StartsWith(above + "/", StringComparison.Ordinal);
}
