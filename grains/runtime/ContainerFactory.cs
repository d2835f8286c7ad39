using System.Collections.Immutable;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Model.Control;
using Reclaim.Model.Kernels;
using Reclaim.Model.Nodes;
using Reclaim.Model.Oom;
using Reclaim.Model.Pressure;
using Reclaim.Model.Steps;
using Reclaim.Model.Time;
using Reclaim.Model.Writeback;

namespace Reclaim.Grains;

/// <summary>Builds the model of a cgroup from its specification, and reads its results back.</summary>
public static class ContainerFactory
{
    private const long PageBytes = 4096;

    /// <summary>memory.max in pages of a cgroup that has none of its own but one above it: more than any machine has.</summary>
    private const long Unlimited = 1L << 40;

    /// <summary>The kernel numbers memcgs as they are made; the root is 1.</summary>
    private const int FirstMemcgId = 2;

    /// <summary>Builds cgroup number <paramref name="cgroup"/> of host number <paramref name="host"/>. The specification must have passed <see cref="SpecCheck"/>.</summary>
    public static Container Build(RunSpec spec, int host, int cgroup) => new(Plan(spec, host, cgroup));

    /// <summary>The results of a container as they stand.</summary>
    public static CgroupResult Results(Container container, RunSpec spec, int host, int cgroup)
    {
        var cgroupSpec = spec.Hosts[host].Cgroups[cgroup];
        var figures = new ContainerFigures(container);
        return Whole(figures, spec, host, cgroup, latencies: spec.CaptureSeries) with
        {
            Series = figures.Series is var (every, columns)
                ? new SeriesResult(every, columns.ToImmutableSortedDictionary(column => column.Name, column => column.Values.ToImmutableArray(), StringComparer.Ordinal))
                : null,
            Records = RecordResults.Of(container, cgroupSpec),
            Residency = spec.CaptureResidency ? Residency(figures, spec.Hosts[host], cgroupSpec) : default,
        };
    }

    /// <summary>How a container stands, for somebody who looks while it runs.</summary>
    /// <param name="container">The container.</param>
    /// <param name="spec">The run.</param>
    /// <param name="host">Number of the host.</param>
    /// <param name="cgroup">Number of the cgroup.</param>
    /// <param name="depth">How much of it is wanted.</param>
    public static MemcgView View(Container container, RunSpec spec, int host, int cgroup, ViewDepth depth)
    {
        var figures = new ContainerFigures(container);
        return new MemcgView(
            CgroupViews.Of(container, figures, spec.Hosts[host].Cgroups[cgroup].Path),
            depth switch
            {
                ViewDepth.Everything => Whole(figures, spec, host, cgroup, latencies: false),
                ViewDepth.Counters => Cheap(figures, spec, host, cgroup),
                _ => new CgroupResult { RefaultsByCause = [.. figures.RefaultsByCause] },
            });
    }

    /// <summary>All but what has to be asked for.</summary>
    private static CgroupResult Whole(ContainerFigures figures, RunSpec spec, int host, int cgroup, bool latencies)
    {
        var cgroupSpec = spec.Hosts[host].Cgroups[cgroup];
        return Cheap(figures, spec, host, cgroup) with
        {
            LruGenFull = figures.LruGenFull(FirstMemcgId + cgroup, cgroupSpec.Path),
            Workloads = [.. cgroupSpec.Workloads.SelectMany((workload, i) => WorkloadResults(figures, workload, i, cgroupSpec, latencies))],
            OomKills = figures.OomKills.Count == 0 ? default : [.. figures.OomKills.Select(kill => Killed(kill, cgroupSpec))],
            Events = figures.Controls.Count == 0 ? default : [.. figures.Controls.Select(Event)],
            Fates = figures.Fates.Count == 0 ? default : [.. figures.Fates.Select(fate => new FateResult(fate.Type, fate.Class, fate.Evicted, fate.Kept, fate.Returned, fate.Recent))],
            MemoryNumaStat = figures.MemoryNumaStat is { } byNode ? [.. byNode.Select(line => new NodeCounters(line.Name, [.. line.Nodes]))] : default,
        };
    }

    /// <summary>Counters and sizes: what costs nothing to know, and what others need of it.</summary>
    private static CgroupResult Cheap(ContainerFigures figures, RunSpec spec, int host, int cgroup) => new()
    {
        MemoryCurrent = figures.MemoryCurrent,
        MemorySwapCurrent = figures.MemorySwapCurrent,
        MemoryStat = Counters(figures.MemoryStat),
        MemoryEvents = Counters(figures.MemoryEvents),
        MemoryPressure = Pressure(figures.Pressure(PressureResource.Memory)),
        IoPressure = Pressure(figures.Pressure(PressureResource.Io)),
        CpuPressure = Pressure(figures.Pressure(PressureResource.Cpu)),
        CpuStat = figures.CpuStat is { } cpu ? Counters(cpu) : default,
        RefaultsByCause = [.. figures.RefaultsByCause],
        SharedFiles = spec.Hosts[host].Files.IsEmpty ? [] : FileSharing.Results(figures, spec.Hosts[host], cgroup),
    };

