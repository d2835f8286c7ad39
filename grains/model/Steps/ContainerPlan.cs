using Reclaim.Model.Control;
using Reclaim.Model.Kernels;
using Reclaim.Model.Mappings;
using Reclaim.Model.Numa;
using Reclaim.Model.Readahead;
using Reclaim.Model.Sharing;
using Reclaim.Model.Swap;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;
using Reclaim.Model.Writeback;

namespace Reclaim.Model.Steps;

/// <summary>All that a <see cref="Container"/> is built from.</summary>
public sealed record ContainerPlan
{
    /// <summary>The kernel and its rules.</summary>
    public required KernelChoice Kernel { get; init; }

    /// <summary>memory.max in pages.</summary>
    public required long MaxPages { get; init; }

    /// <summary>Anonymous pages that the processes hold throughout.</summary>
    public long ProcessAnonPages { get; init; }

    /// <summary>Pages of kernel memory that the processes hold throughout.</summary>
    public long ProcessKernelPages { get; init; }

    /// <summary>Size of each file in pages.</summary>
    public required IReadOnlyList<int> FilePages { get; init; }

    /// <summary>Name of each file.</summary>
    public IReadOnlyList<string> FileNames { get; init; } = [];

    /// <summary>Number of the container on its host.</summary>
    public ushort Number { get; init; }

    /// <summary>Those of the files that other containers of the host use too. They are only read.</summary>
    public IReadOnlyList<SharedFilePlan> SharedFiles { get; init; } = [];

    /// <summary>Size of each region of private anonymous memory in pages.</summary>
    public IReadOnlyList<int> HeapPages { get; init; } = [];

    /// <summary>Swap that the cgroup may use, in pages: the smaller of all swap and memory.swap.max; 0: none.</summary>
    public long SwapPages { get; init; }

    /// <summary>What it swaps to, if that is one area of <see cref="SwapPages"/> at the prices of <see cref="Costs"/>.</summary>
    public Device? SwapDevice { get; init; }

    /// <summary>The areas it swaps to, in the order in which they are turned on, if that is not <see cref="SwapDevice"/>.</summary>
    public IReadOnlyList<SwapAreaPlan> SwapAreas { get; init; } = [];

    /// <summary>Those of the devices at which other containers of the host may be in its way; all have them in the same order.</summary>
    public IReadOnlyList<Device> SharedDevices { get; init; } = [];

    /// <summary>zswap in front of them; null without.</summary>
    public ZswapPlan? Zswap { get; init; }

    /// <summary>vm.page_cluster: 2 to that power pages are read from swap together at most.</summary>
    public int PageCluster { get; init; } = 3;

    /// <summary>Translations that a CPU caches: a power of two, or 0.</summary>
    public int TlbEntries { get; init; } = 2048;

    /// <summary>Pages that a fault of a mapped file maps at most, those that are cached of an aligned group (fault_around_bytes): a power of two up to 512; 1: only its own.</summary>
    public int FaultAroundPages { get; init; } = 1;

    /// <summary>vm.dirty_* of the host, and its pages.</summary>
    public DirtySysctls Dirty { get; init; } = new();

    /// <summary>Pages of the host, all cgroups together.</summary>
    public long HostPages { get; init; } = 32L << 18;

    /// <summary>Path of the cgroup, and the kernel's internal id: as lru_gen prints them.</summary>
    public string Path { get; init; } = "/";

    /// <inheritdoc cref="Path"/>
    public int MemcgId { get; init; } = 1;

    /// <summary>The NUMA node that all its pages are on (cpuset.mems), or the first that it takes pages from.</summary>
    public int Node { get; init; }

    /// <summary>Where its pages may be, if that is on several nodes; null: all are on <see cref="Node"/>.</summary>
    public NumaPlan? Numa { get; init; }

    /// <summary>memory.high in pages; <see cref="long.MaxValue"/> without one.</summary>
    public long HighPages { get; init; } = long.MaxValue;

    /// <summary>memory.low and memory.min in pages.</summary>
    public long LowPages { get; init; }

    /// <inheritdoc cref="LowPages"/>
    public long MinPages { get; init; }

    /// <summary>memory.oom.group: whoever of its processes is killed for want of memory, all are.</summary>
    public bool OomGroup { get; init; }

    /// <summary>Whether the cgroup is removed when the last of its jobs has ended.</summary>
    public bool Rmdir { get; init; }

    /// <summary>Control files that are written or read while it runs, in order of time.</summary>
    public IReadOnlyList<ControlAccess> Controls { get; init; } = [];

