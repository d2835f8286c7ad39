using Reclaim.Model.Control;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Memcg;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Oom;
using Reclaim.Model.Pressure;
using Reclaim.Model.Sharing;

namespace Reclaim.Model.Steps;

/// <summary>
/// What a container shows: memory.stat, memory.events and lru_gen_full as the kernel prints them, and each workload's own figures.
/// </summary>
public sealed class ContainerFigures(Container container)
{
    private const long PageSize = 4096;

    /// <summary>memory.current, bytes.</summary>
    public long MemoryCurrent => container.PagesCharged * PageSize;

    /// <summary>memory.swap.current, bytes; null: it may not swap.</summary>
    public long? MemorySwapCurrent => container.Memcg is { SwapPages: > 0 } memcg ? memcg.SwapUsed * PageSize : null;

    /// <summary>memory.stat in the kernel's order: bytes for sizes, counts for events.</summary>
    public IReadOnlyList<(string Name, long Value)> MemoryStat
    {
        get
        {
            if (container.Memcg is not { } memcg)
            {
                return [("file", container.Policy!.Count * PageSize), ("pgsteal", container.Policy.Evictions)];
            }

            var stat = memcg.Stat;
            var writeback = container.Loop.Writeback;
            var proactive = CountsProactive ? (Scanned: stat.PgscanProactive, Stolen: stat.PgstealProactive) : default;
            var (inactiveFile, activeFile) = memcg.Lruvec.FileSizes;
            var (inactiveAnon, activeAnon) = memcg.Lruvec.AnonSizes;
            return
            [
                ("anon", (memcg.ProcessAnon + memcg.AnonPages) * PageSize),
                ("file", memcg.FilePages * PageSize),
                ("kernel", memcg.Kernel.Pages * PageSize),
                ("pagetables", memcg.Kernel.PageTables * PageSize),
                ("file_dirty", (writeback?.Dirty ?? 0) * PageSize),
                ("file_writeback", ((writeback?.UnderWriteback ?? 0) + memcg.Transfers.UnderWriteback) * PageSize),
                ("zswap", memcg.Zswap?.Bytes ?? 0),
                ("zswapped", (memcg.Zswap?.Stored ?? 0) * PageSize),
                ("swapcached", memcg.SwapCached * PageSize),
                ("inactive_anon", inactiveAnon * PageSize),
                ("active_anon", activeAnon * PageSize),
                ("inactive_file", inactiveFile * PageSize),
                ("active_file", activeFile * PageSize),
                ("unevictable", 0),
                ("slab", memcg.Kernel.SlabBytes),
                ("workingset_refault_anon", stat.WorkingsetRefaultAnon),
                ("workingset_refault_file", stat.WorkingsetRefaultFile),
                ("workingset_activate_anon", stat.WorkingsetActivateAnon),
                ("workingset_activate_file", stat.WorkingsetActivateFile),
                ("workingset_restore_anon", stat.WorkingsetRestoreAnon),
                ("workingset_restore_file", stat.WorkingsetRestoreFile),
                ("workingset_nodereclaim", stat.WorkingsetNodereclaim),
                .. TierCounters(stat),
                ("pswpin", stat.Pswpin),
                ("pswpout", stat.Pswpout),
                ("zswpin", stat.Zswpin),
                ("zswpout", stat.Zswpout),
                ("zswpwb", stat.Zswpwb),
                ("swap_ra", stat.SwapRa),
                ("swap_ra_hit", stat.SwapRaHit),
                ("pgscan", stat.Pgscan),
                ("pgsteal", stat.Pgsteal),
                ("pgscan_kswapd", stat.PgscanKswapd),
                ("pgscan_direct", stat.Pgscan - stat.PgscanKswapd - proactive.Scanned),
                ("pgsteal_kswapd", stat.PgstealKswapd),
                ("pgsteal_direct", stat.Pgsteal - stat.PgstealKswapd - proactive.Stolen),
                .. ProactiveCounters(stat),
                ("pgfault", stat.Pgfault),
                ("pgmajfault", stat.Pgmajfault),
                ("pgrefill", stat.Pgrefill),
                ("pgactivate", stat.Pgactivate),
                ("pgdeactivate", stat.Pgdeactivate),
                .. BalancingCounters(stat),
            ];
        }
    }

