using System.Buffers.Binary;
using System.Collections.Immutable;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;

namespace Reclaim.Grains.Tests;

/// <summary>Small runs that reclaim a lot: files four times as large as their memcg.</summary>
internal static class Scenarios
{
    private const long MemcgBytes = 16 << 20;
    private const int FilePages = 4 * (int)(MemcgBytes / 4096);
    private const int BatchAccesses = 8192;

    /// <summary>Hosts that each run the same number of memcgs, each with its own pattern.</summary>
    public static RunSpec Patterns(int hosts = 1, int memcgs = 1, long accesses = 300_000) => new()
    {
        Scenario = "patterns",
        Hosts = [.. Enumerable.Range(0, hosts).Select(host => Host(host, [.. Enumerable.Range(0, memcgs).Select(memcg => new PatternSpec
        {
            Name = "reads",
            Device = "ram0",
            Pattern = "zipf",
            Theta = 0.5,
            N = FilePages,
            // Different lengths, so that some memcgs are done before others.
            Acc = accesses / (memcg + 1),
            Seed = (ulong)((16 * host) + memcg + 1),
        })]))],
    };

    /// <summary>Hosts whose memcgs share a limit, nested; the middle one has a limit of its own too.</summary>
    public static RunSpec SharedLimit(int hosts, string policy, TurnSchedule schedule)
    {
        var spec = Patterns(hosts, memcgs: 3, accesses: 60_000);
        return spec with
        {
            Kernel = spec.Kernel with { Policy = policy, Variant = "v6.12.117" },
            Hosts = [.. spec.Hosts.Select(host => host with
            {
                Schedule = schedule,
                Groups = [new GroupSpec { Path = "/pods", MemoryMax = MemcgBytes }, new GroupSpec { Path = "/pods/inner", MemoryHigh = MemcgBytes * 3 / 8, MemoryMax = MemcgBytes / 2, MemoryLow = MemcgBytes / 4 }],
                Cgroups = [.. host.Cgroups.Select((cgroup, i) => cgroup with
                {
                    Path = i == 0 ? "/pods/a" : $"/pods/inner/{i}",
                    MemoryMax = i == 1 ? MemcgBytes / 4 : null,
                    MemoryLow = i == 0 ? MemcgBytes / 4 : 0,
                })],
            })],
        };
    }

    /// <summary>Hosts with three nodes, one of them without CPUs: two memcgs on node 0 and one on node 2, two of the three below a limit that spans both.</summary>
    public static RunSpec Numa(int hosts, string policy, int nodeMebibytes)
    {
        var spec = Patterns(hosts, memcgs: 3, accesses: 60_000);
        return spec with
        {
            Kernel = spec.Kernel with { Policy = policy, Variant = "v6.12.117" },
            Hosts = [.. spec.Hosts.Select(host => host with
            {
                Nodes = [new NodeSpec((long)nodeMebibytes << 20), new NodeSpec(32 << 20) { IsMemoryOnly = true }, new NodeSpec((long)nodeMebibytes << 20)],
                Distance = [[10, 14, 21], [14, 10, 21], [21, 21, 10]],
                Groups = [new GroupSpec { Path = "/pods", MemoryMax = 2 * MemcgBytes }],
                Cgroups = [.. host.Cgroups.Select((cgroup, i) => cgroup with { Path = i == 0 ? "/0" : $"/pods/{i}", MemoryMax = i == 0 ? MemcgBytes : null, Node = i == 2 ? 2 : 0 })],
            })],
        };
    }

    /// <summary>Hosts with two nodes, both short, and memcgs with pages on either: by distance (with a heap and swap), in turn, and by weight below a limit.</summary>
    public static RunSpec SpreadPages(int hosts, string policy)
    {
        var spec = ShortNode(hosts, policy, "v6.12.117", TurnSchedule.VirtualTime);
        return spec with
        {
            Hosts = [.. spec.Hosts.Select(host => host with
            {
                Nodes = [new NodeSpec(MemcgBytes), new NodeSpec(MemcgBytes)],
                Distance = [[10, 21], [21, 10]],
                InterleaveWeights = [3, 1],
                Cgroups =
                [
                    host.Cgroups[0] with { Mempolicy = new MempolicySpec("interleave", [0, 1]) },
                    host.Cgroups[1] with { Mempolicy = new MempolicySpec("weighted-interleave", [0, 1]), MemoryMax = MemcgBytes / 2, CpuNode = 1 },
                    host.Cgroups[2],
                ],
            })],
        };
    }

    /// <summary>Hosts with less memory than their memcgs use: nobody has a limit, one is protected, one has a heap and swap.</summary>
    public static RunSpec ShortNode(int hosts, string policy, string variant, TurnSchedule schedule)
    {
        var spec = Patterns(hosts, memcgs: 3, accesses: 60_000);
        return spec with
        {
            Kernel = spec.Kernel with { Policy = policy, Variant = variant, Swappiness = 100 },
            Hosts = [.. spec.Hosts.Select(host => host with
            {
                Schedule = schedule,
                Nodes = [new NodeSpec(2 * MemcgBytes)],
                Swap = [new SwapSpec("zram", MemcgBytes)],
                Cgroups = [.. host.Cgroups.Select((cgroup, i) => cgroup with
                {
                    MemoryMax = null,
                    MemoryLow = i == 0 ? MemcgBytes / 2 : 0,
                    Workloads = i == 2 ? [cgroup.Workloads[0], Heap((PatternSpec)cgroup.Workloads[0])] : cgroup.Workloads,
                })],
            })],
        };
    }

