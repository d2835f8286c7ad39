using System.Collections.Immutable;

namespace Reclaim.Contracts.Spec;

/// <summary>
/// What one run simulates: a kernel, and the hosts it runs on. This is a scenario after parsing:
/// every size is in bytes, every time in nanoseconds, and every default is filled in.
/// </summary>
[GenerateSerializer, Immutable, Alias("reclaim.spec.run/1")]
public sealed record RunSpec
{
    /// <summary>Name of the scenario.</summary>
    [Id(0)] public required string Scenario { get; init; }

    /// <summary>Seed that every seed not given explicitly is derived from.</summary>
    [Id(1)] public ulong Seed { get; init; } = 1;

    [Id(2)] public KernelSpec Kernel { get; init; } = new();

    /// <summary>Virtual time at which the run ends, or null: until every workload's accesses are done.</summary>
    [Id(3)] public long? DurationNs { get; init; }

    [Id(4)] public ImmutableArray<HostSpec> Hosts { get; init; } = [];

    /// <summary>Whether the results carry, for each file, which of its pages are resident at the end.</summary>
    [Id(5)] public bool CaptureResidency { get; init; }

    /// <summary>Whether the results carry, for each cgroup, what it was like over time.</summary>
    [Id(60)] public bool CaptureSeries { get; init; }

    /// <summary>Most reclaims that the results carry of each cgroup, and of cgroups together; 0: none.</summary>
    [Id(80)] public int CaptureReclaims { get; init; }
}

/// <summary>The kernel under study: a reclaim policy, a variant of its rules, and single rules overridden.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.spec.kernel/1")]
public sealed record KernelSpec
{
    /// <summary><c>mglru</c>, <c>classic</c>, or a reference policy (<c>lru</c>, <c>fifo</c>, <c>clock</c>, …).</summary>
    [Id(0)] public string Policy { get; init; } = "mglru";

    /// <summary>Named set of rule choices, for example <c>v6.8</c>.</summary>
    [Id(1)] public string Variant { get; init; } = "v6.8";

    /// <summary>LRU_REFS_WIDTH: 0, 1 or 2 bits of folio flags that count further accesses.</summary>
    [Id(2)] public int LruRefsWidth { get; init; } = 2;

    /// <summary>vm.swappiness, 0 to 200.</summary>
    [Id(3)] public int Swappiness { get; init; } = 60;

    [Id(4)] public int MinTtlMs { get; init; }

    /// <summary>Single rules that differ from the variant, in the order given.</summary>
    [Id(5)] public ImmutableArray<RuleOverride> Rules { get; init; } = [];

    /// <summary>CONFIG_LRU_GEN_STATS: null keeps the variant's own setting. Only changes what <c>lru_gen_full</c> prints.</summary>
    [Id(6)] public bool? LruGenStats { get; init; }

    /// <summary>vm.page_cluster: at most 2 to that power pages are read from swap together.</summary>
    [Id(20)] public int PageCluster { get; init; } = 3;
}

/// <summary>One rule of a variant replaced, for example <c>protect.saturated: no</c>.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.spec.rule/1")]
public readonly record struct RuleOverride([property: Id(0)] string Name, [property: Id(1)] string Value);
