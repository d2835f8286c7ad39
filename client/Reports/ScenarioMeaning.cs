using System.Globalization;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.Reports;

/// <summary>Says in words and pages what a scenario means.</summary>
internal static class ScenarioMeaning
{
    private const int PageSize = 4096;

    public static void Write(TextWriter output, Scenario scenario)
    {
        var spec = scenario.Spec;
        output.WriteLine($"{spec.Scenario}: seed {spec.Seed}, {(spec.DurationNs is { } ns ? $"{Units.Duration(ns)} of virtual time" : "until every workload is done")}");
        output.WriteLine($"kernel: {spec.Kernel.Policy} {spec.Kernel.Variant}, LRU_REFS_WIDTH {spec.Kernel.LruRefsWidth}, swappiness {spec.Kernel.Swappiness}");
        foreach (var rule in spec.Kernel.Rules)
        {
            output.WriteLine($"  rule {rule.Name}: {rule.Value} instead of the variant's own");
        }

        if (!scenario.Compare.IsEmpty)
        {
            output.WriteLine($"compare: {string.Join(", ", scenario.Compare.Select(side => side.Text))}");
        }

        foreach (var host in spec.Hosts)
        {
            Write(output, host);
        }
    }

    private static IEnumerable<string> Tiers(HostSpec host)
    {
        if (host.DemotionEnabled)
        {
            yield return "pages that would be evicted go to nodes without CPUs first";
        }

        if (host.NumaBalancing != 0)
        {
            yield return $"mapped ones that are used within {host.HotThresholdMs} ms come back, {host.PromoteRateLimitMBps} MiB a second at most";
        }
    }

