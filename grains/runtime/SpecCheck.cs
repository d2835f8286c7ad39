using System.Collections.Immutable;
using Reclaim.Contracts.Spec;
using Reclaim.Model.Kernels;
using Reclaim.Model.Reference;
using Reclaim.Model.Time;

namespace Reclaim.Grains;

/// <summary>What a specification says that the model cannot do.</summary>
public static partial class SpecCheck
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
