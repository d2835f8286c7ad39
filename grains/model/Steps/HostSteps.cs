using System.Collections.Immutable;
using Reclaim.Model.Hierarchy;

namespace Reclaim.Model.Steps;

/// <summary>
/// The step protocol of a whole host in one thread: the reference that a run spread over grains is held against, digest for digest.
/// </summary>
public sealed class HostSteps
{
    private readonly ImmutableArray<NodeReservations> reservations;

    /// <param name="containers">The containers in canonical order.</param>
    /// <param name="paths">Their cgroup paths.</param>
    /// <param name="memory">The nodes they take their pages from.</param>
    /// <param name="durationNs">Virtual time at which the run ends, or null: when all workloads are done.</param>
    /// <param name="domains">Containers that share limits.</param>
    public HostSteps(
        ImmutableArray<Container> containers, ImmutableArray<string> paths, ImmutableArray<NodeMemory> memory, long? durationNs, ImmutableArray<SharedDomain> domains = default)
    {
        Containers = containers;
        reservations = [.. memory.Select(node => new NodeReservations(node))];
        Coordinator = new Coordinator(containers.Select((container, i) => container.Terms(paths[i])), durationNs, domains);
    }

    /// <inheritdoc cref="HostSteps(ImmutableArray{Container}, ImmutableArray{string}, ImmutableArray{NodeMemory}, long?, ImmutableArray{SharedDomain})"/>
    public HostSteps(
        ImmutableArray<Container> containers, ImmutableArray<string> paths, NodeMemory memory, long? durationNs, ImmutableArray<SharedDomain> domains = default)
        : this(containers, paths, [memory], durationNs, domains)
    {
    }

    /// <summary>The containers in canonical order.</summary>
    public ImmutableArray<Container> Containers { get; }

    /// <summary>The nodes they take their pages from.</summary>
    public IEnumerable<NodeMemory> Memory => reservations.Select(node => node.Memory);

    /// <summary>Virtual time of the host.</summary>
    public Coordinator Coordinator { get; }

    /// <summary>Who runs containers that may run at the same time.</summary>
    public IBatchRunner Runner { get; init; } = OneByOne.Runner;

    /// <summary>Runs one step of all memcgs and commits it.</summary>
    /// <param name="maxAccesses">Accesses each memcg may make.</param>
    public void Step(long maxAccesses)
    {
        var grants = Coordinator.Grants([.. Enumerable.Range(0, Coordinator.Nodes).Select(node => reservations[node].Reserve(Coordinator.Wanted(node)))], maxAccesses);
        var reports = ImmutableArray.CreateBuilder<Report?>(Containers.Length);
        for (var i = 0; i < Containers.Length; i++)
        {
            reports.Add(grants[i] is { } grant ? Containers[i].Step(grant) : null);
        }

        foreach (var domain in Coordinator.Domains.Where(domain => !domain.Done))
        {
            domain.Begin(maxAccesses);
            while (domain.Next() is { } call)
            {
                if (call.Batch is { } batch)
                {
                    Run(batch);
                    domain.Ran(batch);
                }
                else if (call.Grant is { } grant)
                {
                    domain.Ran(Containers[call.Member].Step(grant));
                }
                else
                {
                    domain.Shrunk(Containers[call.Member].Step(call.Order!));
                }
            }

            foreach (var (member, report) in domain.Members.Zip(domain.TakeReports()))
            {
                reports[member] = report;
            }
        }

        var settled = reports.MoveToImmutable();
        for (var node = 0; node < Coordinator.Nodes; node++)
        {
            reservations[node].Settle(Coordinator.Taken(settled, node));
        }

        Coordinator.Commit(settled);
    }

    private void Run(MemberBatch batch) => Runner.Run(batch, i => batch.Ran(i, Containers[batch.Member(i)].Step(batch.Grant(i))));
}
