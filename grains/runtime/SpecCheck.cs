using System.Collections.Immutable;
using Reclaim.Contracts.Spec;
using Reclaim.Model.Control;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Nodes;
using Reclaim.Model.Reference;
using Reclaim.Model.Steps;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;

namespace Reclaim.Grains;

/// <summary>What a specification says that the model cannot do.</summary>
public static class SpecCheck
{
    private const long PageBytes = 4096;
    private const int MaxTlbEntries = 65_536;

    /// <summary>Errors and warnings, in the order of the scenario.</summary>
    public static ImmutableArray<SpecProblem> Problems(RunSpec spec)
    {
        var problems = ImmutableArray.CreateBuilder<SpecProblem>();
        Kernel(spec.Kernel, problems);
        if (problems.Any(problem => !problem.IsWarning))
        {
            return problems.ToImmutable();
        }

        for (var host = 0; host < spec.Hosts.Length; host++)
        {
            Host(spec, host, problems);
        }

        if (spec.Kernel.MinTtlMs > 0 && (spec.Kernel.Policy != KernelChoice.MultiGen || !spec.Hosts.Any(host => HostPressure.IsPossible(spec, host))))
        {
            problems.Add(new SpecProblem("kernel.min_ttl_ms", spec.Kernel.Policy == KernelChoice.MultiGen
                ? "has no effect: only kswapd looks at it, which never wakes where the memory of a host holds all memory.max together"
                : $"has no effect: policy {spec.Kernel.Policy} does not know it", IsWarning: true));
        }

        return problems.ToImmutable();
    }

    private static void Kernel(KernelSpec kernel, ImmutableArray<SpecProblem>.Builder problems)
    {
        if (!KernelChoice.Policies.Contains(kernel.Policy))
        {
            problems.Add(new SpecProblem("kernel.policy", $"no policy is called '{kernel.Policy}': {string.Join(", ", KernelChoice.Policies)}"));
        }

        if (!KernelChoice.Variants.Contains(kernel.Variant))
        {
            problems.Add(new SpecProblem("kernel.variant", $"no variant is called '{kernel.Variant}': {string.Join(", ", KernelChoice.Variants)}"));
        }

        if (kernel.LruRefsWidth is < 0 or > 2)
        {
            problems.Add(new SpecProblem("kernel.lru_refs_width", $"must be 0, 1 or 2, not {kernel.LruRefsWidth}"));
        }

        foreach (var rule in kernel.Rules)
        {
            if (KernelRules.Problem(rule.Name, rule.Value) is { } problem)
            {
                problems.Add(new SpecProblem($"kernel.rules.{rule.Name}", problem));
            }
        }

        if (kernel.Rules.Length > 0 && ReferencePolicies.Names.Contains(kernel.Policy))
        {
            problems.Add(new SpecProblem("kernel.rules", $"policy {kernel.Policy} is no kernel: rules have no effect on it", IsWarning: true));
        }
    }