    /// <summary>What came of a request for a control file; null as long as it has not been carried out.</summary>
    internal static EventResult? Event(Container container, string id) =>
        new ContainerFigures(container).Controls.FirstOrDefault(outcome => outcome.Id == id) is { } outcome ? Event(outcome) : null;

    /// <summary>What the model is built from.</summary>
    /// <exception cref="ArgumentException">Something in the specification that the model refuses.</exception>
    internal static ContainerPlan Plan(RunSpec spec, int host, int cgroup)
    {
        var hostSpec = spec.Hosts[host];
        var cgroupSpec = hostSpec.Cgroups[cgroup];
        var layout = CgroupLayout.Of(hostSpec, cgroupSpec);
        var numa = NumaLayout.PlanOf(spec, hostSpec, cgroupSpec);
        var costs = hostSpec.Costs.Aggregate(CostTable.Default, (table, cost) => table.With(cost.Name, cost.Nanoseconds))
            .At(numa is null ? NumaLayout.Distance(hostSpec, cgroupSpec) : NumaTopology.LocalDistance, NumaTopology.LocalDistance);
        var swap = Math.Min(hostSpec.Swap.Sum(area => area.SizeBytes), cgroupSpec.SwapMax ?? long.MaxValue) / PageBytes;
        return new ContainerPlan
        {
            Kernel = Choice(spec.Kernel) with { Swappiness = swap > 0 || numa is { LowerTier.Count: > 0 } ? spec.Kernel.Swappiness : 0 },
            MaxPages = cgroupSpec.MemoryMax / PageBytes ?? (SharedLimits.LimitAbove(hostSpec, cgroupSpec.Path) is null && !HostPressure.IsPossible(spec, hostSpec)
                ? throw new ArgumentException("memory.max is missing")
                : Unlimited),
            ProcessAnonPages = Pages(cgroupSpec.ProcessAnonBytes),
            ProcessKernelPages = Pages(cgroupSpec.ProcessKernelBytes),
            FilePages = layout.Files.Pages,
            FileNames = layout.Files.Names,
            Number = (ushort)cgroup,
            SharedFiles = FileSharing.PlanOf(hostSpec, cgroup, layout.Files),
            HeapPages = layout.Heaps.Pages,
            SharedDevices = layout.Devices.Shared(spec, hostSpec),
            SwapPages = swap,
            SwapAreas = swap > 0 ? SwapLayout.Areas(hostSpec, layout.Devices, costs) : [],
            Zswap = swap > 0 ? SwapLayout.Zswap(hostSpec, cgroupSpec, costs) : null,
            PageCluster = spec.Kernel.PageCluster,
            TlbEntries = hostSpec.TlbEntries,
            FaultAroundPages = (int)(hostSpec.FaultAroundBytes / PageBytes),
            Jobs = WorkloadPlans.Jobs(spec, host, cgroup, layout),
            Costs = costs,
            Cpus = Math.Max(1, hostSpec.Cpus),
            CpuMax = cgroupSpec.CpuMax is { } cpu ? new CpuMax(cpu.QuotaNs, cpu.PeriodNs) : null,
            Turns = hostSpec.Schedule == TurnSchedule.Turns,
            ReportsPressure = HostPressure.IsShared(spec, hostSpec) || SharedLimits.HasLimitAbove(hostSpec, cgroupSpec.Path),
            ObserveEvery = cgroupSpec.ObserveEvery,
            TakesSamples = spec.CaptureSeries,
            MostRecords = spec.CaptureReclaims,
            Dirty = Sysctls(hostSpec.Dirty),
            HostPages = hostSpec.Nodes.Sum(node => node.MemoryBytes) / PageBytes,
            HighPages = cgroupSpec.MemoryHigh / PageBytes ?? long.MaxValue,
            Node = NumaLayout.NodeOf(hostSpec, cgroupSpec),
            Numa = numa,
            Path = cgroupSpec.Path,
            MemcgId = FirstMemcgId + cgroup,
            LowPages = cgroupSpec.MemoryLow / PageBytes,
            MinPages = cgroupSpec.MemoryMin / PageBytes,
            OomGroup = cgroupSpec.OomGroup,
            Rmdir = cgroupSpec.Rmdir,
            Controls = [.. cgroupSpec.Events.OrderBy(item => item.AtNs).Select(item => new ControlAccess(item.AtNs, ControlMapping.ToModel(item.File), item.Value))],
        };
    }

