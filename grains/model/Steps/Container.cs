using Reclaim.Model.Classic;
using Reclaim.Model.Control;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Mappings;
using Reclaim.Model.Memcg;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Numa;
using Reclaim.Model.Oom;
using Reclaim.Model.Pressure;
using Reclaim.Model.Reference;
using Reclaim.Model.Sharing;
using Reclaim.Model.Workloads;
using Reclaim.Model.Writeback;

namespace Reclaim.Model.Steps;

/// <summary>A memcg and the workloads that run in it: one sequential machine that obeys grants. What it shows is in <see cref="ContainerFigures"/>.</summary>
public sealed partial class Container
{
    /// <summary>Pages that one round of eviction takes: a memory.max below that makes no sense.</summary>
    public const int EvictionRound = 64;

    private readonly Dictionary<int, TraceSource> _feeds;
    private AccessLoop _loop;
    private Func<AccessLoop>? _whenFed;
    private ClassicLruvec? _classic;
    private long _pressureDueNs = PressureGroup.PeriodNs;

    /// <param name="plan">What to build.</param>
    /// <exception cref="ArgumentException">A rule, a price or a policy that does not exist.</exception>
    /// <exception cref="MemcgOutOfMemoryException">The processes' own memory exceeds memory.max.</exception>
    public Container(ContainerPlan plan)
    {
        Plan = plan;
        var fileBase = new uint[plan.FilePages.Count];
        var pages = 0u;
        for (var i = 0; i < fileBase.Length; i++)
        {
            fileBase[i] = pages;
            pages += (uint)PageCacheTree.LeavesOf(plan.FilePages[i]) * 64;
        }

        var heapBase = new uint[plan.HeapPages.Count];
        for (var i = 0; i < heapBase.Length; i++)
        {
            heapBase[i] = pages;
            pages += (uint)PageCacheTree.LeavesOf(plan.HeapPages[i]) * 64;
        }

        FileBase = fileBase;
        LargestMax = plan.Controls
            .Where(access => access is { File: ControlFile.MemoryMax, Value: not null })
            .Select(access => MemorySize.TryRead(access.Value!, out var size) ? size : 0)
            .Append(plan.MaxPages).Max();
        Pages = (int)pages;
        var processes = new Dictionary<int, AddressSpace>();
        var jobs = plan.Jobs.Select((job, i) => new Job(job, fileBase, MemoryOf(job), Map) { Number = i }).ToArray();
        _feeds = plan.Jobs.SelectMany(job => job.Streams).Where(stream => stream.Feed >= 0).ToDictionary(stream => stream.Feed, stream => (TraceSource)stream.Source);
        _loop = plan.Kernel.Policy switch
        {
            KernelChoice.MultiGen or KernelChoice.Classic => UnderKernel(jobs),
            ReferencePolicies.Opt => Foreseeing(jobs),
            _ => UnderReference(jobs, ReferencePolicies.Create(plan.Kernel.Policy, Pages, ReferenceCapacity)),
        };

        // A job is a process, or a thread of one that is named; threads that only read and write files share its memory all the same.
        AddressSpace? MemoryOf(JobPlan job)
        {
            var threads = job.Process < 0 ? [job] : plan.Jobs.Where(other => other.Process == job.Process);
            if (threads.SelectMany(thread => thread.Streams).All(stream => stream.Path == AccessPath.Descriptor))
            {
                return null;
            }

            var mm = job.Process >= 0 && processes.TryGetValue(job.Process, out var known) ? known : new AddressSpace(plan.TlbEntries);
            if (job.Process >= 0)
            {
                processes[job.Process] = mm;
            }

            mm.Threads++;
            mm.Exits |= job.Exits;
            if (plan.Numa is { Promotion: not null, Policy.Kind: MempolicyKind.Local })
            {
                // Of memory that has a policy of its own, the kernel leaves the pages where that puts them (MPOL_F_MOF).
                mm.Scanner ??= new HintScanner(threads.Min(thread => thread.StartNs));
            }

            return mm;
        }

        Vma Map(StreamPlan stream, AddressSpace mm, bool shared)
        {
            var vma = stream.Path == AccessPath.Anonymous
                ? mm.Map(heapBase[stream.File], plan.HeapPages[stream.File], anonymous: true, stream.Recency, shared)
                : mm.Map(fileBase[stream.File], plan.FilePages[stream.File], anonymous: false, stream.Recency, shared, stream.Executable);
            vma.IsWritten |= stream.Writes;
            return vma;
        }
    }

    /// <summary>Virtual time it has reached, nanoseconds.</summary>
    public long NowNs => _loop.NowNs;

    /// <summary>Virtual time at which its last workload ends by itself (ramp and runtime), or null: with its accesses.</summary>
    public long? EndNs => Plan.Jobs.All(job => job.EndNs is not null) ? Plan.Jobs.Max(job => job.EndNs) : null;

    /// <summary>Accesses in all, or null if it ends by time.</summary>
    public long? TotalAccesses
    {
        get
        {
            var total = 0L;
            foreach (var stream in Plan.Jobs.SelectMany(job => job.Streams))
            {
                if (stream.Source.Length is not { } length)
                {
                    return null;
                }

                total += length * Math.Max(1, stream.BlockBytes >> 12);
            }

            return total;
        }
    }

