namespace Reclaim.Contracts.Spec;

/// <summary>cpu.max of a cgroup.</summary>
/// <param name="QuotaNs">CPU time that all its tasks may have in a period, nanoseconds.</param>
/// <param name="PeriodNs">Length of a period, nanoseconds.</param>
[GenerateSerializer, Immutable, Alias("reclaim.spec.cpu-max/1")]
public sealed record CpuMaxSpec([property: Id(0)] long QuotaNs, [property: Id(1)] long PeriodNs);