    /// <summary>memory.numa_stat, bytes by node; null of a container with all pages on one.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<long> Nodes)>? MemoryNumaStat
    {
        get
        {
            if (container.Memcg is not { Nodes: { } nodes, Lruvec: NodeLruvecs lruvecs } memcg)
            {
                return null;
            }

            memcg.SettleNodes();
            var (anon, file) = (new long[nodes.Plan.Count], new long[nodes.Plan.Count]);
            for (var page = 0; page < memcg.Folios.Pages; page++)
            {
                if (memcg.Folios.State[page] != 0)
                {
                    (page < nodes.FirstAnon ? file : anon)[nodes.NodeOf[page]] += PageSize;
                }
            }

            anon[nodes.Plan.First] += memcg.ProcessAnon * PageSize;
            return
            [
                ("anon", anon),
                ("file", file),
                ("inactive_anon", By(lruvec => lruvec.AnonSizes.Inactive)),
                ("active_anon", By(lruvec => lruvec.AnonSizes.Active)),
                ("inactive_file", By(lruvec => lruvec.FileSizes.Inactive)),
                ("active_file", By(lruvec => lruvec.FileSizes.Active)),
            ];

            long[] By(Func<Lruvec, long> of) => [.. lruvecs.All.Select(lruvec => of(lruvec) * PageSize)];
        }
    }

    /// <summary>Whether memory.reclaim has counters of its own, from v6.15 on.</summary>
    private bool CountsProactive => container.Rules.ReclaimTakesAnonOnly;

    private (string, long)[] ProactiveCounters(Memcg.MemoryStat stat) =>
        CountsProactive ? [("pgscan_proactive", stat.PgscanProactive), ("pgsteal_proactive", stat.PgstealProactive)] : [];

    /// <summary>Pages that went to slower memory and came back, if there are tiers. A cgroup has them from v6.12 on, memory.reclaim its own from v6.15 on.</summary>
    private IEnumerable<(string, long)> TierCounters(Memcg.MemoryStat stat)
    {
        if (container.Plan.Numa is not { } numa)
        {
            yield break;
        }

        if (numa.Demotion)
        {
            yield return ("pgdemote_kswapd", stat.PgdemoteKswapd);
            yield return ("pgdemote_direct", stat.Pgdemote - stat.PgdemoteKswapd - (CountsProactive ? stat.PgdemoteProactive : 0));
            if (CountsProactive)
            {
                yield return ("pgdemote_proactive", stat.PgdemoteProactive);
            }
        }

        if (numa.Promotion is not null)
        {
            yield return ("pgpromote_success", stat.PgpromoteSuccess);
            yield return ("pgpromote_candidate", stat.PgpromoteCandidate);
        }
    }

    private (string, long)[] BalancingCounters(Memcg.MemoryStat stat) => container.Plan.Numa?.Promotion is null ? []
        : [("numa_pages_migrated", stat.PgpromoteSuccess), ("numa_pte_updates", stat.NumaPteUpdates), ("numa_hint_faults", stat.NumaHintFaults)];

    /// <summary>memory.events.</summary>
    public IReadOnlyList<(string Name, long Value)> MemoryEvents =>
    [
        ("low", 0),
        ("high", container.Memcg?.Stat.EventsHigh ?? 0),
        ("max", container.Memcg?.Stat.EventsMax ?? 0),
        ("oom", container.Memcg?.Stat.EventsOom ?? 0),
        ("oom_kill", container.Memcg?.Stat.EventsOomKill ?? 0),
        ("oom_group_kill", container.Memcg?.Stat.EventsOomGroupKill ?? 0),
    ];

    /// <summary>cpu.stat; null without a cpu.max. Time waiting is that of all tasks, each with a CPU of its own.</summary>
    public IReadOnlyList<(string Name, long Value)>? CpuStat => container.Loop.Bandwidth is not { } bandwidth ? null :
    [
        ("usage_usec", container.Totals.CpuNs / 1000),
        ("nr_periods", bandwidth.Periods),
        ("nr_throttled", bandwidth.Throttled),
        ("throttled_usec", bandwidth.ThrottledNs / 1000),
    ];

    /// <summary>memory.pressure, io.pressure or cpu.pressure. Nothing is collected for good: what is read later does not depend on it.</summary>
    public PressureFigures Pressure(PressureResource resource)
    {
        var group = container.Loop.Pressure.Copy();
        group.Collect(container.NowNs);
        return group.Figures(resource);
    }

    /// <summary>lru_gen_full; empty unless MGLRU is on.</summary>
    public string LruGenFull(int memcgId, string path) => MultiGen.Count == 0 ? "" : LruGenText.Full(MultiGen, memcgId, path, container.NowNs);

    /// <summary>lru_gen; empty unless MGLRU is on.</summary>
    public string LruGen(int memcgId, string path) => MultiGen.Count == 0 ? "" : LruGenText.Short(MultiGen, memcgId, path, container.NowNs);

