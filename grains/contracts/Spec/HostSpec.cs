using System.Collections.Immutable;

namespace Reclaim.Contracts.Spec;

/// <summary>One Linux machine: memory, CPUs, block devices, swap and a cgroup v2 tree.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.spec.host/1")]
public sealed record HostSpec
{
    [Id(0)] public string Name { get; init; } = "host";

    /// <summary>CPUs: of the host, for all cgroups together, or of each cgroup (<see cref="CpusAreShared"/>).</summary>
    [Id(1)] public int Cpus { get; init; } = 1;

    /// <summary>How accesses of several workloads interleave.</summary>
    [Id(2)] public TurnSchedule Schedule { get; init; } = TurnSchedule.VirtualTime;

    /// <summary>Accesses a workload makes in its turn under <see cref="TurnSchedule.Turns"/>.</summary>
    [Id(3)] public int Turn { get; init; } = 64;

    [Id(4)] public ImmutableArray<NodeSpec> Nodes { get; init; } = [];

    [Id(5)] public ImmutableArray<DeviceSpec> Devices { get; init; } = [];

    [Id(6)] public ImmutableArray<SwapSpec> Swap { get; init; } = [];

    /// <summary>All cgroups, parents before children, siblings in the order of the scenario.</summary>
    [Id(7)] public ImmutableArray<CgroupSpec> Cgroups { get; init; } = [];

    /// <summary>Prices that differ from the cost table, in nanoseconds; keys are its names.</summary>
    [Id(8)] public ImmutableArray<CostOverride> Costs { get; init; } = [];

    /// <summary>
    /// Translations that a CPU caches: the accessed bit of a page is not set again while its translation is cached. A power of
    /// two; 0: none, every access sets it.
    /// </summary>
    [Id(9)] public int TlbEntries { get; init; } = 2048;

    /// <summary>read_ahead_kb of its devices: most that is read ahead of a sequential reader, KiB; 0: nothing is.</summary>
    [Id(10)] public int ReadAheadKb { get; init; } = 128;

    /// <summary>fault_around_bytes: a load that faults in a mapped file maps what is cached of so much about it; 4096: only its own page.</summary>
    [Id(11)] public int FaultAroundBytes { get; init; } = 4096;

    /// <summary>zswap in front of the swap areas; null: off.</summary>
    [Id(12)] public ZswapSpec? Zswap { get; init; }

    /// <summary>Cgroups with limits of their own that have others below them, parents before children.</summary>
    [Id(20)] public ImmutableArray<GroupSpec> Groups { get; init; } = [];

    /// <summary>By their clocks: how far one of the cgroups that share a limit may run ahead of the next, nanoseconds.</summary>
    [Id(21)] public long QuantumNs { get; init; } = 50_000;

    /// <summary>Whether all cgroups share the CPUs; if not, each has as many.</summary>
    [Id(24)] public bool CpusAreShared { get; init; }

    /// <summary>vm.min_free_kbytes, or null: what the kernel computes from the memory of the host.</summary>
    [Id(22)] public long? MinFreeKbytes { get; init; }

    /// <summary>vm.watermark_scale_factor: distance of the watermarks, in 1/10,000 of a node.</summary>
    [Id(23)] public int WatermarkScaleFactor { get; init; } = 10;

    /// <summary>vm.watermark_boost_factor: how far the watermarks are raised for want of movable pages, in 1/10,000 of the high one; 0: not at all.</summary>
    [Id(25)] public int WatermarkBoostFactor { get; init; } = 15_000;

    /// <summary>The most that all cgroups together may hold, bytes: of those below a limit, that limit. Without any, it is infinite.</summary>
    public decimal LimitsTogether
    {
        get
        {
            var limited = Groups.Where(group => group.MemoryMax is not null).ToList();
            return limited.Where(group => !limited.Any(above => IsBelow(group.Path, above.Path))).Sum(group => (decimal)group.LargestMax!)
                + Cgroups.Where(cgroup => !limited.Any(above => IsBelow(cgroup.Path, above.Path))).Sum(cgroup => (decimal?)cgroup.LargestMax ?? Infinite);

            static bool IsBelow(string path, string above) => path.StartsWith(above + "/", StringComparison.Ordinal);
        }
    }

    private const decimal Infinite = decimal.MaxValue / (1 << 20);

    /// <summary>By node: its distance to each, 10 to itself; empty: 20 to all others.</summary>
    [Id(40)] public ImmutableArray<ImmutableArray<int>> Distance { get; init; } = [];

    /// <summary>/sys/kernel/mm/mempolicy/weighted_interleave: pages in a row by node; empty: one each.</summary>
    [Id(41)] public ImmutableArray<int> InterleaveWeights { get; init; } = [];