    private static void Host(RunSpec spec, int host, ImmutableArray<SpecProblem>.Builder problems)
    {
        var hostSpec = spec.Hosts[host];
        var key = spec.Hosts.Length == 1 ? "host" : $"hosts[{host}]";
        for (var i = 0; i < hostSpec.Costs.Length; i++)
        {
            Try(problems, $"{key}.costs.{hostSpec.Costs[i].Name}", () => CostTable.Default.With(hostSpec.Costs[i].Name, hostSpec.Costs[i].Nanoseconds));
        }

        foreach (var device in hostSpec.Devices)
        {
            Try(problems, $"{key}.devices.{device.Name}", () => DeviceLayout.TypeOf(device));
        }

        if (hostSpec.TlbEntries is < 0 or > MaxTlbEntries || (hostSpec.TlbEntries & (hostSpec.TlbEntries - 1)) != 0)
        {
            problems.Add(new SpecProblem($"{key}.tlb_entries", $"must be 0 or a power of two up to {MaxTlbEntries}, not {hostSpec.TlbEntries}"));
        }

        Dirty(hostSpec.Dirty, key, problems);
        if (problems.Any(problem => !problem.IsWarning))
        {
            return;
        }

        Try(problems, $"{key}.zswap", () => (object?)SwapLayout.Zswap(hostSpec, new CgroupSpec { Path = "" }, CostTable.Default) ?? hostSpec);
        for (var i = 0; i < hostSpec.Swap.Length; i++)
        {
            var one = hostSpec with { Swap = [hostSpec.Swap[i]] };
            Try(problems, $"{key}.swap[{i}].type", () => SwapLayout.Areas(one, new DeviceLayout(one), CostTable.Default));
        }

        if (problems.Any(problem => !problem.IsWarning))
        {
            return;
        }

        var busy = hostSpec.Cgroups.Count(cgroup => !cgroup.Workloads.IsEmpty);
        if (busy > 1 && !HostPressure.IsShared(spec, hostSpec))
        {
            problems.AddRange(DeviceContention.Devices(hostSpec).Select(device => new SpecProblem(
                $"{key}.devices.{device.Name}", $"cgroups may be in each other's way at it; yet in this version each has it to itself, {DeviceContention.Refusal(spec, hostSpec)}", IsWarning: true)));
        }

        if (busy > 1 && !hostSpec.CpusAreShared)
        {
            problems.Add(new SpecProblem($"{key}.cgroups", "cgroups do not share CPUs, unless the host's are given (cpus): each has as many as it wants", IsWarning: true));
        }

        if (busy > 1 && hostSpec.Schedule == TurnSchedule.Turns && SharedLimits.Circles(spec, hostSpec) > 1)
        {
            problems.Add(new SpecProblem($"{key}.schedule", "turns go round within each cgroup, and among those below one limit, only in this version", IsWarning: true));
        }

        Nodes(hostSpec, key, problems);
        Tiers(spec.Kernel.Policy, hostSpec, key, problems);
        Unmovable(spec, hostSpec, key, problems);
        if (problems.Any(problem => !problem.IsWarning))
        {
            return;
        }

        var pressured = HostPressure.IsPossible(spec, hostSpec);
        foreach (var node in NumaLayout.Nodes(hostSpec))
        {
            var place = hostSpec.Nodes.Length > 1 ? $"{key}.nodes[{node}]" : $"{key}.nodes";
            var memory = MemoryOf(hostSpec, node);
            if (!pressured && NumaLayout.On(hostSpec, node) is { Cgroups.IsEmpty: false, LimitsTogether: var together } && together > memory)
            {
                problems.Add(new SpecProblem(place, $"memory of {memory} bytes is less than all memory.max together: policy {spec.Kernel.Policy} knows no reclaim by the whole machine"));
            }
            else if (!hostSpec.Nodes.IsEmpty && HostPressure.IsShared(spec, hostSpec))
            {
                Try(problems, place, () => HostPressure.Node(spec, host, node));
            }
        }

        foreach (var group in hostSpec.Groups)
        {
            Events(spec, group, $"{key}.cgroups.{group.Path}", problems);
        }

        for (var cgroup = 0; cgroup < hostSpec.Cgroups.Length; cgroup++)
        {
            Cgroup(spec, host, cgroup, $"{key}.cgroups.{hostSpec.Cgroups[cgroup].Path}", problems);
        }

        if (!pressured && problems.All(problem => problem.IsWarning))
        {
            foreach (var node in NumaLayout.Nodes(hostSpec))
            {
                CompressedMemory(NumaLayout.On(hostSpec, node), key, MemoryOf(hostSpec, node), problems);
            }
        }
    }

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

    /// <summary>What is to be done with memory of two tiers.</summary>
    /// <summary>Where pages of one cgroup lie on several nodes, each of its tasks goes by watermarks that are not boosted.</summary>
    private static void Unmovable(RunSpec spec, HostSpec host, string key, ImmutableArray<SpecProblem>.Builder problems)
    {
        var node = host.Nodes.FirstOrDefault(node => node.UnmovableFreeBytes > 0);
        if (node is not null && spec.Kernel.Policy == KernelChoice.Classic && (NumaLayout.Demotes(host) || host.Cgroups.Any(cgroup => NumaLayout.IsSpread(spec, host, cgroup))))
        {
            problems.Add(new SpecProblem($"{key}.nodes[{host.Nodes.IndexOf(node)}].unmovable_free", "together with cgroups that have pages on several nodes, or with demotion, this is not in this version"));
        }
    }

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

    private static void Dirty(DirtySpec dirty, string key, ImmutableArray<SpecProblem>.Builder problems)
    {
        Check("vm.dirty_ratio", dirty.Ratio, 100);
        Check("vm.dirty_background_ratio", dirty.BackgroundRatio, 100);
        Check("vm.dirty_bytes", dirty.Bytes, long.MaxValue);
        Check("vm.dirty_background_bytes", dirty.BackgroundBytes, long.MaxValue);
        Check("vm.dirty_expire_centisecs", dirty.ExpireCentisecs, int.MaxValue);
        Check("vm.dirty_writeback_centisecs", dirty.WritebackCentisecs, int.MaxValue);

        void Check(string name, long value, long most)
        {
            if (value < 0 || value > most)
            {
                problems.Add(new SpecProblem($"{key}.{name}", $"must be 0 to {most}, not {value}"));
            }
        }
    }

