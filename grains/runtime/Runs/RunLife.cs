using System.Collections.Immutable;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;

namespace Reclaim.Grains.Runs;

/// <summary>What must be known of a run to take it up after the loss of every silo, but for its specification and its checkpoints.</summary>
internal sealed record RunLife
{
    /// <summary>Name of its scenario.</summary>
    public required string Scenario { get; init; }

    public RunPhase Phase { get; init; }

    /// <summary>Wall clock time at which it was created.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>The last life that any host of it has begun.</summary>
    public int Incarnation { get; init; }

    /// <summary>How often a host was taken up again.</summary>
    public int Recoveries { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    /// <summary>What whoever looks after it should know.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>What others asked of it while it ran, and when that took place: a host that goes back does it again.</summary>
    public ImmutableArray<KnownRequest> Requests { get; init; } = [];

    /// <summary>What its spans belong to, as W3C writes it; null: nothing.</summary>
    public string? Trace { get; init; }

    /// <summary>Where it stood when it was over; null: it is not.</summary>
    public RunProgress? Last { get; init; }
}

/// <summary>A request that was taken.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Host">Number of the host.</param>
/// <param name="Cgroup">Path of the cgroup.</param>
/// <param name="File">The file.</param>
/// <param name="Value">The text written; null: it was read.</param>
/// <param name="AtNs">Virtual time at which it takes place.</param>
internal sealed record KnownRequest(string Id, int Host, string Cgroup, EventFile File, string? Value, long AtNs)
{
    public static KnownRequest Of(ControlRequest request, long atNs) => new(request.Id, request.Host, request.Cgroup, request.File, request.Value, atNs);

    public ControlRequest Again() => new(Id, Host, Cgroup, File, Value) { AtNs = AtNs };
}
