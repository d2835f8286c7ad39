using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Reclaim.Contracts.Results;

/// <summary>The results of a run, in the shape of <c>reclaim-results/1</c>. Kernel counters stand under the kernel's own names and units.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.results.run/1")]
public sealed record RunResults
{
    [Id(0), JsonPropertyOrder(0)] public string Schema { get; init; } = "reclaim-results/1";

    [Id(1), JsonPropertyOrder(1)] public required string Scenario { get; init; }

    [Id(2), JsonPropertyOrder(2)] public ulong Seed { get; init; }

    /// <summary>False when the run was stopped before its end.</summary>
    [Id(3), JsonPropertyOrder(3)] public bool Complete { get; init; }

    [Id(4), JsonPropertyOrder(4)] public required KernelResult Kernel { get; init; }

    [Id(5), JsonPropertyOrder(5)] public double VirtualSeconds { get; init; }

    /// <summary>Real time the run took; not part of the digest.</summary>
    [Id(6), JsonPropertyOrder(6)] public double WallSeconds { get; init; }

    [Id(7), JsonPropertyOrder(7)] public long Accesses { get; init; }

    /// <summary>SHA-256, in hex, over everything here that is deterministic: see <see cref="ResultDigest"/>.</summary>
    [Id(8), JsonPropertyOrder(8)] public string Digest { get; init; } = "";

    [Id(9), JsonPropertyOrder(9)] public ImmutableArray<HostResult> Hosts { get; init; } = [];

