namespace Reclaim.Contracts.Spec;

/// <summary>A control file of a cgroup is written or read at a virtual time.</summary>
/// <param name="AtNs">When.</param>
/// <param name="File">Which file.</param>
/// <param name="Value">The text written, as the kernel takes it; null: the file is read, and its text is in the results.</param>
[GenerateSerializer, Immutable, Alias("reclaim.spec.event/2")]
public readonly record struct EventSpec([property: Id(0)] long AtNs, [property: Id(1)] EventFile File, [property: Id(2)] string? Value);

/// <summary>Control files that can be written or read while a cgroup runs.</summary>
[GenerateSerializer, Alias("reclaim.spec.event-file/2")]
public enum EventFile
{
    /// <summary>memory.max.</summary>
    MemoryMax,

    /// <summary>memory.high.</summary>
    MemoryHigh,

    /// <summary>memory.low.</summary>
    MemoryLow,

    /// <summary>memory.min.</summary>
    MemoryMin,

    /// <summary>memory.reclaim.</summary>
    MemoryReclaim,

    /// <summary>memory.swap.max.</summary>
    MemorySwapMax,

    /// <summary>vm.swappiness, as far as this cgroup's reclaim goes.</summary>
    Swappiness,

    /// <summary>/sys/kernel/mm/lru_gen/enabled, as far as this cgroup goes.</summary>
    LruGenEnabled,

    /// <summary>/sys/kernel/debug/lru_gen.</summary>
    LruGen,

    /// <summary>/sys/kernel/debug/lru_gen_full; only read.</summary>
    LruGenFull,

    /// <summary>vm.drop_caches, as far as this cgroup goes.</summary>
    DropCaches,

    /// <summary>posix_fadvise(2) on a file by a process of the cgroup; only written.</summary>
    PosixFadvise,

    /// <summary>memory.stat; only read.</summary>
    MemoryStat,

    /// <summary>memory.events; only read.</summary>
    MemoryEvents,

    /// <summary>memory.current; only read.</summary>
    MemoryCurrent,

    /// <summary>memory.pressure; only read.</summary>
    MemoryPressure,

    /// <summary>io.pressure; only read.</summary>
    IoPressure,

    /// <summary>cpu.pressure; only read.</summary>
    CpuPressure,
}

/// <summary>Control files by the names under which scenarios and the command line know them.</summary>
public static class EventFiles
{
    private static readonly (string Name, EventFile File)[] _names =
    [
        ("memory.max", EventFile.MemoryMax),
        ("memory.high", EventFile.MemoryHigh),
        ("memory.low", EventFile.MemoryLow),
        ("memory.min", EventFile.MemoryMin),
        ("memory.reclaim", EventFile.MemoryReclaim),
        ("memory.swap.max", EventFile.MemorySwapMax),
        ("vm.swappiness", EventFile.Swappiness),
        ("lru_gen.enabled", EventFile.LruGenEnabled),
        ("lru_gen", EventFile.LruGen),
        ("lru_gen_full", EventFile.LruGenFull),
        ("vm.drop_caches", EventFile.DropCaches),
        ("posix_fadvise", EventFile.PosixFadvise),
        ("memory.stat", EventFile.MemoryStat),
        ("memory.events", EventFile.MemoryEvents),
        ("memory.current", EventFile.MemoryCurrent),
        ("memory.pressure", EventFile.MemoryPressure),
        ("io.pressure", EventFile.IoPressure),
        ("cpu.pressure", EventFile.CpuPressure),
    ];

    /// <summary>Names of files that can be written.</summary>
    public static IReadOnlyList<string> Writable { get; } = [.. _names.Where(item => IsWritable(item.File)).Select(item => item.Name)];

    /// <summary>Names of files that can be read.</summary>
    public static IReadOnlyList<string> Readable { get; } = [.. _names.Where(item => IsReadable(item.File)).Select(item => item.Name)];

    /// <summary>The file of a name, or null.</summary>
    public static EventFile? Find(string name) => Array.Find(_names, item => item.Name == name) is { Name: not null } found ? found.File : null;

    /// <summary>The name of a file.</summary>
    public static string NameOf(EventFile file) => Array.Find(_names, item => item.File == file).Name;

    private static bool IsWritable(EventFile file) =>
        file is not (EventFile.LruGenFull or EventFile.MemoryStat or EventFile.MemoryEvents or EventFile.MemoryCurrent
            or EventFile.MemoryPressure or EventFile.IoPressure or EventFile.CpuPressure);

    private static bool IsReadable(EventFile file) => file is not (EventFile.MemoryReclaim or EventFile.DropCaches or EventFile.PosixFadvise);
}