    /// <summary>The lruvecs of the multi-gen LRU, with their nodes; none if it is off.</summary>
    private IReadOnlyList<(int Node, MultiGenLruvec Lruvec)> MultiGen => container.Memcg?.Lruvec switch
    {
        MultiGenLruvec lruvec => [(container.Plan.Node, lruvec)],
        NodeLruvecs lruvecs when lruvecs.All[0] is MultiGenLruvec => [.. lruvecs.All.Select(lruvec => (lruvec.Node, (MultiGenLruvec)lruvec))],
        _ => [],
    };

    /// <summary>Its lists, by node; none under a reference policy.</summary>
    public IReadOnlyList<LruvecFigures> Lruvecs => container.Memcg?.Lruvec switch
    {
        NodeLruvecs lruvecs => [.. lruvecs.All.Select(lruvec => LruvecFigures.Of(lruvec, lruvec.Node))],
        { } lruvec => [LruvecFigures.Of(lruvec, container.Plan.Node)],
        null => [],
    };

    /// <summary>memory.max, memory.high, memory.low and memory.min, pages; <see cref="long.MaxValue"/>: max.</summary>
    public (long Max, long High, long Low, long Min) Limits => container.Memcg is { } memcg
        ? (memcg.Charge.Max, memcg.High, memcg.Low, memcg.Min)
        : (container.Plan.MaxPages, long.MaxValue, 0, 0);

    /// <summary>vm.swappiness, as far as its reclaim goes; null under a reference policy.</summary>
    public int? Swappiness => container.Memcg?.Lruvec.Swappiness;

    /// <summary>Accesses, misses, and pages read from devices and written to them, of all its workloads since the beginning.</summary>
    public (long Accesses, long Misses, long DeviceReads, long DeviceWrites) Made
    {
        get
        {
            var (jobs, writeback) = (container.Loop.Jobs, container.Loop.Writeback);
            return (
                jobs.Sum(job => job.Counts.Accesses),
                jobs.Sum(job => job.Counts.Misses),
                jobs.Sum(job => job.Counts.DeviceReads),
                writeback is null ? 0 : jobs.Sum(job => writeback.WrittenFor(job.Number)));
        }
    }

    /// <summary>What was written to the control files, and read from them, in order of time.</summary>
    public IReadOnlyList<ControlOutcome> Controls => container.Loop.Control?.Outcomes ?? [];

    /// <summary>Processes that were killed for want of memory, in order of time.</summary>
    public IReadOnlyList<OomKill> OomKills => container.Loop.Victims?.Kills ?? [];

    /// <summary>The figures of one workload, all its jobs together.</summary>
    public WorkloadFigures Workload(int workload) => Together([.. container.Loop.Jobs.Where(job => job.Plan.Workload == workload)]);

    /// <summary>The figures of one job, by its number in the container.</summary>
    public WorkloadFigures Job(int job) => Together([container.Loop.Jobs[job]]);

    private WorkloadFigures Together(Job[] jobs)
    {
        var latency = new Time.LatencyHistogram();
        var (all, ramp) = (new JobCounts(), new JobCounts());
        foreach (var job in jobs)
        {
            latency.Add(job.Latency);
            all.Add(job.Counts);
            ramp.Add(job.Ramped ? job.AtRamp : job.Counts);
        }

        // A job's clock may pass its end by the request it was in.
        var end = jobs.Max(job => Math.Min(job.NowNs, job.Plan.EndNs ?? long.MaxValue));
        var costs = container.Plan.Costs;
        return new WorkloadFigures
        {
            Accesses = all.Accesses,
            Misses = all.Misses,
            DeviceReads = all.DeviceReads,
            DeviceWrites = jobs.Sum(job => container.Loop.Writeback?.WrittenFor(job.Number) ?? 0),
            SteadyAccesses = all.Accesses - ramp.Accesses,
            SteadyMisses = all.Misses - ramp.Misses,
            SteadyDeviceReads = all.DeviceReads - ramp.DeviceReads,
            ReadaheadPages = all.ReadaheadPages,
            SteadyReadaheadPages = all.ReadaheadPages - ramp.ReadaheadPages,
            SteadyRequests = all.Requests - ramp.Requests,
            SteadyNs = Math.Max(0, end - jobs.Min(job => Math.Max(job.Plan.RampNs, job.Plan.StartNs))),
            BlockBytes = jobs[0].Plan.Streams[0].BlockBytes,
            LatencyNs = (latency.Percentile(0.5), latency.Percentile(0.99), latency.Percentile(0.999)),
            Latencies = latency,
            CpuNs = [.. TimeSpent.AsReported(all, costs)],
            SteadySpentNs = [.. TimeSpent.Of(all, costs).Zip(TimeSpent.Of(ramp, costs), (whole, before) => (whole.Name, Ns: whole.Ns - before.Ns)).Where(kind => kind.Ns != 0)],
        };
    }