    /// <summary>/sys/kernel/mm/numa/demotion_enabled: pages go to memory without CPUs instead of being evicted.</summary>
    [Id(42)] public bool DemotionEnabled { get; init; }

    /// <summary>kernel.numa_balancing: 0, or 2, which brings pages back from memory without CPUs.</summary>
    [Id(43)] public int NumaBalancing { get; init; }

    /// <summary>kernel.numa_balancing_promote_rate_limit_MBps.</summary>
    [Id(44)] public long PromoteRateLimitMBps { get; init; } = 65536;

    /// <summary>numa_balancing/hot_threshold_ms in debugfs.</summary>
    [Id(45)] public long HotThresholdMs { get; init; } = 1000;

    /// <summary>How much may be dirty, and for how long.</summary>
    [Id(15)] public DirtySpec Dirty { get; init; } = new();

    /// <summary>Files that cgroups use together: workloads name them.</summary>
    [Id(60)] public ImmutableArray<FileSpec> Files { get; init; } = [];
}

/// <summary>A file that workloads of several cgroups may use.</summary>
/// <param name="Name">What workloads call it.</param>
/// <param name="SizeBytes">Its size.</param>
[GenerateSerializer, Immutable, Alias("reclaim.spec.file/1")]
public sealed record FileSpec([property: Id(0)] string Name, [property: Id(1)] long SizeBytes);

/// <summary>How accesses of several workloads of a host interleave.</summary>
[GenerateSerializer, Alias("reclaim.spec.schedule/1")]
public enum TurnSchedule
{
    /// <summary>By virtual time: whoever's clock is earliest goes on.</summary>
    VirtualTime,

    /// <summary>In turns, in the order given, on one CPU, until all are done.</summary>
    Turns,
}

/// <summary>A NUMA node.</summary>
/// <param name="MemoryBytes">Its memory.</param>
[GenerateSerializer, Immutable, Alias("reclaim.spec.node/1")]
public sealed record NodeSpec([property: Id(0)] long MemoryBytes)
{
    /// <summary>What of it the kernel and processes outside all cgroups hold for good, bytes.</summary>
    [Id(1)] public long UsedBytes { get; init; }

    /// <summary>
    /// Free memory in pageblocks of unmovable and reclaimable pages when the run begins, bytes (/proc/pagetypeinfo). Cgroups take it only when
    /// there is no other, which under the classic policy boosts the watermarks.
    /// </summary>
    [Id(2)] public long UnmovableFreeBytes { get; init; }

    /// <summary>Whether it has no CPUs: memory alone, as behind CXL.</summary>
    [Id(40)] public bool IsMemoryOnly { get; init; }
}

/// <summary>A block device. Null figures take the type's defaults from the device table.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.spec.device/1")]
public sealed record DeviceSpec
{
    [Id(0)] public required string Name { get; init; }

    /// <summary><c>brd</c>, <c>nvme</c>, <c>ssd</c>, <c>hdd</c> or <c>custom</c>.</summary>
    [Id(1)] public required string Type { get; init; }

    [Id(2)] public long? LatencyNs { get; init; }

    [Id(3)] public long? BandwidthBytesPerSecond { get; init; }

    [Id(4)] public int? QueueDepth { get; init; }
}

/// <summary>An area to swap to: <c>zram</c>, <c>brd</c> or the name of a device.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.spec.swap/1")]
public sealed record SwapSpec([property: Id(0)] string Type, [property: Id(1)] long SizeBytes)
{
    /// <summary>Its priority, or null: below all that have one, in the order in which the areas stand.</summary>
    [Id(2)] public int? Priority { get; init; }

    /// <summary>zram: size of pages against their size compressed, or null: the compressor's.</summary>
    [Id(3)] public double? Ratio { get; init; }

    /// <summary>zram: <c>lz4</c>, <c>lzo-rle</c> or <c>zstd</c>, or null: lz4 at the prices of the cost table.</summary>
    [Id(4)] public string? Compressor { get; init; }
}

/// <summary>zswap: a pool of compressed pages in front of the swap areas, charged to the cgroups.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.spec.zswap/1")]
public sealed record ZswapSpec
{
    /// <summary>lz4, lzo-rle or zstd, or null: lz4 at the prices of the cost table.</summary>
    [Id(0)] public string? Compressor { get; init; }

    /// <summary>Size of pages against their size compressed, or null: the compressor's.</summary>
    [Id(1)] public double? Ratio { get; init; }

    /// <summary>Share of the host's memory that the pool may take.</summary>
    [Id(2)] public int MaxPoolPercent { get; init; } = 20;

    /// <summary>Share of that below which a pool that was full takes pages again.</summary>
    [Id(3)] public int AcceptThresholdPercent { get; init; } = 90;
}