    /// <summary>Hosts with less memory than their memcgs use, which nothing else brings together: they run in batches.</summary>
    public static RunSpec Together(int hosts, string policy, string variant)
    {
        const int memcgs = 10;
        var spec = Patterns(hosts, memcgs);
        return spec with
        {
            Kernel = spec.Kernel with { Policy = policy, Variant = variant },
            Hosts = [.. spec.Hosts.Select(host => host with
            {
                Nodes = [new NodeSpec(3 * MemcgBytes)],
                Cgroups = [.. host.Cgroups.Select((cgroup, i) => cgroup with
                {
                    MemoryMax = i == 1 ? MemcgBytes / 4 : null,
                    MemoryMin = i == 2 ? MemcgBytes / 4 : 0,
                    MemoryLow = i == 3 ? MemcgBytes / 4 : 0,
                    Workloads = [((PatternSpec)cgroup.Workloads[0]) with { N = FilePages / 6, Acc = 12_000 + 3_000 * i }],
                })],
            })],
        };
    }

    /// <summary>Hosts whose memcgs read one file, each with less than half of it for its limit, or all with less than the node has.</summary>
    public static RunSpec SharedFile(int hosts, string policy, TurnSchedule schedule, bool shortNode)
    {
        const int filePages = FilePages / 4;
        var spec = Patterns(hosts, memcgs: 3, accesses: 24_000);
        return spec with
        {
            Kernel = spec.Kernel with { Policy = policy, Variant = "v6.12.117" },
            Hosts = [.. spec.Hosts.Select(host => host with
            {
                Schedule = schedule,
                Nodes = shortNode ? [new NodeSpec(2 * MemcgBytes)] : host.Nodes,
                Files = [new FileSpec("unread", 4096), new FileSpec("image", filePages * 4096L)],
                Cgroups = [.. host.Cgroups.Select((cgroup, i) => cgroup with
                {
                    MemoryMax = shortNode ? null : MemcgBytes / 4 / (i + 1),
                    Workloads =
                    [
                        ((PatternSpec)cgroup.Workloads[0]) with { File = "image", N = filePages, Advice = i == 1 ? AccessAdvice.Normal : AccessAdvice.Unspecified },
                        ((PatternSpec)cgroup.Workloads[0]) with { Name = "own", Pattern = "scan", Acc = 5_000 },
                        .. shortNode && i != 2 ? [] : (WorkloadSpec[])[((PatternSpec)cgroup.Workloads[0]) with { Name = "program", File = "image", N = filePages / (shortNode ? 4 : 1), Kind = AccessKind.MmapRead }],
                    ],
                })],
            })],
        };
    }

    /// <summary>Hosts whose memcgs read from one disk with a single channel; one reads ahead, one swaps to it.</summary>
    public static RunSpec SharedDisk(int hosts, string policy)
    {
        var spec = Patterns(hosts, memcgs: 3, accesses: 12_000);
        return spec with
        {
            Kernel = spec.Kernel with { Policy = policy, Variant = "v6.12.117" },
            Hosts = [.. spec.Hosts.Select(host => host with
            {
                Devices = [new DeviceSpec { Name = "disk", Type = "hdd", LatencyNs = 200_000 }],
                Swap = [new SwapSpec("disk", MemcgBytes)],
                Cgroups = [.. host.Cgroups.Select((cgroup, i) => cgroup with
                {
                    MemoryMax = MemcgBytes / 4,
                    Workloads =
                    [
                        ((PatternSpec)cgroup.Workloads[0]) with { Device = "disk", Pattern = i == 1 ? "scan" : "zipf", Advice = i == 1 ? AccessAdvice.Normal : AccessAdvice.Unspecified },
                        .. i == 2 ? (WorkloadSpec[])[Heap(((PatternSpec)cgroup.Workloads[0]) with { Device = "disk" })] : [],
                    ],
                })],
            })],
        };
    }

    /// <summary>One memcg that replays a trace which must be fed.</summary>
    public static RunSpec Trace(int batches) => new()
    {
        Scenario = "trace",
        Hosts =
        [
            Host(0, [new TraceSpec { Name = "replay", Device = "ram0", Path = "replay.u32", Pages = FilePages, Accesses = (long)batches * BatchAccesses }]),
        ],
    };

    /// <summary>A batch of the trace: page numbers from a generator that depends on its sequence number alone.</summary>
    public static TraceBatch Batch(long sequence)
    {
        var pages = new byte[BatchAccesses * sizeof(uint)];
        var state = (ulong)sequence + 1;
        for (var i = 0; i < BatchAccesses; i++)
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            BinaryPrimitives.WriteUInt32LittleEndian(pages.AsSpan(i * sizeof(uint)), (uint)((state >> 33) % FilePages));
        }

        return new TraceBatch(0, sequence, pages);
    }

    private static PatternSpec Heap(PatternSpec like) => like with { Name = "heap", Kind = AccessKind.AnonRead, N = FilePages / 8, Acc = 10_000, Wr = 256, Prefill = true };

    private static HostSpec Host(int number, ImmutableArray<WorkloadSpec> workloads) => new()
    {
        Name = $"host{number}",
        Cpus = 4,
        Nodes = [new NodeSpec(1L << 30)],
        Devices = [new DeviceSpec { Name = "ram0", Type = "brd" }],
        Cgroups = [.. workloads.Select((workload, i) => new CgroupSpec { Path = $"/memcg{i}", MemoryMax = MemcgBytes, Workloads = [workload] })],
    };
}