    /// <summary>Pages of the node it holds now: charged pages, stock included, and the compressed memory of its swap.</summary>
    public long PagesHeld => Memcg?.PagesHeld ?? Policy!.Count;

    /// <summary>Pages charged to it: memory.current.</summary>
    public long PagesCharged => Memcg?.Charge.Usage ?? Policy!.Count;

    /// <summary>Pages of the node it has in use: those it holds, without its stock.</summary>
    public long PagesAllocated => PagesHeld - Stock;

    /// <summary>Most pages it can ever hold: the largest memory.max it has by plan, and its swap compressed.</summary>
    public long PagesLimit => LargestMax + (Memcg?.Swap.CompressedLimit ?? 0);

    /// <summary>The largest memory.max it has by plan, in pages.</summary>
    internal long LargestMax { get; }

    public long Accesses => Totals.Accesses;

    /// <summary>Its memory.low and memory.min, pages, if they were written on the way.</summary>
    public (long Low, long Min, long High)? Restriction => Memcg is { RestrictionWritten: true } memcg ? (memcg.Low, memcg.Min, memcg.High) : null;

    /// <summary>Accesses, misses and CPU time of all its jobs: what each turn is measured by.</summary>
    internal (long Accesses, long Misses, long CpuNs) Totals
    {
        get
        {
            var (accesses, misses, cpu) = (0L, 0L, 0L);
            foreach (var job in _loop.Jobs)
            {
                accesses += job.Counts.Accesses;
                misses += job.Counts.Misses;
                cpu += job.OnCpuNs;
            }

            return (accesses, misses, cpu);
        }
    }

    public long Misses => Totals.Misses;

    public long Refaults => Memcg is { } memcg ? memcg.Stat.WorkingsetRefaultFile + memcg.Stat.WorkingsetRefaultAnon : 0;

    public long Scanned => Memcg?.Stat.Pgscan ?? 0;

    public long Reclaimed => Memcg?.Stat.Pgsteal ?? Policy!.Evictions;

    /// <summary>Of <see cref="Scanned"/> and <see cref="Reclaimed"/>: what was not for its limit.</summary>
    public ReclaimKinds Kinds => Memcg?.Stat is { } stat ? new(stat.PgscanHigh, stat.PgstealHigh, stat.PgscanProactive, stat.PgstealProactive) : default;

    internal ContainerPlan Plan { get; }

    /// <summary>The kernel's rules.</summary>
    internal KernelRuleSet Rules => Plan.Kernel.ResolveRules();

    internal IReadOnlyList<uint> FileBase { get; }

    internal int Pages { get; }

    internal MemoryCgroup? Memcg { get; private set; }

    internal ReferencePolicy? Policy { get; private set; }

    internal AccessLoop Loop => _loop;

    /// <summary>Page numbers of anonymous memory: the last ones.</summary>
    private int AnonPages => Plan.HeapPages.Sum(heap => PageCacheTree.LeavesOf(heap) * 64);

    /// <summary>The multi-gen LRU, on or off; null if it never was on.</summary>
    internal MultiGenLruvec? MultiGen { get; private set; }

    /// <summary>
    /// Says what of the multi-gen LRU is to be on. Switched on or off, it gets its pages from the lists of the other policy, or they get
    /// them, at once (lru_gen_change_state).
    /// </summary>
    internal void Allow(LruGenCapabilities capabilities)
    {
        MultiGen ??= NewMultiGen();
        MultiGen.Capabilities = capabilities;
        var from = Memcg!.Lruvec;
        var on = (capabilities & LruGenCapabilities.Core) != 0;
        if (on == from is MultiGenLruvec)
        {
            return;
        }

        Lruvec to = on ? MultiGen : _classic ??= NewClassic();
        to.Swappiness = from.Swappiness;
        from.HandOver(to);
        Memcg.Lruvec = to;
        to.FlushStatistics();
    }

    /// <summary>A reference policy knows nothing of a kernel: all of memory.max is cache.</summary>
    private int ReferenceCapacity => (int)Math.Min(Plan.MaxPages, int.MaxValue);

    /// <summary>Runs until the horizon, the end of its pages or accesses, or the end of its workloads, whichever comes first.</summary>
    /// <param name="horizonNs">Virtual time not to be passed by a new access.</param>
    /// <param name="pages">Pages it may take from the node beyond <see cref="PagesHeld"/>.</param>
    /// <param name="maxAccesses">Accesses after which to stop.</param>
    /// <exception cref="MemcgOutOfMemoryException">Nothing is left to reclaim.</exception>
    public StopReason Run(long horizonNs, long pages, long maxAccesses) => Run(new Grant(horizonNs, pages, maxAccesses));

