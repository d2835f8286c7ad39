using System.Collections.Immutable;
using Reclaim.Contracts;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Grains.Placement;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>Holds one <see cref="NodeReservations"/>: the pages of a NUMA node.</summary>
[KeepAlive, HostPlacement]
internal sealed class NumaNodeGrain : Grain, INumaNodeGrain
{
    private readonly StepLog<ImmutableArray<long>> reserved = new();
    private readonly StepLog<int> settled = new();
    private NodeReservations? reservations;
    private int id;

    private NodeReservations Reservations => reservations
        ?? throw new StepRefusedException(StepRefusal.NotCreated, $"node {this.GetPrimaryKeyString()} was not created, or its silo is gone");

    public Task Create(RunSpec spec, int host, int node)
    {
        reservations ??= new NodeReservations(HostAssembly.Memory(spec.Hosts[host], node));
        id = node;
        return Task.CompletedTask;
    }

    public Task<ImmutableArray<long>> Reserve(StepId id, ImmutableArray<long> wanted)
    {
        var node = Reservations;
        return Task.FromResult(reserved.Repeats(id, out var stored) ? stored : reserved.Record(id, node.Reserve(wanted)));
    }

    public Task Settle(StepId id, ImmutableArray<long> taken)
    {
        var node = Reservations;
        if (!settled.Repeats(id, out _))
        {
            node.Settle(taken);
            settled.Record(id, taken.Length);
        }

        return Task.CompletedTask;
    }

    public Task<NodeResult> Results() => Task.FromResult(HostAssembly.Result(id, Reservations.Memory));

    public Task Release()
    {
        reservations = null;
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
