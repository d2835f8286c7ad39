using System.Collections.Immutable;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>Reads <c>cgroups:</c>, which nest, into a flat list with paths, parents before children.</summary>
internal static class CgroupReader
{
    private const int PageSize = 4096;

    /// <summary>What one round of reclaim takes at once, SWAP_CLUSTER_MAX twice: a smaller limit cannot be kept.</summary>
    private const long EvictionRoundBytes = 64 * PageSize;

    private static readonly (string Key, string Why)[] _later =
    [
        ("memory.swap.high", "throttling at a high mark"),
        ("cpuset.cpus", "CPU limits"), ("cpu.weight", "CPU limits"),
        ("io.max", "I/O limits"), ("io.weight", "I/O limits"),
    ];

    /// <summary>Limits that only a cgroup with nothing below it can have.</summary>
    private static readonly string[] _ofLeaves = ["memory.zswap.max", "memory.zswap.writeback", CpuMaxReader.Key];

    /// <param name="host">The host, as written.</param>
    /// <param name="site">What all its workloads have in common.</param>
    /// <returns>The cgroups that run something, and those with limits that have others below them.</returns>
    public static (ImmutableArray<CgroupSpec> Cgroups, ImmutableArray<GroupSpec> Groups) ReadAll(MapReader host, WorkloadSite site)
    {
        var (cgroups, groups) = (new List<CgroupSpec>(), new List<GroupSpec>());
        ReadChildren(host, "", cgroups, groups, site);
        return ([.. cgroups], [.. groups]);
    }

    private static void ReadChildren(MapReader parent, string path, List<CgroupSpec> cgroups, List<GroupSpec> groups, WorkloadSite site)
    {
        if (parent.Mapping("cgroups") is not { } table)
        {
            return;
        }

        foreach (var entry in table.Map.Entries)
        {
            if (entry.Key.Length == 0 || entry.Key.Contains('/') || entry.Key is "." or "..")
            {
                _ = table.Take(entry.Key);
                table.Error(entry.Key, "is not a name for a cgroup");
            }
            else if (table.Mapping(entry.Key) is { } reader)
            {
                // Replaced before this (see Templates and Copies), but known.
                _ = (reader.Take(Templates.Key), reader.Take(Copies.Key));
                if (reader.Has("cgroups") && !reader.Has("workloads") && !reader.Has("process_memory"))
                {
                    ReadGroup(reader, $"{path}/{entry.Key}", cgroups, groups, site);
                }
                else
                {
                    Read(reader, $"{path}/{entry.Key}", cgroups, groups, site);
                }

                reader.Finish();
            }
        }
    }

    /// <summary>A cgroup that holds nothing itself: its limits are shared by those below it. Without any it is a part of their paths.</summary>
    private static void ReadGroup(MapReader reader, string path, List<CgroupSpec> cgroups, List<GroupSpec> groups, WorkloadSite site)
    {
        var (events, eventMax) = EventReader.ReadAll(reader, ImmutableArray.CreateBuilder<WorkloadSpec>());
        var group = new GroupSpec
        {
            Events = events,
            EventMax = eventMax,
            Path = path,
            MemoryMax = Limit(reader),
            MemoryHigh = High(reader),
            SwapMax = SwapLimit(reader, site),
            MemoryLow = Protection(reader, "memory.low"),
            MemoryMin = Protection(reader, "memory.min"),
            OomGroup = reader.Flag("memory.oom.group") ?? false,
        };
        foreach (var key in _ofLeaves.Where(key => reader.Text(key) is not (null or "max")))
        {
            reader.Error(key, "not in this version: shared by the cgroups below it");
        }

        site = NumaReader.Read(reader, site);
        reader.NotYet(_later);
        groups.Add(group);
        ReadChildren(reader, path, cgroups, groups, site);
    }

