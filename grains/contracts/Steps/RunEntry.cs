namespace Reclaim.Contracts.Steps;

/// <summary>A run of a cluster, as a list of runs shows it.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.run.entry/1")]
public sealed record RunEntry
{
    /// <summary>Its name.</summary>
    [Id(0)] public required string Run { get; init; }

    /// <summary>Name of its scenario.</summary>
    [Id(1)] public required string Scenario { get; init; }

    [Id(2)] public RunPhase Phase { get; init; }

    /// <summary>Wall clock time at which it was created.</summary>
    [Id(3)] public DateTimeOffset Created { get; init; }

    /// <summary>Where it stands, or stood when it was over; null: that is not known.</summary>
    [Id(4)] public RunProgress? Progress { get; init; }
}
