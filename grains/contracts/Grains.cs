using System.Collections.Immutable;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;

namespace Reclaim.Contracts;

/// <summary>A run: its life cycle, the hosts of its fleet, its results. Key: the run's name.</summary>
[Alias("reclaim.run")]
public interface IRunGrain : IGrainWithStringKey
{
    /// <summary>Takes the specification and prepares its hosts. Repeating it with the same specification changes nothing.</summary>
    /// <returns>Errors and warnings; with an error nothing was created.</returns>
    [Alias("create")] Task<ImmutableArray<SpecProblem>> Create(RunSpec spec);

    /// <summary>Starts or resumes; returns at once.</summary>
    [Alias("start")] Task Start();

    /// <summary>Pauses after the step in flight, and returns when it is committed.</summary>
    [Alias("pause")] Task Pause();

    /// <summary>Stops after the step in flight, and returns when it is committed; what is known so far stays available, marked incomplete.</summary>
    [Alias("stop")] Task Stop();

    [Alias("progress")] Task<RunProgress> Progress();

    /// <summary>Waits until the run is done, stopped or failed, but not longer than <paramref name="atMost"/>.</summary>
    /// <returns>Where it stands then.</returns>
    [Alias("wait")] Task<RunProgress> Wait(TimeSpan atMost);

    /// <summary>Results up to the last committed step.</summary>
    [Alias("results")] Task<RunResults> Results();

    /// <summary>
    /// Writes or reads a control file of one of its cgroups, and returns when it has taken place; at once if the run does not go on.
    /// Repeating it changes nothing.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such host or cgroup, or the file does not take the text.</exception>
    [Alias("control")] Task<ControlReply> Control(ControlRequest request);

    /// <summary>Stops the run if need be, and gives up everything it holds. Its key may then be used again.</summary>
    [Alias("release")] Task Release();
}

/// <summary>Virtual time of one host: hands out grants, collects reports in canonical order, commits steps. Key: run/host.</summary>
[Alias("reclaim.coordinator")]
public interface IReclaimCoordinatorGrain : IGrainWithStringKey
{
    /// <summary>Creates the host's memcgs and nodes. Repeating it changes nothing.</summary>
    [Alias("create")] Task<HostOutline> Create(RunSpec spec, int host);

    /// <summary>Runs the next step of all memcgs and commits it. A repeated step returns the stored report.</summary>
    [Alias("step")] Task<CommitReport> Step(StepId id, long maxAccesses);

    [Alias("results")] Task<HostResult> Results();

    /// <summary>Gives up the host, its memcgs and nodes.</summary>
    [Alias("release")] Task Release();
}

/// <summary>When a host ends.</summary>
/// <param name="EndNs">Virtual time at which it ends, or null if it ends with its accesses.</param>
/// <param name="TotalAccesses">Accesses in all, or null if it ends by time.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.host-outline/1")]
public readonly record struct HostOutline([property: Id(0)] long? EndNs, [property: Id(1)] long? TotalAccesses);

/// <summary>What a host's step came to.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.step.commit/1")]
public readonly record struct CommitReport(
    [property: Id(0)] StepId Id,
    [property: Id(1)] bool Done,
    [property: Id(2)] long NowNs,
    [property: Id(3)] long Accesses,
    [property: Id(4)] ImmutableArray<CgroupProgress> Cgroups);

/// <summary>A memory cgroup: owns its lruvecs and runs its workloads. Key: run/host/cgroup path.</summary>
[Alias("reclaim.memcg")]
public interface IMemcgGrain : IGrainWithStringKey
{
    /// <summary>Builds the memcg and its workloads. Repeating it changes nothing.</summary>
    [Alias("create")] Task<MemcgOutline> Create(RunSpec spec, int host, int cgroup);

    /// <summary>Takes a batch of a trace. Idempotent by (workload, sequence); order of arrival does not matter.</summary>
    [Alias("feed")] Task Feed(TraceBatch batch);

    /// <summary>Runs one step. A repeated step returns the stored report.</summary>
    [Alias("run")] Task<StepReport> Run(StepGrant grant);

    /// <summary>Reclaims on behalf of a limit above. A repeated order returns the stored report.</summary>
    [Alias("shrink")] Task<ShrunkReport> Shrink(ShrinkStep order);

    /// <summary>Takes a request, to be carried out in the next step, or says what has become of it.</summary>
    /// <exception cref="ArgumentException">The file does not take the text.</exception>
    [Alias("control")] Task<ControlReply> Control(ControlRequest request);

    [Alias("results")] Task<CgroupResult> Results();

    [Alias("release")] Task Release();
}

/// <summary>What a coordinator must know of a memcg before the first step.</summary>
/// <param name="PagesHeld">Pages its processes hold already.</param>
/// <param name="PagesLimit">Most pages it can ever hold: memory.max.</param>
/// <param name="EndNs">Virtual time at which its last workload ends by itself, or null: with its accesses.</param>
/// <param name="TotalAccesses">Accesses in all, or null if it ends by time.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.memcg-outline/1")]
public readonly record struct MemcgOutline(
    [property: Id(0)] long PagesHeld,
    [property: Id(1)] long PagesLimit,
    [property: Id(2)] long? EndNs,
    [property: Id(3)] long? TotalAccesses)
{
    /// <summary>Pages of the node that its processes have already.</summary>
    [Id(4)] public long PagesAllocated { get; init; }
}

/// <summary>A NUMA node: owns its free pages. Key: run/host/node.</summary>
[Alias("reclaim.node")]
public interface INumaNodeGrain : IGrainWithStringKey
{
    [Alias("create")] Task Create(RunSpec spec, int host, int node);

    /// <summary>Reserves pages for the coming step, in the order asked; idempotent by step.</summary>
    [Alias("reserve")] Task<ImmutableArray<long>> Reserve(StepId id, ImmutableArray<long> wanted);

    /// <summary>Settles what was taken of the reservations; idempotent by step.</summary>
    [Alias("settle")] Task Settle(StepId id, ImmutableArray<long> taken);

    [Alias("results")] Task<NodeResult> Results();

    [Alias("release")] Task Release();
}