    /// <summary>Runs as granted.</summary>
    /// <exception cref="MemcgOutOfMemoryException">Nothing is left to reclaim.</exception>
    public StopReason Run(in Grant grant)
    {
        var (horizonNs, pages, maxAccesses) = grant;
        if (_whenFed is { } build)
        {
            _loop = build();
            _whenFed = null;
        }

        _loop.Share(grant.Shared, pages, grant.DropStock);
        var ceiling = grant.Shared is null ? PagesHeld + pages : long.MaxValue;
        for (var before = Accesses; ;)
        {
            if (_loop.Run(horizonNs, ceiling, maxAccesses - (Accesses - before)) is { } stop)
            {
                return stop;
            }

            _loop = SwitchPolicy();
        }
    }

    /// <summary>Pages in its stock.</summary>
    public int Stock => Memcg?.Charge.Stock ?? 0;

    /// <summary>Whether it has filled its stock since this was last asked.</summary>
    public bool TakeRefilled() => Memcg?.Charge.TakeRefilled() ?? false;

    /// <summary>Reclaims on behalf of a limit above it, or of its node.</summary>
    /// <returns>Pages freed, whether it was aged, and the CPU time that took.</returns>
    public (long Freed, bool Aged, long CostNs) Shrink(ShrinkOrder order) => _loop.ShrinkFor(order);

    /// <summary>Does what the OOM killer wants of it, on behalf of a limit above it, or of the host.</summary>
    public OomAnswer Carry(OomOrder order, long nowNs) => _loop.Carry(order, nowNs);

    /// <summary>What it has in its page cache.</summary>
    public CacheState Cache => new(Memcg?.FilePages ?? 0, _loop.Writeback?.Dirty ?? 0, _loop.Writeback?.UnderWriteback ?? 0);

    /// <summary>Its lists.</summary>
    public ListState TakeLists() => Memcg is { Nodes: null } memcg ? memcg.Lruvec.TakeLists() : default;

    /// <summary>The avg10 of memory.pressure's some, hundredths of a per cent, once in each of its periods, as it changes no oftener; null in between. It is for those who watch: where a step is cut decides when it is looked at.</summary>
    public int? TakeMemoryAvg10()
    {
        if (NowNs < _pressureDueNs)
        {
            return null;
        }

        _pressureDueNs = NowNs - (NowNs % PressureGroup.PeriodNs) + PressureGroup.PeriodNs;
        return new ContainerFigures(this).Pressure(PressureResource.Memory).Some.Avg10;
    }

    /// <summary>Its lists by node, if it has pages on several; null if not.</summary>
    public ListState[]? TakeListsByNode() => (Memcg?.Lruvec as NodeLruvecs)?.TakeListsByNode();

    /// <summary>Pages of each node that it has in use, if it has some on several; null if not.</summary>
    public long[]? PagesByNode => Memcg?.PagesByNode();

    /// <summary>Whether all its workloads have ended.</summary>
    public bool Done => _loop.Done;

    /// <summary>Writes or reads a control file as soon as the container runs on: at the next nanosecond of its time.</summary>
    /// <param name="file">The file.</param>
    /// <param name="value">The text written, or null.</param>
    /// <param name="id">Names the request.</param>
    /// <returns>That time. The same access planned for it has the same effect; what comes of it is in <see cref="ContainerFigures.Controls"/> then.</returns>
    /// <exception cref="ArgumentException">The file does not take the text, or there is no such file: the policy is no kernel.</exception>
    public long Schedule(ControlFile file, string? value, string? id = null) => Schedule(NowNs + 1, file, value, id);

    /// <summary>Writes or reads a control file at a time to come.</summary>
    /// <inheritdoc cref="Schedule(ControlFile, string?, string?)"/>
    public long Schedule(long at, ControlFile file, string? value, string? id)
    {
        if (_loop.Control is not { } control)
        {
            throw new ArgumentException($"policy {Plan.Kernel.Policy} has none of the kernel's files");
        }

        if (value is not null && ControlSyntax.Problem(file, value, Plan.Kernel, Plan.FileNames) is { } problem)
        {
            throw new ArgumentException(problem);
        }

        if (SharedFileControl.Problem(file, value, [.. Plan.SharedFiles.Select(shared => Plan.FileNames[shared.File])]) is { } refusal)
        {
            throw new ArgumentException(refusal);
        }

        if (file == ControlFile.LruGenEnabled && value is not null && Plan.Numa is not null)
        {
            throw new ArgumentException("not in this version: the policy of a cgroup with pages on several nodes does not change");
        }

        if (file == ControlFile.MemoryMax && value is not null && MemorySize.TryRead(value, out var pages) && pages > LargestMax)
        {
            throw new ArgumentException($"{value} is more than the {LargestMax} pages that the node holds for this cgroup: its largest planned memory.max");
        }

        if (file == ControlFile.MemorySwapMax && value is not null && MemorySize.TryRead(value, out var slots) && slots > Plan.SwapPages && Memcg!.Swap.CompressedLimit != 0)
        {
            throw new ArgumentException($"{value} is more than the {Plan.SwapPages} pages that the node has room for compressed");
        }

        control.Schedule.Add(new ControlAccess(at, file, value) { Id = id });
        return at;
    }

    /// <summary>Whether a page is in memory.</summary>
    internal bool IsResident(uint page) => Memcg is { } memcg ? memcg.Folios.State[page] != 0 : Policy!.IsResident(page);
}