    private static void Cgroup(RunSpec spec, int host, int cgroup, string key, ImmutableArray<SpecProblem>.Builder problems)
    {
        var cgroupSpec = spec.Hosts[host].Cgroups[cgroup];
        var pressured = HostPressure.IsPossible(spec, spec.Hosts[host]);
        var above = SharedLimits.LimitAbove(spec.Hosts[host], cgroupSpec.Path);
        if ((HostPressure.IsShared(spec, spec.Hosts[host]) || SharedLimits.HasLimitAbove(spec.Hosts[host], cgroupSpec.Path)) && SharedLimits.Refusal(spec, spec.Hosts[host], cgroupSpec) is { } refusal)
        {
            problems.Add(new SpecProblem($"{key}.memory.max", $"not in this version: memory that it shares with others, {refusal}"));
            return;
        }

        if ((cgroupSpec.MemoryMax ?? above ?? (pressured ? MemoryOf(spec.Hosts[host], NumaLayout.NodeOf(spec.Hosts[host], cgroupSpec)) : null)) is not { } max)
        {
            problems.Add(new SpecProblem($"{key}.memory.max", $"is missing: policy {spec.Kernel.Policy} knows no reclaim by the whole machine"));
            return;
        }

        if (max / PageBytes < Container.EvictionRound)
        {
            problems.Add(new SpecProblem($"{key}.memory.max", $"{max} bytes are less than one eviction round of {Container.EvictionRound} pages ({Container.EvictionRound * PageBytes} bytes)"));
            return;
        }

        if ((cgroupSpec.ProcessAnonBytes + cgroupSpec.ProcessKernelBytes) / PageBytes + Container.EvictionRound > max / PageBytes)
        {
            problems.Add(new SpecProblem($"{key}.process_memory", "leaves less than one eviction round of memory.max"));
            return;
        }

        if (spec.Kernel.Policy is not (KernelChoice.MultiGen or KernelChoice.Classic))
        {
            PageTables(spec.Kernel.Policy, cgroupSpec, key, problems);
            if (cgroupSpec.MemoryHigh is not null)
            {
                problems.Add(new SpecProblem($"{key}.memory.high", $"policy {spec.Kernel.Policy} knows no memory.high"));
            }

            if (!cgroupSpec.Events.IsEmpty)
            {
                problems.Add(new SpecProblem($"{key}.events", $"policy {spec.Kernel.Policy} has none of the kernel's files to write to"));
            }
        }

        foreach (var process in cgroupSpec.Workloads.Where(workload => workload is { Process: not null, OomScoreAdj: not 0 }).GroupBy(workload => workload.Process))
        {
            if (process.Select(workload => workload.OomScoreAdj).Distinct().Count() > 1)
            {
                problems.Add(new SpecProblem($"{key}.workloads", $"process '{process.Key}' has one oom_score_adj, not {string.Join(" and ", process.Select(workload => workload.OomScoreAdj).Distinct())}"));
            }
        }

        Events(spec, host, cgroupSpec, key, problems);
        problems.AddRange(FileSharingCheck.Problems(spec, host, cgroup).Select(problem => new SpecProblem($"{key}.{problem.Key}", problem.Problem)));
        if ((cgroupSpec.MemoryLow != 0 || cgroupSpec.MemoryMin != 0) && !SharedLimits.HasLimitAbove(spec.Hosts[host], cgroupSpec.Path) && !pressured)
        {
            problems.Add(new SpecProblem($"{key}.memory.{(cgroupSpec.MemoryLow != 0 ? "low" : "min")}",
                "has no effect: it protects from reclaim on behalf of an ancestor or of the whole machine, whose memory holds all memory.max together; a cgroup's own limit knows no protection", IsWarning: true));
        }

        for (var i = 0; i < cgroupSpec.Workloads.Length; i++)
        {
            var workload = cgroupSpec.Workloads[i];
            if (spec.Kernel.Policy == ReferencePolicies.Opt && workload is FioSpec { TimeBased: true })
            {
                problems.Add(new SpecProblem($"{key}.workloads[{i}].fio.time_based", "policy opt must know the whole sequence: give its length in accesses (size, loops, io_size), not in time"));
            }

            if (spec.Kernel.Policy == ReferencePolicies.Opt && (workload.StartNs > 0 || workload.StopNs is not null))
            {
                problems.Add(new SpecProblem($"{key}.workloads[{i}].{(workload.StartNs > 0 ? "start" : "stop")}", "policy opt must know the whole sequence: it takes no start and no stop in time"));
            }
        }

        Try(problems, $"{key}.workloads", () =>
        {
            var plan = ContainerFactory.Plan(spec, host, cgroup);
            var pages = plan.FilePages.Concat(plan.HeapPages).Sum(size => (long)size);
            return pages <= Patterns.MaxPages
                ? plan
                : throw new ArgumentException($"the files and the anonymous memory of a cgroup have {pages} pages together, more than 2³¹");
        });
    }

