using System.Collections.Immutable;
using Reclaim.Contracts;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Grains.Checkpoints;
using Reclaim.Grains.Placement;
using Reclaim.Grains.Runs;
using Reclaim.Grains.Snapshots;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>Holds one <see cref="NodeReservations"/>: the pages of a NUMA node.</summary>
[KeepAlive, HostPlacement]
internal sealed class NumaNodeGrain(HostPlaces places) : Grain, INumaNodeGrain
{
    private NodeState? state;
    private int id;
    private bool isGivenUp;

    private NodeState State => state ?? throw NotCreated();

    public Task Create(RunSpec spec, int host, int node)
    {
        GivenUp.Refuse(this, ref isGivenUp, isEmpty: this.state is null, places);
        state ??= new NodeState(new NodeReservations(HostAssembly.Memory(spec.Hosts[host], node)));
        id = node;
        return Task.CompletedTask;
    }

    public Task<ImmutableArray<long>> Reserve(StepId id, ImmutableArray<long> wanted)
    {
        var node = State;
        return Task.FromResult(node.Reserved.Repeats(id, out var stored) ? stored : node.Reserved.Record(id, node.Reservations.Reserve(wanted)));
    }

    public Task Settle(StepId id, ImmutableArray<long> taken)
    {
        var node = State;
        if (!node.Settled.Repeats(id, out _))
        {
            node.Reservations.Settle(taken);
            node.Settled.Record(id, taken.Length);
        }

        return Task.CompletedTask;
    }

    public Task<ReadOnlyMemory<byte>> Save() => Task.FromResult<ReadOnlyMemory<byte>>(Snapshot.Take(State));

    public Task Restore(int node, ReadOnlyMemory<byte> state)
    {
        GivenUp.Refuse(this, ref isGivenUp, isEmpty: this.state is null, places);
        this.state = Snapshot.Restore<NodeState>(state);
        id = node;
        return Task.CompletedTask;
    }

    public Task<NodeResult> Results() => Task.FromResult(HostAssembly.Result(id, State.Reservations.Memory));

    public Task Release()
    {
        (state, isGivenUp) = (null, true);
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    /// <inheritdoc cref="GivenUp.NotCreated"/>
    private StepRefusedException NotCreated()
    {
        isGivenUp = true;
        DeactivateOnIdle();
        return GivenUp.NotCreated($"node {this.GetPrimaryKeyString()}");
    }
}
