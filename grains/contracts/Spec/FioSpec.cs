using System.Collections.Immutable;

namespace Reclaim.Contracts.Spec;

/// <summary>An fio job (buffered file I/O), each option under fio's own name and meaning.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.spec.fio/1")]
public sealed record FioSpec : WorkloadSpec
{
    [Id(0)] public FioRw Rw { get; init; } = FioRw.Read;

    /// <summary>Percentage of reads in a mixed workload.</summary>
    [Id(1)] public int RwMixRead { get; init; } = 50;

    /// <summary>bs: bytes of one request.</summary>
    [Id(2)] public int BsBytes { get; init; } = 4096;

    /// <summary>size: bytes of file that each job works on (and does in one loop).</summary>
    [Id(3)] public required long SizeBytes { get; init; }

    /// <summary>filesize: bytes of each job's file; 0: as <see cref="SizeBytes"/>.</summary>
    [Id(4)] public long FileSizeBytes { get; init; }

    [Id(5)] public int NumJobs { get; init; } = 1;

    [Id(6)] public int IoDepth { get; init; } = 1;

    /// <summary>iodepth_batch_submit; 0 means 1.</summary>
    [Id(7)] public int IoDepthBatchSubmit { get; init; }

    /// <summary>iodepth_batch_complete; 0 means 1.</summary>
    [Id(8)] public int IoDepthBatchComplete { get; init; }

    [Id(9)] public FioDistribution Distribution { get; init; } = FioDistribution.Random;

    /// <summary>norandommap: offsets are drawn with repetition; otherwise each block once a pass.</summary>
    [Id(10)] public bool NoRandomMap { get; init; }

    [Id(11)] public bool TimeBased { get; init; }

    [Id(12)] public long RampTimeNs { get; init; }

    /// <summary>runtime; 0: until the size is done.</summary>
    [Id(13)] public long RuntimeNs { get; init; }

    [Id(14)] public int Loops { get; init; } = 1;

    /// <summary>io_size: bytes each job transfers; 0: as <see cref="SizeBytes"/>.</summary>
    [Id(15)] public long IoSizeBytes { get; init; }

    [Id(16)] public long ThinkTimeNs { get; init; }

    [Id(17)] public ulong? RandSeed { get; init; }

    /// <summary>randrepeat: whether jobs of the same number repeat the same sequence in every run.</summary>
    [Id(18)] public bool RandRepeat { get; init; } = true;

    /// <summary>group_reporting: one result for all jobs instead of one each.</summary>
    [Id(19)] public bool GroupReporting { get; init; }

    /// <summary>All jobs work on one file (filename given) instead of a file each.</summary>
    [Id(20)] public bool SharedFile { get; init; }

    /// <summary>ioengine=mmap: each job maps its file and loads and stores, instead of read and write.</summary>
    [Id(21)] public bool Mmap { get; init; }
}

/// <summary>fio's <c>rw</c>.</summary>
[GenerateSerializer, Alias("reclaim.spec.fio-rw/1")]
public enum FioRw
{
    Read,
    Write,
    RandRead,
    RandWrite,
    ReadWrite,
    RandRw,
}

/// <summary>fio's <c>random_distribution</c>.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.spec.fio-distribution/1")]
public sealed record FioDistribution
{
    public static FioDistribution Random { get; } = new();

    /// <summary><c>random</c>, <c>zipf</c>, <c>pareto</c>, <c>normal</c> or <c>zoned</c>.</summary>
    [Id(0)] public string Kind { get; init; } = "random";

    /// <summary>zipf: theta; pareto: h; normal: deviation in per cent.</summary>
    [Id(1)] public double Value { get; init; }

    /// <summary>Centre of zipf and pareto as a fraction of the file (the part after the second colon), or -1: spread by hash.</summary>
    [Id(2)] public double Center { get; init; } = -1;

    /// <summary>zoned: shares in per cent of accesses and of the file.</summary>
    [Id(3)] public ImmutableArray<FioZone> Zones { get; init; } = [];
}

[GenerateSerializer, Immutable, Alias("reclaim.spec.fio-zone/1")]
public readonly record struct FioZone([property: Id(0)] int AccessPercent, [property: Id(1)] int SizePercent);
