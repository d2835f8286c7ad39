using System.Collections.Immutable;
using Reclaim.Model.Steps;

namespace Reclaim.Grains.Checkpoints;

/// <summary>All that a NUMA node must remember between steps.</summary>
/// <param name="Reservations">Its pages.</param>
internal sealed record NodeState(NodeReservations Reservations)
{
    /// <summary>What it reserved, by step.</summary>
    public StepLog<ImmutableArray<long>> Reserved { get; } = new();

    /// <summary>What it settled.</summary>
    public StepLog<int> Settled { get; } = new();
}
