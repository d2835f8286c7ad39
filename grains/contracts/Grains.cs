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

    /// <summary>Goes on for so much virtual time, about, and pauses then; returns at once. Of a run that is lost on the way this is forgotten: it goes on.</summary>
    /// <param name="forNs">Nanoseconds, from where the host stands that is furthest behind.</param>
    [Alias("advance")] Task Advance(long forNs);

    /// <summary>Goes no faster from now on. It changes no result.</summary>
    /// <param name="speed">Most virtual seconds in a second; null: as fast as it can.</param>
    [Alias("pace")] Task Pace(double? speed);

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

    /// <summary>How it stands, hosts each after its step in flight. Those that are lost just now are left out.</summary>
    [Alias("view")] Task<RunView> View(ViewRequest request);

    /// <summary>
    /// Writes or reads a control file of one of its cgroups, and returns when it has taken place; at once if the run does not go on.
    /// Repeating it changes nothing.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such host or cgroup, or the file does not take the text.</exception>
    [Alias("control")] Task<ControlReply> Control(ControlRequest request);

    /// <summary>Writes a checkpoint of each host, each after its step in flight.</summary>
    /// <exception cref="InvalidOperationException">The run is over, or its silos have no store.</exception>
    [Alias("checkpoint")] Task Checkpoint();

    /// <summary>
    /// Takes up a run that no silo has in memory any more, or that has failed for want of silos, from its last checkpoints. One that runs is left alone.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no such run, or it is over.</exception>
    [Alias("resume")] Task<RunProgress> Resume();

    /// <summary>
    /// A silo is about to stop: hosts on it are written to the store after their steps in flight and taken up on others. Where no other is left, the run
    /// stands still there until there is one.
    /// </summary>
    /// <param name="silo">Which.</param>
    /// <returns>When nothing that its hosts have done can be lost any more.</returns>
    [Alias("leave")] Task Leave(SiloAddress silo);

    /// <summary>Stops the run if need be, and gives up everything it holds. Its key may then be used again.</summary>
    [Alias("release")] Task Release();
}

/// <summary>The runs of a cluster. Key: <see cref="GrainKeys.Runs"/>.</summary>
[Alias("reclaim.runs")]
public interface IRunsGrain : IGrainWithStringKey
{
    /// <summary>All of them, those that are over too, in the order of their names.</summary>
    [Alias("list")] Task<ImmutableArray<RunEntry>> List();
}

/// <summary>Virtual time of one host: hands out grants, collects reports in canonical order, commits steps. Key: run/host.</summary>
[Alias("reclaim.coordinator")]
public interface IReclaimCoordinatorGrain : IGrainWithStringKey
{
    /// <summary>Creates the host's memcgs and nodes. Repeating it changes nothing.</summary>
    [Alias("create")] Task<HostOutline> Create(RunSpec spec, int host);

    /// <summary>Runs the next step of all memcgs and commits it. A repeated step returns the stored report.</summary>
    [Alias("step")] Task<CommitReport> Step(StepId id, long maxAccesses);

    /// <summary>Begins a new life where the last one stands, if nothing of it is lost.</summary>
    /// <returns>The last step, as an id of the new life, and what it came to; null: it has to be restored.</returns>
    [Alias("attach")] Task<CommitReport?> Attach(int incarnation);

    /// <summary>Writes the host as it stands to the store, as a checkpoint of the next number. Where it stands as at the last one, that is it.</summary>
    [Alias("checkpoint")] Task<CheckpointMade> Checkpoint();

    /// <summary>Begins a new life at a checkpoint, or at the beginning, wherever the last one stands.</summary>
    /// <returns>The last step, as an id of the new life, and what it came to.</returns>
    /// <exception cref="CheckpointException">The checkpoint cannot be used; nothing has changed.</exception>
    [Alias("restore")] Task<HostStart> Restore(HostRestore restore);

    [Alias("results")] Task<HostResult> Results();

    /// <summary>How it stands after its last step.</summary>
    /// <param name="cgroup">Path of the cgroup of which to see everything; null: of none.</param>
    /// <param name="brief">Whether of all others nothing but their lists and a few sums.</param>
    [Alias("view")] Task<HostView> View(string? cgroup, bool brief);

    /// <summary>Writes or reads a limit of a cgroup that has others below it, once.</summary>
    /// <exception cref="ArgumentException">There is no such cgroup, or the file does not take the text.</exception>
    [Alias("control")] Task<ControlReply> Control(ControlRequest request);

