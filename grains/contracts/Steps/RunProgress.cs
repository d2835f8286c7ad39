using System.Collections.Immutable;

namespace Reclaim.Contracts.Steps;

/// <summary>Where a run stands.</summary>
[GenerateSerializer, Alias("reclaim.run.phase/1")]
public enum RunPhase
{
    Created,
    Running,
    Paused,
    Stopped,
    Done,
    Failed,
}

/// <summary>A snapshot of a run for people watching it.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.run.progress/1")]
public sealed record RunProgress
{
    [Id(0)] public RunPhase Phase { get; init; }

    /// <summary>Virtual time committed, nanoseconds.</summary>
    [Id(1)] public long NowNs { get; init; }

    /// <summary>Virtual time at which the run ends, or null if it ends with its accesses.</summary>
    [Id(2)] public long? EndNs { get; init; }

    [Id(3)] public long Accesses { get; init; }

    /// <summary>Accesses in all, or null if the run ends by time.</summary>
    [Id(4)] public long? TotalAccesses { get; init; }

    [Id(5)] public ImmutableArray<CgroupProgress> Cgroups { get; init; } = [];

    /// <summary>What went wrong, when <see cref="Phase"/> is <see cref="RunPhase.Failed"/>.</summary>
    [Id(6)] public string? Error { get; init; }

    /// <summary>For whose trace the run waits; null: for none.</summary>
    [Id(7)] public string? WaitsFor { get; init; }

    /// <summary>How often a host was taken up again on another silo, or from a checkpoint.</summary>
    [Id(8)] public int Recoveries { get; init; }

    /// <summary>Virtual time up to which all of it would survive the loss of every silo; null: there is no checkpoint yet.</summary>
    [Id(9)] public long? CheckpointNs { get; init; }

    /// <summary>Most virtual seconds in a second that it is to go at; null: as fast as it can.</summary>
    [Id(11)] public double? Speed { get; init; }

    /// <summary>What whoever looks after the run should know: checkpoints that could not be used, and why.</summary>
    [Id(10)] public ImmutableArray<string> Notes { get; init; } = [];
}

/// <summary>Where a cgroup stands.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Accesses">Accesses since the beginning.</param>
/// <param name="Misses">Of them those that found no page.</param>
/// <param name="Refaults">Misses on a page whose shadow was found.</param>
[GenerateSerializer, Immutable, Alias("reclaim.run.cgroup-progress/1")]
public readonly record struct CgroupProgress([property: Id(0)] string Path, [property: Id(1)] long Accesses, [property: Id(2)] long Misses, [property: Id(3)] long Refaults)
{
    /// <summary>Pages it holds.</summary>
    [Id(4)] public long Pages { get; init; }

    /// <summary>The avg10 of memory.pressure's some, hundredths of a per cent.</summary>
    [Id(5)] public int MemoryAvg10 { get; init; }

    /// <summary>Virtual time it has reached, nanoseconds: ahead of its host's, where others are behind.</summary>
    [Id(6)] public long NowNs { get; init; }

    /// <summary>Number of its host.</summary>
    [Id(7)] public int Host { get; init; }
}
