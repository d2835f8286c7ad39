using System.Collections.Immutable;
using Reclaim.Contracts.Spec;
using Reclaim.Model.Control;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Reference;
using Reclaim.Model.Steps;
using Reclaim.Model.Workloads;

namespace Reclaim.Grains;

/// <summary>Of its cgroups.</summary>
public static partial class SpecCheck
{
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

        if (cgroupSpec.CpuMax is { } cpu)
        {
            if (cpu.QuotaNs <= 0 || cpu.PeriodNs <= 0)
            {
                problems.Add(new SpecProblem($"{key}.cpu.max", $"{cpu.QuotaNs} ns in {cpu.PeriodNs} are no quota in a period"));
                return;
            }

            if (spec.Hosts[host].Schedule == TurnSchedule.Turns)
            {
                problems.Add(new SpecProblem($"{key}.cpu.max", "has no effect with 'schedule: turns', which goes by accesses, not by time", IsWarning: true));
            }
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
}