    /// <summary>What it was like at equal distances of virtual time; null if no samples were taken, or it was over before the first.</summary>
    /// <returns>Nanoseconds between samples, the first at that time, and each column under its name.</returns>
    public (long EveryNs, IReadOnlyList<(string Name, IReadOnlyList<long> Values)> Columns)? Series => container.Loop.Series is { Count: > 0 } series
        ? (series.EveryNs, [.. SampleColumns.Names.Select((name, i) => (name, (IReadOnlyList<long>)[.. series.Column(i)]))])
        : null;

    /// <summary>
    /// What became of its pages, by type and class: evicted, kept, returned, and of those recently enough to count. Classes with no page
    /// are left out.
    /// </summary>
    public IReadOnlyList<PageFateFigures> Fates
    {
        get
        {
            var lines = new List<PageFateFigures>();
            if (container.Memcg is not { Fates: var fates })
            {
                return lines;
            }

            foreach (var (type, typeName) in new[] { (1, "file"), (0, "anon") })
            {
                for (var ofClass = 0; ofClass < PageFates.Classes; ofClass++)
                {
                    long Of(PageFate fate) => fates.Of(fate, type, ofClass);
                    var name = container.Plan.Kernel.Policy == Kernels.KernelChoice.Classic ? (ofClass == 0 ? "inactive" : "workingset") : $"tier {ofClass}";
                    var line = new PageFateFigures(typeName, name, Of(PageFate.Evicted), Of(PageFate.Kept), Of(PageFate.Returned), Of(PageFate.Recent));
                    if (line is not { Evicted: 0, Kept: 0, Returned: 0 })
                    {
                        lines.Add(line);
                    }
                }
            }

            return lines;
        }
    }

    /// <summary>Refaults by for whom the page had been reclaimed (<see cref="Memcg.ReclaimCause"/>).</summary>
    public IReadOnlyList<long> RefaultsByCause => container.Memcg?.Culprits.Refaults ?? [];

    /// <summary>What it has to do with a file that it shares with others.</summary>
    /// <param name="number">Number of the file on the host.</param>
    public SharedFileFigures SharedFile(ushort number) => container.Memcg?.Shared?.Figures(number) ?? default;

    /// <summary>Which pages of a file are in memory: bit i%8 of byte i/8.</summary>
    public (byte[] Bitmap, long Resident) Residency(int file)
    {
        var pages = container.Plan.FilePages[file];
        var bitmap = new byte[(pages + 7) / 8];
        var resident = 0L;
        for (var i = 0; i < pages; i++)
        {
            if (container.IsResident(container.FileBase[file] + (uint)i))
            {
                bitmap[i / 8] |= (byte)(1 << (i % 8));
                resident++;
            }
        }

        return (bitmap, resident);
    }
}

/// <summary>What became of pages of one type and class.</summary>
/// <param name="Type">file or anon.</param>
/// <param name="Class">Of the multi-gen LRU the tier; of the classic one whether a page had been active: inactive or workingset.</param>
/// <param name="Evicted">Pages that went and left a shadow.</param>
/// <param name="Kept">Times that reclaim, or under the classic policy a second access, found one worth keeping.</param>
/// <param name="Returned">Pages that came back while their shadow was there.</param>
/// <param name="Recent">Of those, soon enough to be of the working set.</param>
public sealed record PageFateFigures(string Type, string Class, long Evicted, long Kept, long Returned, long Recent);

/// <summary>What a workload did; "steady" is after its ramp.</summary>
public sealed record WorkloadFigures
{
    public long Accesses { get; init; }

    public long Misses { get; init; }

    public long DeviceReads { get; init; }

    public long DeviceWrites { get; init; }

    public long SteadyAccesses { get; init; }

    public long SteadyMisses { get; init; }

    public long SteadyDeviceReads { get; init; }

    /// <summary>Pages read ahead: part of the device reads.</summary>
    public long ReadaheadPages { get; init; }

    public long SteadyReadaheadPages { get; init; }

    public long SteadyRequests { get; init; }

    public long SteadyNs { get; init; }

    public int BlockBytes { get; init; }

    public (double P50, double P99, double P999) LatencyNs { get; init; }

    /// <summary>All latencies after the ramp.</summary>
    public required Time.LatencyHistogram Latencies { get; init; }

    /// <summary>Virtual time by what it went into, whole run.</summary>
    public IReadOnlyList<(string Name, long Ns)> CpuNs { get; init; } = [];

    /// <summary>Virtual time of all its jobs after the ramp by what it went into, each nanosecond once; kinds without any are left out.</summary>
    public IReadOnlyList<(string Name, long Ns)> SteadySpentNs { get; init; } = [];
}
