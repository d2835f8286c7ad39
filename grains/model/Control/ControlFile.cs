namespace Reclaim.Model.Control;

/// <summary>The files through which an administrator, or a daemon, steers reclaim of a cgroup and looks at it.</summary>
public enum ControlFile
{
    /// <summary>memory.max: a size. A lower limit is reclaimed down to.</summary>
    MemoryMax,

    /// <summary>memory.high: a size, or <c>max</c>. What is above it is reclaimed, and who charges above it is slowed down.</summary>
    MemoryHigh,

    /// <summary>memory.low: a size. Protects from reclaim on behalf of an ancestor, never from the cgroup's own limit.</summary>
    MemoryLow,

    /// <summary>memory.min: likewise.</summary>
    MemoryMin,

    /// <summary>memory.reclaim: a size, and from v6.9 on perhaps <c>swappiness=N</c>. So much is reclaimed now.</summary>
    MemoryReclaim,

    /// <summary>memory.swap.max: a size, or <c>max</c>. Nothing is brought back because of it.</summary>
    MemorySwapMax,

    /// <summary>vm.swappiness: 0 to 200.</summary>
    Swappiness,

    /// <summary>/sys/kernel/mm/lru_gen/enabled: <c>y</c>, <c>n</c>, or the bits of what is to be on.</summary>
    LruGenEnabled,

    /// <summary>/sys/kernel/debug/lru_gen: its commands; read, the generations that exist.</summary>
    LruGen,

    /// <summary>/sys/kernel/debug/lru_gen_full; only read.</summary>
    LruGenFull,

    /// <summary>/proc/sys/vm/drop_caches: 1 page cache, 2 slab, 3 both.</summary>
    DropCaches,

    /// <summary>posix_fadvise(2) by a process of the cgroup: <c>dontneed FILE</c> or <c>willneed FILE</c>; only written.</summary>
    PosixFadvise,

    /// <summary>memory.stat; only read, which brings the statistics up to date.</summary>
    MemoryStat,

    /// <summary>memory.events; only read.</summary>
    MemoryEvents,

    /// <summary>memory.current; only read.</summary>
    MemoryCurrent,

    /// <summary>memory.pressure; only read: there are no triggers.</summary>
    MemoryPressure,

    /// <summary>io.pressure; likewise.</summary>
    IoPressure,

    /// <summary>cpu.pressure; likewise.</summary>
    CpuPressure,
}
