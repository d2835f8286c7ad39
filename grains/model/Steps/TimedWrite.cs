namespace Reclaim.Model.Steps;

/// <summary>A write to one of the cgroup's files at a virtual time, from outside it: it costs the workloads no time of their own.</summary>
/// <param name="AtNs">When.</param>
/// <param name="File">Which file.</param>
/// <param name="Value">Pages, or for swappiness 0 to 200.</param>
public sealed record TimedWrite(long AtNs, WrittenFile File, long Value);

/// <summary>Files that can be written while a container runs.</summary>
public enum WrittenFile
{
    /// <summary>memory.max: a lower limit is reclaimed down to.</summary>
    MemoryMax,

    /// <summary>memory.reclaim: so many pages are reclaimed now.</summary>
    MemoryReclaim,

    /// <summary>vm.swappiness.</summary>
    Swappiness,
}