[GenerateSerializer, Immutable, Alias("reclaim.spec.cost/1")]
public readonly record struct CostOverride([property: Id(0)] string Name, [property: Id(1)] double Nanoseconds);

/// <summary>From which nodes pages are asked for first (set_mempolicy).</summary>
/// <param name="Kind">preferred, bind, interleave or weighted-interleave.</param>
/// <param name="Nodes">The nodes, in order.</param>
[GenerateSerializer, Immutable, Alias("reclaim.spec.mempolicy/1")]
public sealed record MempolicySpec([property: Id(0)] string Kind, [property: Id(1)] ImmutableArray<int> Nodes)
{
    /// <summary>The kinds that name nodes.</summary>
    public static ImmutableArray<string> Kinds { get; } = ["preferred", "bind", "interleave", "weighted-interleave"];
}

/// <summary>A memory cgroup and the workloads that run in it.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.spec.cgroup/1")]
public sealed record CgroupSpec
{
    /// <summary>Path below the cgroup root, for example <c>/bench</c>.</summary>
    [Id(0)] public required string Path { get; init; }

    /// <summary>memory.max in bytes, or null for <c>max</c>.</summary>
    [Id(1)] public long? MemoryMax { get; init; }

    /// <summary>Bytes of anonymous memory that the cgroup's processes hold throughout, outside any workload.</summary>
    [Id(2)] public long ProcessAnonBytes { get; init; }

    /// <summary>Bytes of kernel memory (page tables, slab) that the cgroup's processes hold throughout.</summary>
    [Id(3)] public long ProcessKernelBytes { get; init; }

    [Id(4)] public ImmutableArray<WorkloadSpec> Workloads { get; init; } = [];

    /// <summary>
    /// Somebody reads this cgroup's memory.stat after every so many accesses, which flushes the kernel's statistics;
    /// 0: nobody does, and they are flushed every two seconds of virtual time.
    /// </summary>
    [Id(5)] public long ObserveEvery { get; init; }

    /// <summary>memory.swap.max in bytes, or null for <c>max</c>.</summary>
    [Id(6)] public long? SwapMax { get; init; }

    /// <summary>Control files that are written or read while it runs, in order of time.</summary>
    [Id(7)] public ImmutableArray<EventSpec> Events { get; init; } = [];

    /// <summary>memory.zswap.max in bytes, or null for <c>max</c>.</summary>
    [Id(8)] public long? ZswapMax { get; init; }

    /// <summary>memory.zswap.writeback: whether pages may go on from zswap to a swap area, or past it.</summary>
    [Id(9)] public bool ZswapWriteback { get; init; } = true;

    /// <summary>memory.high in bytes, or null for <c>max</c>.</summary>
    [Id(13)] public long? MemoryHigh { get; init; }

    /// <summary>memory.low in bytes: protects from an ancestor's reclaim, never from the cgroup's own limit.</summary>
    [Id(14)] public long MemoryLow { get; init; }

    /// <summary>memory.min in bytes, likewise.</summary>
    [Id(15)] public long MemoryMin { get; init; }

    /// <summary>cpuset.mems, its own or that of a cgroup above, if that is one node: all its pages are on it. Null: they may be on several.</summary>
    [Id(40)] public int? Node { get; init; }

    /// <summary>cpuset.mems if that is several nodes; empty without <see cref="Node"/>: all.</summary>
    [Id(41)] public ImmutableArray<int> Mems { get; init; } = [];

    /// <summary>The node whose CPUs its tasks run on; null: the first of cpuset.mems that has any.</summary>
    [Id(42)] public int? CpuNode { get; init; }

    /// <summary>The memory policy of its tasks; null: local.</summary>
    [Id(43)] public MempolicySpec? Mempolicy { get; init; }

    /// <summary>memory.oom.group: whoever of its processes is killed for want of memory, all are.</summary>
    [Id(30)] public bool OomGroup { get; init; }

    /// <summary>Whether it is removed when the last of its workloads has ended: its page cache stays until it is reclaimed, and is protected no more.</summary>
    [Id(70)] public bool Rmdir { get; init; }

    /// <summary>cpu.max: CPU time that all its tasks may have in a period, and the length of that, nanoseconds; null for <c>max</c>.</summary>
    [Id(90)] public CpuMaxSpec? CpuMax { get; init; }

    /// <summary>The largest memory.max that its events write, bytes; 0: none does.</summary>
    [Id(16)] public long EventMax { get; init; }

    /// <summary>The largest memory.max it ever has by plan, bytes; null without one.</summary>
    public long? LargestMax => MemoryMax is { } max ? Math.Max(max, EventMax) : null;
}