    private static void Read(MapReader reader, string path, List<CgroupSpec> cgroups, List<GroupSpec> groups, WorkloadSite site)
    {
        var index = cgroups.Count;
        cgroups.Add(new CgroupSpec { Path = path });
        site = NumaReader.Read(reader, site);
        var limit = Limit(reader);
        var swapLimit = SwapLimit(reader, site);
        var (zswapLimit, zswapWriteback) = Zswap(reader, site);
        var (anon, kernel) = ProcessMemory(reader);
        var workloads = WorkloadReader.ReadAll(reader, site with { Cgroup = index, CgroupPath = path });
        var living = workloads.ToBuilder();
        var (events, eventMax) = EventReader.ReadAll(reader, living);
        var high = High(reader);
        cgroups[index] = new CgroupSpec
        {
            Path = path,
            MemoryMax = limit,
            ProcessAnonBytes = anon,
            ProcessKernelBytes = kernel,
            Workloads = living.ToImmutable(),
            SwapMax = swapLimit,
            ZswapMax = zswapLimit,
            ZswapWriteback = zswapWriteback,
            Events = events,
            EventMax = eventMax,
            MemoryHigh = high,
            MemoryLow = Protection(reader, "memory.low"),
            MemoryMin = Protection(reader, "memory.min"),
            OomGroup = reader.Flag("memory.oom.group") ?? false,
            Rmdir = reader.Flag("rmdir") ?? false,
            CpuMax = CpuMaxReader.Read(reader),
        }.With(site);
        reader.NotYet(_later);
        ReadChildren(reader, path, cgroups, groups, site);
        CheckTree(reader, cgroups, index, groups.Any(group => group.MemoryMax is not null && path.StartsWith(group.Path + "/", StringComparison.Ordinal)));
        if (limit is not null && anon + kernel > limit)
        {
            reader.Error("process_memory", $"is more than memory.max, {Units.Size(limit.Value)}");
        }
    }

    private static long? Limit(MapReader reader)
    {
        if (reader.Text("memory.max") is null or "max")
        {
            return null;
        }

        return reader.Size("memory.max", EvictionRoundBytes,
            reader.Text("memory.max")!.StartsWith('-')
                ? $"{reader.Text("memory.max")} is negative"
                : $"{reader.Text("memory.max")} is smaller than one round of reclaim, 64 pages ({Units.Size(EvictionRoundBytes)})");
    }

    private static long? High(MapReader reader) => reader.Text("memory.high") is null or "max" ? null : reader.Size("memory.high", 0);

    private static long? SwapLimit(MapReader reader, WorkloadSite site)
    {
        if (reader.Text("memory.swap.max") is null or "max")
        {
            return null;
        }

        var limit = reader.Size("memory.swap.max", 0);
        if (limit > 0 && !site.HasSwap)
        {
            reader.Warn("memory.swap.max", "has no effect: the host has no swap");
        }

        return limit;
    }

    private static (long? Max, bool Writeback) Zswap(MapReader reader, WorkloadSite site)
    {
        var limit = reader.Text("memory.zswap.max") is null or "max" ? null : reader.Size("memory.zswap.max", 0);
        var writeback = reader.Flag("memory.zswap.writeback");
        foreach (var key in new[] { "memory.zswap.max", "memory.zswap.writeback" })
        {
            if (reader.Has(key) && reader.Text(key) != "max" && !site.HasZswap)
            {
                reader.Warn(key, "has no effect: the host has no zswap");
            }
        }

        return (limit, writeback ?? true);
    }

    private static long Protection(MapReader reader, string key) => reader.Text(key) is "max" ? long.MaxValue : reader.Size(key, 0) ?? 0;

    private static (long Anon, long Kernel) ProcessMemory(MapReader reader)
    {
        if (reader.Mapping("process_memory") is not { } memory)
        {
            return (0, 0);
        }

        var anon = memory.Size("anon", 0) ?? 0;
        var kernel = memory.Size("kernel", 0) ?? 0;
        memory.Finish();
        return (anon, kernel);
    }

    private static void CheckTree(MapReader reader, List<CgroupSpec> cgroups, int index, bool hasLimitAbove)
    {
        var hasChildren = cgroups.Count > index + 1;
        var hasWorkloads = !cgroups[index].Workloads.IsEmpty;
        if (hasChildren && hasWorkloads)
        {
            reader.Error("workloads", "a cgroup with cgroups below it cannot run anything itself (cgroup v2's rule on internal processes)");
        }
    }
}
