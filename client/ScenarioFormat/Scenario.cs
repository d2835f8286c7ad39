using System.Collections.Immutable;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>A trace that a workload replays, and where its pages are to be sent.</summary>
/// <param name="Host">Index in <see cref="RunSpec.Hosts"/>.</param>
/// <param name="Cgroup">Index in <see cref="HostSpec.Cgroups"/>.</param>
/// <param name="Workload">As <see cref="Contracts.Steps.TraceBatch.Workload"/> numbers it.</param>
/// <param name="Input">The file.</param>
internal sealed record TraceFeed(int Host, int Cgroup, int Workload, TraceInput Input);

/// <summary>A scenario that was read without errors.</summary>
internal sealed record Scenario
{
    public required RunSpec Spec { get; init; }

    /// <summary>What progress calls it.</summary>
    public required string Label { get; init; }

    /// <summary>Sides that <c>compare</c> runs when none are named.</summary>
    public required ImmutableArray<CompareSide> Compare { get; init; }

    public required ImmutableArray<TraceFeed> Traces { get; init; }

    /// <summary>What is honoured only in part.</summary>
    public required ImmutableArray<Problem> Warnings { get; init; }

    /// <summary>The scenario's key for a key of <see cref="Spec"/>, and where it was written.</summary>
    public required Func<string, (Origin Origin, string Key)> Locate { get; init; }

    /// <summary>The same scenario under another kernel.</summary>
    public Scenario Under(CompareSide side) => this with { Label = side.Text, Spec = Spec with { Kernel = side.Apply(Spec.Kernel) } };
}
