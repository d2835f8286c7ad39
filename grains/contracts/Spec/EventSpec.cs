namespace Reclaim.Contracts.Spec;

/// <summary>A write to a file of a cgroup at a virtual time.</summary>
/// <param name="AtNs">When.</param>
/// <param name="File">Which file.</param>
/// <param name="Value">Bytes; for swappiness 0 to 200.</param>
[GenerateSerializer, Immutable, Alias("reclaim.spec.event/1")]
public readonly record struct EventSpec([property: Id(0)] long AtNs, [property: Id(1)] EventFile File, [property: Id(2)] long Value);

/// <summary>Files that can be written while a cgroup runs.</summary>
[GenerateSerializer, Alias("reclaim.spec.event-file/1")]
public enum EventFile
{
    /// <summary>memory.max.</summary>
    MemoryMax,

    /// <summary>memory.reclaim.</summary>
    MemoryReclaim,

    /// <summary>vm.swappiness, as far as this cgroup's reclaim goes.</summary>
    Swappiness,
}