    /// <summary>Gives up the host, its memcgs and nodes.</summary>
    [Alias("release")] Task Release();
}

/// <summary>When a host ends.</summary>
/// <param name="EndNs">Virtual time at which it ends, or null if it ends with its accesses.</param>
/// <param name="TotalAccesses">Accesses in all, or null if it ends by time.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.host-outline/1")]
public readonly record struct HostOutline([property: Id(0)] long? EndNs, [property: Id(1)] long? TotalAccesses);

/// <summary>Where a host begins a life.</summary>
/// <param name="Outline">When it ends.</param>
/// <param name="Last">The last step, as an id of this life, and what it came to.</param>
[GenerateSerializer, Immutable, Alias("reclaim.step.host-start/1")]
public readonly record struct HostStart([property: Id(0)] HostOutline Outline, [property: Id(1)] CommitReport Last);

/// <summary>What a host's step came to.</summary>
[GenerateSerializer, Immutable, Alias("reclaim.step.commit/1")]
public readonly record struct CommitReport(
    [property: Id(0)] StepId Id,
    [property: Id(1)] bool Done,
    [property: Id(2)] long NowNs,
    [property: Id(3)] long Accesses,
    [property: Id(4)] ImmutableArray<CgroupProgress> Cgroups)
{
    /// <summary>Path of a memcg whose trace has not come far enough for another step: then none was taken, and the id is that of the last one; null: a step was taken.</summary>
    [Id(5)] public string? WaitsFor { get; init; }
}

/// <summary>A memory cgroup: owns its lruvecs and runs its workloads. Key: run/host/cgroup path.</summary>
[Alias("reclaim.memcg")]
public interface IMemcgGrain : IGrainWithStringKey
{
    /// <summary>Builds the memcg and its workloads. Repeating it changes nothing.</summary>
    [Alias("create")] Task<MemcgOutline> Create(RunSpec spec, int host, int cgroup);

    /// <summary>Takes a batch of a trace. Idempotent by (workload, sequence); order of arrival does not matter.</summary>
    /// <exception cref="FeedRefusedException">Somebody else sends this trace.</exception>
    [Alias("feed")] Task<FeedReply> Feed(TraceBatch batch);

    /// <summary>How far a trace has come.</summary>
    /// <param name="workload">Which trace, as in <see cref="TraceBatch"/>.</param>
    /// <param name="feeder">Who is about to send it, or sends it and has nothing to send just now; null: somebody who only asks.</param>
    /// <exception cref="FeedRefusedException">Somebody else sends this trace.</exception>
    [Alias("fed")] Task<FeedReply> Fed(int workload, string? feeder);

    /// <summary>Accesses that it can make before it waits for more of a trace; <see cref="long.MaxValue"/>: as many as it likes.</summary>
    [Alias("supply")] Task<long> Supply();

    /// <summary>Writes the memcg as it stands to the store, as an item of this name.</summary>
    /// <returns>Bytes written.</returns>
    [Alias("save")] Task<long> Save(string item);

    /// <summary>Begins a new life at a checkpoint of its host, or at the beginning.</summary>
    /// <exception cref="CheckpointException">The checkpoint cannot be used.</exception>
    [Alias("restore")] Task<MemcgOutline> Restore(MemcgRestore restore);

    /// <summary>A checkpoint is complete: what it holds of traces is kept.</summary>
    [Alias("kept")] Task Kept();

    /// <summary>Runs one step. A repeated step returns the stored report.</summary>
    [Alias("run")] Task<StepReport> Run(StepGrant grant);

    /// <summary>Reclaims on behalf of a limit above. A repeated order returns the stored report.</summary>
    [Alias("shrink")] Task<ShrunkReport> Shrink(ShrinkStep order);

    /// <summary>Takes a request, to be carried out in the next step, or says what has become of it.</summary>
    /// <exception cref="ArgumentException">The file does not take the text.</exception>
    [Alias("control")] Task<ControlReply> Control(ControlRequest request);

    [Alias("results")] Task<CgroupResult> Results();

    /// <summary>How it stands.</summary>
    /// <param name="depth">How much of it is wanted.</param>
    [Alias("view")] Task<MemcgView> View(ViewDepth depth);

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

    /// <summary>Its state, as bytes.</summary>
    [Alias("save")] Task<ReadOnlyMemory<byte>> Save();

    /// <summary>Goes back to a state that was saved.</summary>
    [Alias("restore")] Task Restore(int node, ReadOnlyMemory<byte> state);

    [Alias("results")] Task<NodeResult> Results();

    [Alias("release")] Task Release();
}
