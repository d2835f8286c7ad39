using System.Collections.Immutable;

namespace Reclaim.Contracts.Spec;

/// <summary>A stream of page accesses of one cgroup.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.spec.workload/1")]
public abstract record WorkloadSpec
{
    /// <summary>Name in the results; unique within its cgroup.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>The device its file lives on: the name of a <see cref="DeviceSpec"/>.</summary>
    [Id(1)] public required string Device { get; init; }

    /// <summary>The file it reads; workloads of a cgroup that name the same file share its page cache. Null: a file of its own.</summary>
    [Id(2)] public string? File { get; init; }

    /// <summary>Accesses in one turn under <see cref="TurnSchedule.Turns"/>; null takes the host's.</summary>
    [Id(3)] public int? Turn { get; init; }

    /// <summary>What the program told the kernel about its accesses (posix_fadvise, madvise).</summary>
    [Id(4)] public AccessAdvice Advice { get; init; } = AccessAdvice.Unspecified;

    /// <summary>Virtual time at which it starts.</summary>
    [Id(5)] public long StartNs { get; init; }

    /// <summary>Virtual time at which it is stopped, or null: it runs until its accesses are done.</summary>
    [Id(6)] public long? StopNs { get; init; }

    /// <summary>Whether its process exits when it has ended, giving back its memory; null: if it was stopped.</summary>
    [Id(7)] public bool? Exit { get; init; }

    /// <summary>The process it is a thread of: workloads of a cgroup that name the same one share its memory. Null: a process of its own.</summary>
    [Id(8)] public string? Process { get; init; }

    /// <summary>Anonymous memory: threads of a process that name the same heap share it. Null: memory of its own.</summary>
    [Id(9)] public string? Heap { get; init; }

    /// <summary>Mapped files: mapped to be executed, as programs and libraries are (VM_EXEC).</summary>
    [Id(10)] public bool Executable { get; init; }

    /// <summary>oom_score_adj of its process: −1000, never killed, to 1000.</summary>
    [Id(30)] public int OomScoreAdj { get; init; }
}

/// <summary>Advice given with posix_fadvise(2) on the open file, or with madvise(2) on the mapping.</summary>
[GenerateSerializer, Alias("reclaim.spec.access-advice/1")]
public enum AccessAdvice
{
    /// <summary>Patterns and traces through a descriptor: random, so exactly what is asked for is read. Mappings: normal.</summary>
    Unspecified,
    Normal,
    Random,
    Sequential,
    NoReuse,
}

/// <summary>How a page is touched.</summary>
[GenerateSerializer, Alias("reclaim.spec.access-kind/1")]
public enum AccessKind
{
    /// <summary>read(2) through a file descriptor.</summary>
    Read,

    /// <summary>write(2) through a file descriptor.</summary>
    Write,

    /// <summary>A load from a shared mapping of the file.</summary>
    MmapRead,

    /// <summary>A store to a shared mapping of the file.</summary>
    MmapWrite,

    /// <summary>A load from private anonymous memory.</summary>
    AnonRead,

    /// <summary>A store to private anonymous memory.</summary>
    AnonWrite,
}

/// <summary>A trace of page numbers, replayed one after the other. Its pages reach the memcg grain in numbered batches.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.spec.trace/1")]
public sealed record TraceSpec : WorkloadSpec
{
    [Id(0)] public AccessKind Kind { get; init; }

    /// <summary>Path of the trace, as given: for messages only, the silo never opens it.</summary>
    [Id(1)] public required string Path { get; init; }

    /// <summary>Size of the file in pages.</summary>
    [Id(2)] public required long Pages { get; init; }

    /// <summary>Number of accesses in the trace.</summary>
    [Id(3)] public required long Accesses { get; init; }
}

/// <summary>One of the generated sequences: uniform, zipf, scan, hotscan, phase, burst, grow, gc or app-launch.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.spec.pattern/1")]
public sealed record PatternSpec : WorkloadSpec
{
    [Id(0)] public AccessKind Kind { get; init; }

    [Id(1)] public required string Pattern { get; init; }

    /// <summary>Pages of the file.</summary>
    [Id(2)] public required long N { get; init; }

    /// <summary>Number of accesses.</summary>
    [Id(3)] public required long Acc { get; init; }

    [Id(4)] public required ulong Seed { get; init; }

    /// <summary>zipf, app-launch: exponent.</summary>
    [Id(5)] public double Theta { get; init; }

    /// <summary>zipf: number of equal parts that the pages are divided into, each with its own ranks; app-launch: of apps.</summary>
    [Id(6)] public int Nf { get; init; } = 1;

    /// <summary>hotscan, phase, burst: size of the window in pages (burst: in accesses); gc: pages between collections; app-launch: of a start-up.</summary>
    [Id(7)] public long W { get; init; }

    /// <summary>hotscan, phase, burst, grow, gc: probability in 1/1024.</summary>
    [Id(8)] public int P { get; init; }

    /// <summary>
    /// anon-read: share of accesses that are stores instead, in 1/1024: access j is one if
    /// (j × 0x9E3779B97F4A7C15 mod 2⁶⁴) >> 54 is below it.
    /// </summary>
    [Id(9)] public int Wr { get; init; }

    /// <summary>Anonymous memory: store to each page once, in order, before the pattern begins; counted as accesses.</summary>
    [Id(10)] public bool Prefill { get; init; }

    /// <summary>grow: probability of giving the last page back, in 1/1024.</summary>
    [Id(11)] public int Free { get; init; }

    /// <summary>app-launch: accesses that an app makes after its start-up.</summary>
    [Id(12)] public long Stay { get; init; }
}

/// <summary>Several sources in a fixed rotation, counted in accesses: <c>a, a, a, b, a, a, a, b, …</c></summary>
[GenerateSerializer, Immutable, Alias("reclaim.spec.mix/1")]
public sealed record MixSpec : WorkloadSpec
{
    [Id(0)] public ImmutableArray<MixPart> Parts { get; init; } = [];
}

/// <summary>A part of a mix: a workload and the number of its accesses in each round.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.spec.mix-part/1")]
public sealed record MixPart([property: Id(0)] WorkloadSpec Workload, [property: Id(1)] int Accesses);
