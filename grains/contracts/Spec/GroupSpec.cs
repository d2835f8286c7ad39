using System.Collections.Immutable;

namespace Reclaim.Contracts.Spec;

/// <summary>A cgroup with others below it, which share its limits. It runs nothing itself.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.spec.group/1")]
public sealed record GroupSpec
{
    /// <summary>Path below the cgroup root.</summary>
    [Id(0)] public required string Path { get; init; }

    /// <summary>memory.max in bytes, or null for <c>max</c>.</summary>
    [Id(1)] public long? MemoryMax { get; init; }

    /// <summary>memory.low in bytes.</summary>
    [Id(2)] public long MemoryLow { get; init; }

    /// <summary>memory.min in bytes.</summary>
    [Id(3)] public long MemoryMin { get; init; }

    /// <summary>memory.high in bytes, or null for <c>max</c>.</summary>
    [Id(70)] public long? MemoryHigh { get; init; }

    /// <summary>memory.swap.max in bytes, or null for <c>max</c>.</summary>
    [Id(71)] public long? SwapMax { get; init; }

    /// <summary>Its limits that are written or read while those below it run, in order of time.</summary>
    [Id(72)] public ImmutableArray<EventSpec> Events { get; init; } = [];

    /// <summary>The largest memory.max that its events write, bytes; 0: none does.</summary>
    [Id(73)] public long EventMax { get; init; }

    /// <summary>The largest memory.max it ever has by plan, bytes; null without one.</summary>
    public long? LargestMax => MemoryMax is { } max ? Math.Max(max, EventMax) : null;

    /// <summary>Whether those below it share a limit, or may come to.</summary>
    public bool IsLimited => MemoryMax is not null || MemoryHigh is not null || SwapMax is not null || !Events.IsEmpty;

    /// <summary>memory.oom.group.</summary>
    [Id(30)] public bool OomGroup { get; init; }
}
