namespace Reclaim.Contracts.Steps;

/// <summary>A host as it stood after a step, written to the store.</summary>
/// <param name="Number">Numbers the checkpoints of a host, from 1.</param>
/// <param name="Id">The last step in it.</param>
/// <param name="NowNs">Virtual time.</param>
/// <param name="Bytes">Its size.</param>
[GenerateSerializer, Immutable, Alias("reclaim.checkpoint.made/1")]
public readonly record struct CheckpointMade(
    [property: Id(0)] long Number, [property: Id(1)] StepId Id, [property: Id(2)] long NowNs, [property: Id(3)] long Bytes);

/// <summary>Where a host takes up its work.</summary>
/// <param name="Spec">The run it belongs to.</param>
/// <param name="Host">Its number.</param>
/// <param name="Incarnation">Its new life.</param>
/// <param name="Checkpoint">Number of the checkpoint that it goes back to; 0: it begins.</param>
/// <param name="Tried">Highest number of a checkpoint that was begun, whether it was finished or not.</param>
[GenerateSerializer, Immutable, Alias("reclaim.checkpoint.restore/1")]
public sealed record HostRestore(
    [property: Id(0)] Spec.RunSpec Spec, [property: Id(1)] int Host, [property: Id(2)] int Incarnation, [property: Id(3)] long Checkpoint, [property: Id(4)] long Tried);

/// <summary>Where a memcg takes up its work.</summary>
/// <param name="Host">Its host.</param>
/// <param name="Cgroup">Its number there.</param>
[GenerateSerializer, Immutable, Alias("reclaim.checkpoint.restore-memcg/1")]
public sealed record MemcgRestore([property: Id(0)] HostRestore Host, [property: Id(1)] int Cgroup);