    /// <summary>
    /// Control files that somebody wrote or read from outside while it ran, in order of time; only if anybody did, and no part of the digest. Each stands
    /// among its cgroup's events too, as it would if the scenario had it: with them there the scenario gives the same results.
    /// </summary>
    [Id(10), JsonPropertyOrder(8), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<InterventionResult> Interventions { get; init; }
}

/// <summary>A control file that was written or read from outside while the cgroup ran.</summary>
/// <param name="Host">Name of the host.</param>
/// <param name="Cgroup">Path of the cgroup.</param>
/// <param name="AtNs">Virtual time at which it took place, nanoseconds.</param>
/// <param name="File">The file.</param>
/// <param name="Write">The text written; null: it was read.</param>
[GenerateSerializer, Immutable, Alias("reclaim.results.intervention/1")]
public sealed record InterventionResult(
    [property: Id(0)] string Host,
    [property: Id(1)] string Cgroup,
    [property: Id(2)] long AtNs,
    [property: Id(3)] string File,
    [property: Id(4), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Write);

/// <summary>Which rules ran.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.results.kernel/1")]
public sealed record KernelResult
{
    [Id(0)] public required string Policy { get; init; }

    [Id(1)] public required string Variant { get; init; }

    [Id(2), JsonPropertyName("lru_refs_width")] public int LruRefsWidth { get; init; }

    /// <summary>Rules that differ from the variant.</summary>
    [Id(3)] public ImmutableSortedDictionary<string, string> Rules { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

[GenerateSerializer, Immutable, Alias("reclaim.results.host/1")]
public sealed record HostResult
{
    [Id(0)] public required string Name { get; init; }

    /// <summary>/proc/vmstat names and units.</summary>
    [Id(1)] public ImmutableSortedDictionary<string, long> Vmstat { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    [Id(2)] public ImmutableArray<NodeResult> Nodes { get; init; } = [];

    [Id(3)] public ImmutableArray<ReclaimMatrixEntry> ReclaimMatrix { get; init; } = [];

    /// <summary>By cgroup path.</summary>
    [Id(4)] public ImmutableSortedDictionary<string, CgroupResult> Cgroups { get; init; } = ImmutableSortedDictionary<string, CgroupResult>.Empty;

    /// <summary>/proc/pressure; only of a host whose cgroups are simulated together.</summary>
    [Id(5), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public HostPressureResult? Pressure { get; init; }

    /// <summary>Only when asked for, and no part of the digest: reclaims for limits that cgroups share, and for nodes.</summary>
    [Id(80), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public ImmutableArray<ReclaimLogResult> Reclaims { get; init; }

    /// <summary>Files that several cgroups use: who is charged for them; only if there are any.</summary>
    [Id(60), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public ImmutableArray<SharedFileResult> SharedFiles { get; init; }
}

/// <summary>A file that several cgroups use.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.results.shared-file/1")]
public sealed record SharedFileResult
{
    [Id(0)] public required string File { get; init; }

    /// <summary>Its size in pages.</summary>
    [Id(1)] public long Pages { get; init; }

    /// <summary>Of them in memory, whoever is charged.</summary>
    [Id(2)] public long Resident { get; init; }

    /// <summary>By path of the cgroups that use it.</summary>
    [Id(3)] public ImmutableSortedDictionary<string, SharedFileUse> Cgroups { get; init; } = ImmutableSortedDictionary<string, SharedFileUse>.Empty;
}

/// <summary>What a cgroup has to do with a shared file, pages.</summary>
/// <param name="Charged">Of the file in memory and charged to the cgroup.</param>
/// <param name="BroughtIn">That it was charged for since the beginning.</param>
/// <param name="OthersAccessed">Its accesses to pages that were charged to others.</param>
/// <param name="LostByOthers">Of <paramref name="BroughtIn"/>: what had been evicted from another.</param>
[GenerateSerializer, Immutable, Alias("reclaim.results.shared-file-use/1")]
public sealed record SharedFileUse([property: Id(0)] long Charged, [property: Id(1)] long BroughtIn, [property: Id(2)] long OthersAccessed, [property: Id(3)] long LostByOthers);

/// <summary>/proc/pressure.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.results.host-pressure/1")]
public sealed record HostPressureResult([property: Id(0)] PressureResult Memory, [property: Id(1)] PressureResult Io, [property: Id(2)] PressureResult Cpu);

[GenerateSerializer, Immutable, Alias("reclaim.results.node/1")]
public sealed record NodeResult([property: Id(0)] int Id, [property: Id(1)] long MemTotalPages, [property: Id(2)] long FreePages)
{
    /// <summary>Reclaim for its memory; only where that may be short.</summary>
    [Id(40), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public NodeReclaimResult? Reclaim { get; init; }
}

/// <summary>Reclaim for the memory of a node.</summary>
/// <param name="Min">The min watermark, pages; this and the next two as in /proc/zoneinfo.</param>
/// <param name="Low">The low watermark.</param>
/// <param name="High">The high watermark.</param>
/// <param name="Pageoutrun">Rounds of kswapd.</param>
/// <param name="Allocstall">How often a task had to reclaim itself.</param>
[GenerateSerializer, Immutable, Alias("reclaim.results.node-reclaim/1")]
public sealed record NodeReclaimResult(
    [property: Id(0)] long Min, [property: Id(1)] long Low, [property: Id(2)] long High, [property: Id(3)] long Pageoutrun, [property: Id(4)] long Allocstall)
{
    /// <summary>How often the watermarks were boosted for want of movable pages; null: that cannot happen.</summary>
    [Id(5), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public long? Boosts { get; init; }
}

/// <summary>Who asked for pages, who lost them, where and why.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.results.matrix/1")]
public sealed record ReclaimMatrixEntry
{
    [Id(0)] public required string Aggressor { get; init; }

    [Id(1)] public required string Victim { get; init; }

    [Id(2)] public int Node { get; init; }

    /// <summary><c>limit</c>, <c>high</c> (memory.high) or <c>proactive</c> (memory.reclaim) so far; later also kswapd and direct.</summary>
    [Id(3)] public required string Kind { get; init; }

    [Id(4)] public long Scanned { get; init; }

    [Id(5)] public long Reclaimed { get; init; }

    /// <summary>Refaults of the victim on pages that it lost this way.</summary>
    [Id(6)] public long Refaulted { get; init; }
}

[GenerateSerializer, Immutable, Alias("reclaim.results.cgroup/1")]
public sealed record CgroupResult
{
    /// <summary>Bytes.</summary>
    [Id(0), JsonPropertyName("memory.current")] public long MemoryCurrent { get; init; }

    /// <summary>Bytes in swap; only where there is swap that it may use.</summary>
    [Id(70), JsonPropertyName("memory.swap.current"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? MemorySwapCurrent { get; init; }

    /// <summary>Bytes for sizes, counts for events, as the kernel's file.</summary>
    [Id(1), JsonPropertyName("memory.stat")] public ImmutableArray<Counter> MemoryStat { get; init; } = [];

    [Id(2), JsonPropertyName("memory.events")] public ImmutableArray<Counter> MemoryEvents { get; init; } = [];

    /// <summary>Pressure; of cgroups that have others below them it is not known.</summary>
    [Id(3), JsonPropertyName("memory.pressure"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PressureResult? MemoryPressure { get; init; }

    /// <summary>The text of /sys/kernel/debug/lru_gen_full for this cgroup; empty when MGLRU is off.</summary>
    [Id(4), JsonPropertyName("lru_gen_full")] public string LruGenFull { get; init; } = "";

    [Id(5)] public ImmutableArray<WorkloadResult> Workloads { get; init; } = [];

    /// <summary>Only when asked for: resident pages of each file.</summary>
    [Id(6), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<ResidentFile> Residency { get; init; }

    /// <summary>Control files that were written or read on the way, in order of time; only if there were any.</summary>
    [Id(7), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<EventResult> Events { get; init; }

    /// <summary>Processes that were killed for want of memory, in order of time; only if there were any.</summary>
    [Id(30), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<OomKillResult> OomKills { get; init; }

    /// <summary>memory.numa_stat: bytes by node; only of a cgroup that may have pages on several.</summary>
    [Id(40), JsonPropertyName("memory.numa_stat"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<NodeCounters> MemoryNumaStat { get; init; }

    /// <summary>What became of its pages, by type and class; only of a kernel's policy.</summary>
    [Id(50), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<FateResult> Fates { get; init; }

    /// <summary>Only when asked for, and no part of the digest: what it was like over time.</summary>
    [Id(51), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SeriesResult? Series { get; init; }

    /// <summary>Only when asked for, and no part of the digest: what was written down of it.</summary>
    [Id(80), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CgroupRecordsResult? Records { get; init; }

    /// <inheritdoc cref="MemoryPressure"/>
    [Id(8), JsonPropertyName("io.pressure"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PressureResult? IoPressure { get; init; }

    /// <inheritdoc cref="MemoryPressure"/>
    [Id(9), JsonPropertyName("cpu.pressure"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PressureResult? CpuPressure { get; init; }

    /// <summary>cpu.stat; only of a cgroup with a cpu.max.</summary>
    [Id(90), JsonPropertyName("cpu.stat"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<Counter> CpuStat { get; init; }

    /// <summary>Refaults by for whom the page had been reclaimed; in the results it is the reclaim matrix that has them.</summary>
    [Id(10), JsonIgnore] public ImmutableArray<long> RefaultsByCause { get; init; } = [];

    /// <summary>What it has to do with the files it shares; in the results it is the host that has them.</summary>
    [Id(60), JsonIgnore] public ImmutableArray<SharedFileResult> SharedFiles { get; init; } = [];
}

/// <summary>What became of pages of one type and class.</summary>
/// <param name="Type">file or anon.</param>
/// <param name="Class">Of the multi-gen LRU the tier; of the classic one whether a page had been active: inactive or workingset.</param>
/// <param name="Evicted">Pages that went and left a shadow.</param>
/// <param name="Kept">Times that reclaim, or under the classic policy a second access, found one worth keeping.</param>
/// <param name="Returned">Pages that came back while their shadow was there.</param>
/// <param name="Recent">Of those, soon enough to be of the working set.</param>
[GenerateSerializer, Immutable, Alias("reclaim.results.fate/1")]
public sealed record FateResult(
    [property: Id(0)] string Type,
    [property: Id(1)] string Class,
    [property: Id(2)] long Evicted,
    [property: Id(3)] long Kept,
    [property: Id(4)] long Returned,
    [property: Id(5)] long Recent);

/// <summary>A cgroup at equal distances of virtual time.</summary>
/// <param name="EveryNs">The distance, nanoseconds; the first sample is at that time.</param>
/// <param name="Columns">By name: counters since the beginning under the kernel's names, sizes in pages, pressure totals in µs, pages by age with 0 the youngest.</param>
[GenerateSerializer, Immutable, Alias("reclaim.results.series/1")]
public sealed record SeriesResult([property: Id(0)] long EveryNs, [property: Id(1)] ImmutableSortedDictionary<string, ImmutableArray<long>> Columns);

/// <summary>A process that the OOM killer chose.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.results.oom-kill/1")]
public sealed record OomKillResult
{
    /// <summary>Virtual time, nanoseconds.</summary>
    [Id(0)] public long AtNs { get; init; }

    /// <summary>The workloads that ran in it; none: memory that the cgroup holds outside any.</summary>
    [Id(1)] public ImmutableArray<string> Workloads { get; init; } = [];

    /// <summary>What it was chosen by: its pages, and what its oom_score_adj adds.</summary>
    [Id(2)] public long Points { get; init; }

    /// <summary>Path of the cgroup whose limit it was; <c>/</c>: the host's memory.</summary>
    [Id(3)] public required string For { get; init; }
}

/// <summary>What was written to a control file, or read from it, while the cgroup ran.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.results.event/1")]
public sealed record EventResult
{
    /// <summary>Virtual time at which it took place, nanoseconds.</summary>
    [Id(0)] public long AtNs { get; init; }

    [Id(1)] public required string File { get; init; }

    /// <summary>The text written; null: it was read.</summary>
    [Id(2), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Write { get; init; }

    /// <summary>The text read; null: it was written.</summary>
    [Id(3), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Read { get; init; }

    /// <summary>The kernel's name of what write(2) failed with; null: it did not.</summary>
    [Id(4), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Error { get; init; }
}

/// <summary>A kernel counter under its own name; written to JSON as a member of an object, in this order.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.results.counter/1")]
public readonly record struct Counter([property: Id(0)] string Name, [property: Id(1)] long Value);

/// <summary>A line of memory.numa_stat.</summary>
/// <param name="Name">What.</param>
/// <param name="Nodes">Bytes by node.</param>
[GenerateSerializer, Immutable, Alias("reclaim.results.node-counters/1")]
public sealed record NodeCounters([property: Id(0)] string Name, [property: Id(1)] ImmutableArray<long> Nodes);

/// <summary>Pressure stall information as the kernel's file shows it.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.results.psi/1")]
public sealed record PressureResult([property: Id(0)] PressureTotal Some, [property: Id(1)] PressureTotal Full);

/// <summary>A line of it.</summary>
/// <param name="Total">Microseconds.</param>
/// <param name="Avg10">Per cent of the time, averaged over ten seconds.</param>
/// <param name="Avg60">Over a minute.</param>
/// <param name="Avg300">Over five minutes.</param>
[GenerateSerializer, Immutable, Alias("reclaim.results.psi-total/1")]
public readonly record struct PressureTotal(
    [property: Id(0), JsonPropertyOrder(1)] long Total,
    [property: Id(1)] double Avg10 = 0,
    [property: Id(2)] double Avg60 = 0,
    [property: Id(3)] double Avg300 = 0);

/// <summary>Which pages of a file are resident: bit i%8 of byte i/8 is page i.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.results.residency/1")]
public sealed record ResidentFile([property: Id(0)] string File, [property: Id(1)] long Pages, [property: Id(2)] long Resident, [property: Id(3)] byte[] Bitmap);

[GenerateSerializer, Immutable, Alias("reclaim.results.workload/1")]
public sealed record WorkloadResult
{
    [Id(0)] public required string Name { get; init; }

    /// <summary>Page accesses over the whole run, ramp included.</summary>
    [Id(1)] public long Accesses { get; init; }

    [Id(2)] public long Hits { get; init; }

    [Id(3)] public long Misses { get; init; }

    /// <summary>Pages read from the device.</summary>
    [Id(4)] public long DeviceReads { get; init; }

    /// <summary>Pages written to the device.</summary>
    [Id(5)] public long DeviceWrites { get; init; }

    /// <summary>Requests per second of virtual time, after the ramp.</summary>
    [Id(6)] public double Iops { get; init; }

    [Id(7), JsonPropertyName("bandwidthMiBs")] public double BandwidthMiBs { get; init; }

    [Id(8), JsonPropertyName("latencyUs")] public LatencyResult LatencyUs { get; init; } = new(0, 0, 0);

    /// <summary>Only when asked for, and no part of the digest: all latencies that <see cref="LatencyUs"/> is about.</summary>
    [Id(51), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LatencyHistogramResult? LatencyHistogram { get; init; }

    /// <summary>The same counts after the ramp; equal to the whole run's without one.</summary>
    [Id(9)] public SteadyResult Steady { get; init; } = new(0, 0, 0, 0);

    /// <summary>Pages of <see cref="DeviceReads"/> that were read ahead: nothing had asked for them yet.</summary>
    [Id(11)] public long ReadaheadPages { get; init; }

    /// <summary>Virtual CPU seconds by what they were spent on (names of the cost table).</summary>
    [Id(10)] public ImmutableSortedDictionary<string, double> CpuSeconds { get; init; } = ImmutableSortedDictionary<string, double>.Empty;
}

/// <summary>Percentiles of the request latency, microseconds, after the ramp.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.results.latency/1")]
public sealed record LatencyResult([property: Id(0)] double P50, [property: Id(1)] double P99, [property: Id(2)] double P999);

/// <summary>Request latencies after the ramp, those that there were.</summary>
/// <param name="Us">Microseconds, rising, each off by 0.8 % at most.</param>
/// <param name="Counts">How many requests took each.</param>
[GenerateSerializer, Immutable, Alias("reclaim.results.latency-histogram/1")]
public sealed record LatencyHistogramResult([property: Id(0)] ImmutableArray<double> Us, [property: Id(1)] ImmutableArray<long> Counts);

/// <summary>Counts after the ramp.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.results.steady/1")]
public sealed record SteadyResult([property: Id(0)] long Accesses, [property: Id(1)] long Hits, [property: Id(2)] long DeviceReads, [property: Id(3)] double Seconds)
{
    /// <summary>Pages read ahead.</summary>
    [Id(4)] public long ReadaheadPages { get; init; }

    /// <summary>Virtual seconds of all its jobs by what they went into, each once.</summary>
    [Id(5)] public ImmutableSortedDictionary<string, double> Spent { get; init; } = ImmutableSortedDictionary<string, double>.Empty;
}