    private static void Write(TextWriter output, HostSpec host)
    {
        var order = host.Schedule == TurnSchedule.Turns ? $"workloads take turns of {host.Turn} accesses" : "workloads share virtual time";
        output.WriteLine($"{host.Name}: {host.Cpus} CPU{(host.Cpus == 1 ? "" : "s")}, {Size(host.Nodes.Sum(node => node.MemoryBytes))} of memory, {Swap(host)}; {order}");
        for (var i = 0; (host.Nodes.Length > 1 || host.Nodes.Any(node => node.UnmovableFreeBytes > 0)) && i < host.Nodes.Length; i++)
        {
            var node = host.Nodes[i];
            output.WriteLine($"  node {i}: {Size(node.MemoryBytes)}{(node.UsedBytes > 0 ? $", of which {Units.Size(node.UsedBytes)} are used" : "")}{(node.UnmovableFreeBytes > 0 ? $", {Units.Size(node.UnmovableFreeBytes)} of the free in blocks of unmovable pages" : "")}{(node.IsMemoryOnly ? ", no CPUs" : "")}"
                + (host.Distance.IsEmpty ? "" : $", distances {string.Join(' ', host.Distance[i])}"));
        }

        if (host.DemotionEnabled || host.NumaBalancing != 0)
        {
            output.WriteLine($"  {string.Join("; ", Tiers(host))}");
        }

        foreach (var device in host.Devices)
        {
            output.WriteLine($"  device {device.Name}: {device.Type}");
        }

        foreach (var file in host.Files)
        {
            output.WriteLine($"  file {file.Name}: {Size(file.SizeBytes)}, shared by the cgroups that use it");
        }

        if (host.FaultAroundBytes > PageSize)
        {
            output.WriteLine($"  a load that faults maps what is cached of {Units.Size(host.FaultAroundBytes)} about it");
        }

        if (host.Dirty != new DirtySpec())
        {
            output.WriteLine($"  {Dirty(host.Dirty)}");
        }

        foreach (var cost in host.Costs)
        {
            output.WriteLine($"  cost {cost.Name}: {cost.Nanoseconds} ns instead of the table's");
        }

        foreach (var group in host.Groups)
        {
            output.WriteLine($"  {group.Path}: shared by the cgroups below it: memory.max {(group.MemoryMax is { } max ? Size(max) : "max")}"
                + (group.MemoryHigh is { } high ? $", memory.high {Size(high)}" : "")
                + (group.SwapMax is { } swap ? $", memory.swap.max {Size(swap)}" : "")
                + Protected("memory.low", group.MemoryLow) + Protected("memory.min", group.MemoryMin) + (group.OomGroup ? ", memory.oom.group" : ""));
            Happenings(output, group.Events);
        }

        foreach (var cgroup in host.Cgroups)
        {
            var held = cgroup.ProcessAnonBytes + cgroup.ProcessKernelBytes;
            output.WriteLine($"  {cgroup.Path}: memory.max {(cgroup.MemoryMax is { } max ? Size(max) : "max")}"
                + (cgroup.MemoryHigh is { } high ? $", memory.high {Size(high)}" : "")
                + Protected("memory.low", cgroup.MemoryLow)
                + Protected("memory.min", cgroup.MemoryMin)
                + (cgroup.SwapMax is { } swap ? $", memory.swap.max {Size(swap)}" : "")
                + (cgroup.ZswapMax is { } zswap ? $", memory.zswap.max {Size(zswap)}" : "")
                + (cgroup.Node is { } node ? $", cpuset.mems {node}" : cgroup.Mems.IsEmpty ? "" : $", cpuset.mems {string.Join(',', cgroup.Mems)}")
                + (cgroup.CpuNode is { } cpus ? $", on the CPUs of node {cpus}" : "")
                + (cgroup.Mempolicy is { } policy ? $", pages {policy.Kind} of {(policy.Nodes.Length == 1 ? "node" : "nodes")} {string.Join(',', policy.Nodes)}" : "")
                + (cgroup.CpuMax is { } cpu ? string.Create(CultureInfo.InvariantCulture, $", cpu.max {cpu.QuotaNs / 1e6:0.###} ms in {cpu.PeriodNs / 1e6:0.###} ms") : "")
                + (cgroup.OomGroup ? ", memory.oom.group" : "")
                + (cgroup.Rmdir ? ", removed when its workloads have ended" : "")
                + (held > 0 ? $", of which its processes hold {Units.Size(held)}" : ""));
            foreach (var workload in cgroup.Workloads)
            {
                output.WriteLine($"    {workload.Name}: {Describe(workload)}{Life(workload)}");
            }

            Happenings(output, cgroup.Events);
        }
    }

    private static void Happenings(TextWriter output, IEnumerable<EventSpec> events)
    {
        foreach (var happening in events)
        {
            output.WriteLine($"    at {Units.Duration(happening.AtNs)}: {Event(happening)}");
        }
    }

    private static string Event(EventSpec happening) =>
        happening.Value is { } text ? $"{EventFiles.NameOf(happening.File)} < {text}" : $"{EventFiles.NameOf(happening.File)} is read";

    private static string Protected(string file, long bytes) => bytes switch
    {
        0 => "",
        long.MaxValue => $", {file} max",
        _ => $", {file} {Size(bytes)}",
    };

    private static string Describe(WorkloadSpec workload) => workload switch
    {
        FioSpec fio => Fio(fio),
        TraceSpec trace => $"trace {trace.Path}, {Words(trace.Kind)}, {Figures.Count(trace.Accesses)} accesses to {Figures.Count(trace.Pages)} pages{Place(trace)}",
        PatternSpec pattern => $"pattern {pattern.Pattern}, {Words(pattern.Kind)}{Stores(pattern)}, {Figures.Count(pattern.Acc)} accesses to {Figures.Count(pattern.N)} pages{Place(pattern)}, seed {pattern.Seed}",
        MixSpec mix => $"mix, a round: {string.Join(", ", mix.Parts.Select(part => $"{part.Accesses} of ({Describe(part.Workload)})"))}",
        _ => workload.GetType().Name,
    };