    /// <summary>The kernel in the model's terms, but for what takes effect only with swap.</summary>
    internal static KernelChoice Choice(KernelSpec kernel) => new()
    {
        Policy = kernel.Policy,
        Variant = kernel.Variant,
        RefsWidth = kernel.LruRefsWidth,
        LruGenStats = kernel.LruGenStats,
        MinTtlNs = kernel.MinTtlMs * 1_000_000L,
        Rules = [.. kernel.Rules.Select(rule => (rule.Name, rule.Value))],
    };

    internal static EventResult Event(ControlOutcome outcome) => new()
    {
        AtNs = outcome.AtNs,
        File = EventFiles.NameOf(ControlMapping.ToMessage(outcome.File)),
        Write = outcome.Value,
        Read = outcome.Text,
        Error = outcome.Errno == 0 ? null : ControlOutcome.NameOf(outcome.Errno),
    };

    private static OomKillResult Killed(OomKill kill, CgroupSpec cgroup) => new()
    {
        AtNs = kill.AtNs,
        Workloads = [.. kill.Workloads.Select(workload => cgroup.Workloads[workload].Name)],
        Points = kill.Points,
        For = kill.For,
    };

    internal static PressureResult Pressure(PressureFigures figures) => new(Line(figures.Some), Line(figures.Full));

    private static PressureTotal Line(PressureLine line) => new(line.Total, line.Avg10 / 100.0, line.Avg60 / 100.0, line.Avg300 / 100.0);

    private static DirtySysctls Sysctls(DirtySpec dirty) => new()
    {
        Ratio = dirty.Ratio,
        BackgroundRatio = dirty.BackgroundRatio,
        Bytes = dirty.Bytes,
        BackgroundBytes = dirty.BackgroundBytes,
        ExpireCentisecs = dirty.ExpireCentisecs,
        WritebackCentisecs = dirty.WritebackCentisecs,
    };

    private static long Pages(long bytes) => (bytes + PageBytes - 1) / PageBytes;

    private static ImmutableArray<Counter> Counters(IReadOnlyList<(string Name, long Value)> counters) =>
        [.. counters.Select(counter => new Counter(counter.Name, counter.Value))];

    /// <summary>fio reports each job for itself, unless it is asked to report the group.</summary>
    private static IEnumerable<WorkloadResult> WorkloadResults(ContainerFigures figures, WorkloadSpec workload, int index, CgroupSpec cgroup, bool latencies)
    {
        if (workload is not FioSpec { GroupReporting: false, NumJobs: > 1 and var jobs })
        {
            return [Result(figures.Workload(index), workload.Name, latencies)];
        }

        var first = cgroup.Workloads.Take(index).Sum(WorkloadPlans.JobCount);
        return Enumerable.Range(0, jobs).Select(job => Result(figures.Job(first + job), $"{workload.Name}.{job}", latencies));
    }

    private static WorkloadResult Result(WorkloadFigures figures, string name, bool latencies)
    {
        var seconds = figures.SteadyNs / 1e9;
        var iops = seconds > 0 ? figures.SteadyRequests / seconds : 0;
        return new WorkloadResult
        {
            Name = name,
            Accesses = figures.Accesses,
            Hits = figures.Accesses - figures.Misses,
            Misses = figures.Misses,
            DeviceReads = figures.DeviceReads,
            ReadaheadPages = figures.ReadaheadPages,
            DeviceWrites = figures.DeviceWrites,
            Iops = iops,
            BandwidthMiBs = iops * figures.BlockBytes / (1 << 20),
            LatencyUs = new LatencyResult(figures.LatencyNs.P50 / 1e3, figures.LatencyNs.P99 / 1e3, figures.LatencyNs.P999 / 1e3),
            LatencyHistogram = latencies && figures.Latencies.Buckets is var buckets
                ? new LatencyHistogramResult([.. buckets.Select(bucket => bucket.Ns / 1e3)], [.. buckets.Select(bucket => bucket.Count)])
                : null,
            Steady = new SteadyResult(figures.SteadyAccesses, figures.SteadyAccesses - figures.SteadyMisses, figures.SteadyDeviceReads, seconds)
            {
                ReadaheadPages = figures.SteadyReadaheadPages,
                Spent = figures.SteadySpentNs.ToImmutableSortedDictionary(kind => kind.Name, kind => kind.Ns / 1e9, StringComparer.Ordinal),
            },
            CpuSeconds = figures.CpuNs.ToImmutableSortedDictionary(cost => cost.Name, cost => cost.Ns / 1e9, StringComparer.Ordinal),
        };
    }

    private static ImmutableArray<ResidentFile> Residency(ContainerFigures figures, HostSpec host, CgroupSpec cgroup)
    {
        var files = FileLayout.Of(host, cgroup);
        return [.. files.Names.Select((name, i) =>
        {
            var (bitmap, resident) = figures.Residency(i);
            return new ResidentFile(name, files.Pages[i], resident, bitmap);
        })];
    }
}
