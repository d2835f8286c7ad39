namespace Reclaim.Contracts.Steps;

/// <summary>
/// A numbered piece of a trace on its way to a memcg: little-endian unsigned 32-bit page numbers, sent as one block of bytes
/// (arrays of integers are written element by element, five to thirty times slower).
/// </summary>
/// <param name="Workload">Index of the workload within its cgroup; a part of a mix is <c>index + 1024 × (part + 1)</c>.</param>
/// <param name="Sequence">Number of the batch, from 0. Batches may arrive out of order or twice.</param>
/// <param name="Pages">The page numbers, 8–16 K of them.</param>
[GenerateSerializer, Immutable, Alias("reclaim.feed.batch/1")]
public readonly record struct TraceBatch([property: Id(0)] int Workload, [property: Id(1)] long Sequence, [property: Id(2)] ReadOnlyMemory<byte> Pages)
{
    /// <summary>Who sends it: a trace is taken from one at a time. Null takes it from whoever comes.</summary>
    [Id(3)] public string? Feeder { get; init; }
}

/// <summary>How far a trace has come, and how much more may come.</summary>
/// <param name="Next">Number of the batch that comes next: all before it are here. After a host has gone back to a checkpoint it is less than it was.</param>
/// <param name="Kept">All batches before this one would survive the loss of the silo: nobody will ask for them again.</param>
/// <param name="Credits">Batches that may be sent beyond those that are here.</param>
[GenerateSerializer, Immutable, Alias("reclaim.feed.reply/1")]
public readonly record struct FeedReply([property: Id(0)] long Next, [property: Id(1)] long Kept, [property: Id(2)] int Credits);
