using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;

namespace Reclaim.Contracts.Steps;

/// <summary>Somebody outside writes or reads a control file of a cgroup while it runs.</summary>
/// <param name="Id">Names the request: one that is repeated is carried out once.</param>
/// <param name="Host">Number of the host.</param>
/// <param name="Cgroup">Path of the cgroup.</param>
/// <param name="File">Which file.</param>
/// <param name="Value">The text written; null: the file is read.</param>
[GenerateSerializer, Immutable, Alias("reclaim.control.request/1")]
public sealed record ControlRequest(
    [property: Id(0)] string Id,
    [property: Id(1)] int Host,
    [property: Id(2)] string Cgroup,
    [property: Id(3)] EventFile File,
    [property: Id(4)] string? Value)
{
    /// <summary>Virtual time at which it takes place, where that is known from an earlier life; null: as soon as the cgroup runs on.</summary>
    [Id(5)] public long? AtNs { get; init; }
}

/// <summary>What has become of a request.</summary>
/// <param name="AtNs">Virtual time at which it takes place.</param>
/// <param name="Result">What came of it; null as long as it has not taken place.</param>
/// <param name="Over">The cgroup's workloads have ended: what has not taken place by now never will.</param>
[GenerateSerializer, Immutable, Alias("reclaim.control.reply/1")]
public sealed record ControlReply(
    [property: Id(0)] long AtNs,
    [property: Id(1)] EventResult? Result,
    [property: Id(2)] bool Over);