    private static string Fio(FioSpec fio)
    {
        var end = fio.TimeBased
            ? $"{Units.Duration(fio.RuntimeNs)} after a ramp of {Units.Duration(fio.RampTimeNs)}"
            : $"{Units.Size(fio.IoSizeBytes > 0 ? fio.IoSizeBytes : fio.SizeBytes)} a job{(fio.Loops > 1 ? $", {fio.Loops} loops" : "")}";
        var files = fio.SharedFile ? $"one file of {Size(fio.SizeBytes)}" : $"{fio.NumJobs} × {Size(fio.SizeBytes)}";
#pragma warning disable CA1308 // fio writes its options in lower case.
        return $"fio rw={fio.Rw.ToString().ToLowerInvariant()} {fio.Distribution.Kind}"
            + $"{(fio.Distribution.Kind is "random" or "zoned" ? "" : ":" + fio.Distribution.Value)}, {fio.NumJobs} job{(fio.NumJobs == 1 ? "" : "s")} on {files}"
            + $" on {fio.Device}{(fio.Mmap ? ", mapped" : "")}, blocks of {Units.Size(fio.BsBytes)}, iodepth {fio.IoDepth}; {end}";
#pragma warning restore CA1308
    }

    private static string Dirty(DirtySpec dirty)
    {
        var limit = dirty.Bytes > 0 ? $"vm.dirty_bytes {Units.Size(dirty.Bytes)}" : $"vm.dirty_ratio {dirty.Ratio}";
        var background = dirty.BackgroundBytes > 0 ? $"vm.dirty_background_bytes {Units.Size(dirty.BackgroundBytes)}" : $"vm.dirty_background_ratio {dirty.BackgroundRatio}";
        return $"{limit}, {background}, vm.dirty_expire_centisecs {dirty.ExpireCentisecs}, vm.dirty_writeback_centisecs {dirty.WritebackCentisecs}";
    }

    private static string Swap(HostSpec host) =>
        host.Swap.IsEmpty ? "no swap" : string.Join(", ", host.Swap.Select(area => $"{Size(area.SizeBytes)} of swap on {area.Type}{Priority(area)}{Compressor(area.Compressor)}"))
            + (host.Zswap is { } zswap ? $" behind zswap{Compressor(zswap.Compressor)} of up to {zswap.MaxPoolPercent}% of memory" : "");

    private static string Priority(SwapSpec area) => area.Priority is { } priority ? $" at priority {priority}" : "";

    private static string Compressor(string? name) => name is null ? "" : $" with {name}";

    private static string Life(WorkloadSpec workload) =>
        (workload.StartNs > 0 ? $", from {Units.Duration(workload.StartNs)}" : "")
        + (workload.StopNs is { } stop ? $", until {Units.Duration(stop)}" : "")
        + (workload.Exit ?? workload.StopNs is not null ? ", then exits" : "")
        + (workload.Process is { } process ? $", a thread of {process}" : "")
        + (workload.OomScoreAdj != 0 ? $", oom_score_adj {workload.OomScoreAdj}" : "");

    private static string Words(AccessKind kind) => kind switch
    {
        AccessKind.Write => "writes",
        AccessKind.MmapRead => "loads from a mapping",
        AccessKind.MmapWrite => "stores to a mapping",
        AccessKind.AnonRead => "loads from anonymous memory",
        AccessKind.AnonWrite => "stores to anonymous memory",
        _ => "reads",
    };

    private static string Stores(PatternSpec pattern) =>
        (pattern.Wr > 0 ? $" of which {pattern.Wr}/1024 are stores" : "") + (pattern.Prefill ? " after a store to each page" : "");

    private static string Place(WorkloadSpec workload)
    {
        var advice = workload.Advice switch
        {
            AccessAdvice.Random => ", advice random",
            AccessAdvice.Sequential => ", advice sequential",
            AccessAdvice.NoReuse => ", advice noreuse",
            _ => "",
        };
        return (workload.Device.Length > 0 ? $" on {workload.Device}" : "") + advice;
    }

    private static string Size(long bytes) => $"{Units.Size(bytes)} ({Figures.Count(bytes / PageSize)} pages)";
}