    /// <summary>The jobs, in the order in which they take turns.</summary>
    public required IReadOnlyList<JobPlan> Jobs { get; init; }

    public CostTable Costs { get; init; } = CostTable.Default;

    public int Cpus { get; init; } = 1;

    /// <summary>cpu.max; null without one. Jobs that take turns have one CPU for as long as it takes.</summary>
    public CpuMax? CpuMax { get; init; }

    /// <summary>Whether what its tasks are at is reported, for the pressure of cgroups above it.</summary>
    public bool ReportsPressure { get; init; }

    /// <summary>Jobs take turns by accesses instead of by their clocks.</summary>
    public bool Turns { get; init; }

    /// <summary>Somebody reads memory.stat after every so many accesses, which flushes the statistics; 0: nobody does.</summary>
    public long ObserveEvery { get; init; }

    /// <summary>Whether to take samples of what it is like, for curves over time. Nothing else depends on it.</summary>
    public bool TakesSamples { get; init; }

    /// <summary>Reclaims that are written down; 0: none. Nothing else depends on it.</summary>
    public int MostRecords { get; init; }
}

/// <summary>One job: a thread with a clock of its own.</summary>
public sealed record JobPlan
{
    /// <summary>The workload it belongs to.</summary>
    public required int Workload { get; init; }

    /// <summary>What it reads and writes: one stream, or several in a fixed rotation.</summary>
    public required IReadOnlyList<StreamPlan> Streams { get; init; }

    /// <summary>Requests in flight.</summary>
    public int Depth { get; init; } = 1;

    /// <summary>Requests submitted together.</summary>
    public int BatchSubmit { get; init; } = 1;

    /// <summary>Completions waited for when all requests are in flight.</summary>
    public int BatchComplete { get; init; } = 1;

    public long ThinkNs { get; init; }

    /// <summary>Time at which it starts.</summary>
    public long StartNs { get; init; }

    /// <summary>The process it is a thread of, by number: threads have one memory. −1: a process of its own.</summary>
    public int Process { get; init; } = -1;

    /// <summary>
    /// Whether its process exits when its last thread has ended: its memory is freed, its mappings are gone. If not, it sleeps on
    /// with all it has. One thread that says so is enough.
    /// </summary>
    public bool Exits { get; init; }

    /// <summary>oom_score_adj of its process, −1000 to 1000.</summary>
    public int OomScoreAdj { get; init; }

    /// <summary>Time after which its figures count.</summary>
    public long RampNs { get; init; }

    /// <summary>Time at which it stops, or null: with its accesses.</summary>
    public long? EndNs { get; init; }

    /// <summary>Accesses in its turn.</summary>
    public int Turn { get; init; } = 64;
}

/// <summary>An open file and where in it to go.</summary>
public sealed record StreamPlan
{
    public required AccessSource Source { get; init; }

    /// <summary>Index into <see cref="ContainerPlan.FilePages"/>, or, for anonymous memory, into <see cref="ContainerPlan.HeapPages"/>.</summary>
    public required int File { get; init; }

    /// <summary>How its pages are touched.</summary>
    public AccessPath Path { get; init; }

    /// <summary>How far reclaim goes by accesses through this mapping.</summary>
    public Recency Recency { get; init; }

    /// <summary>Whether the file is mapped to be executed (VM_EXEC).</summary>
    public bool Executable { get; init; }

    public required Device Device { get; init; }

    /// <summary>The name under which batches of its trace arrive; -1 if it is not one.</summary>
    public int Feed { get; init; } = -1;

    /// <summary>Whether any of its requests are writes.</summary>
    public bool Writes { get; init; }

    /// <summary>Bytes of a request.</summary>
    public int BlockBytes { get; init; } = 4096;

    /// <summary>
    /// Largest readahead window in pages: read_ahead_kb of the device / 4, 32 by default on Linux; 0: no readahead, and of mappings no read-around.
    /// Anonymous memory has none, nor has a reference policy, which knows nothing but requests.
    /// </summary>
    public int ReadAheadPages { get; init; }

    /// <summary>What the kernel was told of how the file will be read.</summary>
    public ReadaheadAdvice Advice { get; init; }

    /// <summary>Accesses before the next stream of the rotation.</summary>
    public int Rotation { get; init; } = 1;
}

/// <summary>How pages are touched.</summary>
public enum AccessPath
{
    /// <summary>read(2) and write(2).</summary>
    Descriptor,

    /// <summary>A shared mapping of the file.</summary>
    Mapped,

    /// <summary>Private anonymous memory.</summary>
    Anonymous,
}
