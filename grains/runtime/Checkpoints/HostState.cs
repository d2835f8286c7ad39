using Reclaim.Contracts;
using Reclaim.Model.Steps;

namespace Reclaim.Grains.Checkpoints;

/// <summary>All that a coordinator must remember.</summary>
/// <param name="Time">Virtual time of its host.</param>
internal sealed record HostState(Coordinator Time)
{
    /// <summary>Its steps.</summary>
    public StepLog<CommitReport> Log { get; } = new();

    /// <summary>By memcg that shares a limit: calls that are over. A step takes as many as it needs, so they have numbers of their own.</summary>
    public long[] Runs { get; } = new long[Time.Memcgs.Count];

    /// <summary>And orders.</summary>
    public long[] Orders { get; } = new long[Time.Memcgs.Count];

    /// <summary>When what was asked of cgroups with others below them takes place, by the names of the requests.</summary>
    public Dictionary<string, long> Requests { get; } = [];
}

/// <summary>A host between two steps.</summary>
/// <param name="Host">Its coordinator.</param>
/// <param name="Nodes">Its nodes, each a snapshot of its <see cref="NodeState"/>.</param>
/// <param name="Memcgs">Its memcgs; null for one that was on another silo, and is an item of its own.</param>
internal sealed record HostCheckpoint(HostState Host, byte[][] Nodes, MemcgState?[] Memcgs);
