namespace Reclaim.Contracts.Steps;

/// <summary>Which call of which life of a run this is. A repeated (incarnation, step) returns the stored report.</summary>
/// <param name="Incarnation">Grows by one each time the host is rolled back or restarted.</param>
/// <param name="Step">Grows by one each step; the first is 1.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.id/1")]
public readonly record struct StepId([property: Id(0)] int Incarnation, [property: Id(1)] long Step);

/// <summary>What the coordinator allows a memcg in one step.</summary>
/// <param name="Id">The step.</param>
/// <param name="HorizonNs">Virtual time up to which it may run.</param>
/// <param name="Pages">Pages it may take from its node in this step, beyond those it holds.</param>
/// <param name="MaxAccesses">Accesses after which it must report even before the horizon, so that a turn stays short.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.grant/1")]
public readonly record struct StepGrant(
    [property: Id(0)] StepId Id,
    [property: Id(1)] long HorizonNs,
    [property: Id(2)] long Pages,
    [property: Id(3)] long MaxAccesses);

/// <summary>Why a memcg stopped.</summary>
[GenerateSerializer, Alias("reclaim.step.stop/1")]
public enum StepStop
{
    /// <summary>It reached the horizon.</summary>
    Horizon,

    /// <summary>It used up the accesses of its grant.</summary>
    Accesses,

    /// <summary>It needs more pages than granted.</summary>
    Pages,

    /// <summary>All its workloads are done.</summary>
    Done,
}

/// <summary>What a memcg did in one step: all that the shared nodes and devices must know.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.step.report/1")]
public readonly record struct StepReport(
    [property: Id(0)] StepId Id,
    [property: Id(1)] StepStop Stop,
    [property: Id(2)] long NowNs,
    [property: Id(3)] long PagesTaken,
    [property: Id(4)] long Accesses,
    [property: Id(5)] long Misses,
    [property: Id(6)] long Refaults,
    [property: Id(7)] long Scanned,
    [property: Id(8)] long Reclaimed);