    private static void Events(RunSpec spec, int host, CgroupSpec cgroup, string key, ImmutableArray<SpecProblem>.Builder problems)
    {
        var kernel = ContainerFactory.Choice(spec.Kernel);
        var files = FileLayout.Of(spec.Hosts[host], cgroup).Names;
        for (var i = 0; i < cgroup.Events.Length; i++)
        {
            var item = cgroup.Events[i];
            if (item.Value is { } text && ControlSyntax.Problem(ControlMapping.ToModel(item.File), text, kernel, files) is { } problem)
            {
                problems.Add(new SpecProblem($"{key}.events[{i}].{EventFiles.NameOf(item.File)}", problem));
            }

            if (item is { File: EventFile.MemorySwapMax, Value: { } size } && cgroup.SwapMax is { } most && (size == "max" || (long.TryParse(size, out var bytes) && bytes > most)))
            {
                problems.Add(AboveSwapMax($"{key}.events[{i}]", most));
            }
        }
    }

    /// <summary>Of a cgroup with others below it.</summary>
    private static void Events(RunSpec spec, GroupSpec group, string key, ImmutableArray<SpecProblem>.Builder problems)
    {
        if (!group.Events.IsEmpty && spec.Kernel.Policy is not (KernelChoice.MultiGen or KernelChoice.Classic))
        {
            problems.Add(new SpecProblem($"{key}.events", $"policy {spec.Kernel.Policy} has none of the kernel's files to write to"));
            return;
        }

        for (var i = 0; i < group.Events.Length; i++)
        {
            var item = group.Events[i];
            if (SharedDomain.Problem(ControlMapping.ToModel(item.File), item.Value, ContainerFactory.Choice(spec.Kernel)) is { } problem)
            {
                problems.Add(new SpecProblem($"{key}.events[{i}].{(item.Value is null ? "read" : EventFiles.NameOf(item.File))}", problem));
            }

            if (item is { File: EventFile.MemorySwapMax, Value: { } size } && group.SwapMax is { } most && (size == "max" || (long.TryParse(size, out var bytes) && bytes > most)))
            {
                problems.Add(AboveSwapMax($"{key}.events[{i}]", most));
            }
        }
    }

    private static SpecProblem AboveSwapMax(string key, long most) =>
        new($"{key}.{EventFiles.NameOf(EventFile.MemorySwapMax)}", $"is above memory.swap.max, {most} bytes: begin with the largest, an event at 0s can lower it");

    /// <summary>A reference policy is told of accesses one by one; through page tables the kernel sees none of them.</summary>
    private static void PageTables(string policy, CgroupSpec cgroup, string key, ImmutableArray<SpecProblem>.Builder problems)
    {
        for (var i = 0; i < cgroup.Workloads.Length; i++)
        {
            var workload = cgroup.Workloads[i];
            if (workload is MixSpec mix)
            {
                for (var part = 0; part < mix.Parts.Length; part++)
                {
                    Check(mix.Parts[part].Workload, $"{key}.workloads[{i}].mix[{part}]");
                }
            }
            else
            {
                Check(workload, $"{key}.workloads[{i}]");
            }
        }

        void Check(WorkloadSpec workload, string place)
        {
            if (AccessPaths.Of(workload) != AccessPath.Descriptor)
            {
                problems.Add(new SpecProblem($"{place}.{(workload is TraceSpec ? "trace" : "pattern")}.kind",
                    $"policy {policy} is no kernel and has no page tables: it takes reads and writes through a descriptor only"));
            }
        }
    }

    /// <summary>Lets the model itself say what it refuses.</summary>
    private static void Try(ImmutableArray<SpecProblem>.Builder problems, string key, Func<object> build)
    {
        try
        {
            build();
        }
        catch (ArgumentException e)
        {
            var message = e.ParamName is { } parameter ? e.Message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal) : e.Message;
            problems.Add(new SpecProblem(key, message));
        }
        catch (OverflowException)
        {
            problems.Add(new SpecProblem(key, "a file is larger than 2³¹ pages"));
        }
    }
}
