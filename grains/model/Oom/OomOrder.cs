namespace Reclaim.Model.Oom;

/// <summary>What the OOM killer wants of a container.</summary>
public enum OomAction
{
    /// <summary>To know its best victim (select_bad_process).</summary>
    Weigh,

    /// <summary>To kill that.</summary>
    Kill,

    /// <summary>To kill all its processes but those that are never killed: memory.oom.group of a cgroup above it.</summary>
    KillAll,

    /// <summary>Likewise, for a memory.oom.group of its own, which counts that.</summary>
    KillGroup,
}

/// <summary>An order of the OOM killer, on behalf of a limit that several share, or of the host.</summary>
/// <param name="Action">What.</param>
/// <param name="TotalPages">Memory and swap of those among whom the victim is chosen.</param>
/// <param name="For">Path of the cgroup whose limit it is; <c>/</c>: the host's.</param>
public readonly record struct OomOrder(OomAction Action, long TotalPages, string For);

/// <summary>What came of it.</summary>
/// <param name="Points">Of the container's best victim; null if it has none.</param>
/// <param name="Ended">Whether none of its jobs is left.</param>
public readonly record struct OomAnswer(long? Points, bool Ended);

/// <summary>A process was killed.</summary>
/// <param name="AtNs">Virtual time.</param>
/// <param name="Workloads">Those that ran in it, by number; none for memory that belongs to no workload.</param>
/// <param name="Points">What it was chosen by, or had as one of a group.</param>
/// <param name="For">Path of the cgroup whose limit it was; <c>/</c>: the host's.</param>
public sealed record OomKill(long AtNs, IReadOnlyList<int> Workloads, long Points, string For);
