using System.Collections.Immutable;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>Reads <c>cgroups:</c>, which nest, into a flat list with paths, parents before children.</summary>
internal static class CgroupReader
{
    private const int PageSize = 4096;

    /// <summary>What one round of reclaim takes at once, SWAP_CLUSTER_MAX twice: a smaller limit cannot be kept.</summary>
    private const long EvictionRoundBytes = 64 * PageSize;

    /// <param name="host">The host, as written.</param>
    /// <param name="site">What all its workloads have in common.</param>
    public static ImmutableArray<CgroupSpec> ReadAll(MapReader host, WorkloadSite site)
    {
        var cgroups = new List<CgroupSpec>();
        ReadChildren(host, "", cgroups, site);
        return [.. cgroups];
    }

    private static void ReadChildren(MapReader parent, string path, List<CgroupSpec> cgroups, WorkloadSite site)
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
                Read(reader, $"{path}/{entry.Key}", cgroups, site);
                reader.Finish();
            }
        }
    }

    private static void Read(MapReader reader, string path, List<CgroupSpec> cgroups, WorkloadSite site)
    {
        // A cgroup that only groups others holds nothing and limits nothing: it is a part of their paths.
        var groups = reader.Has("cgroups") && !reader.Has("workloads") && !reader.Has("process_memory")
            && reader.Text("memory.max") is (null or "max") && reader.Text("memory.swap.max") is (null or "max")
            && reader.Text("memory.zswap.max") is (null or "max");
        var index = cgroups.Count;
        cgroups.Add(new CgroupSpec { Path = path });
        var limit = Limit(reader);
        var swapLimit = SwapLimit(reader, site);
        var (zswapLimit, zswapWriteback) = Zswap(reader, site);
        var (anon, kernel) = ProcessMemory(reader);
        var workloads = WorkloadReader.ReadAll(reader, site with { Cgroup = index, CgroupPath = path });
        var living = workloads.ToBuilder();
        var (events, eventMax) = EventReader.ReadAll(reader, living);
        var high = reader.Text("memory.high") is null or "max" ? null : reader.Size("memory.high", 0);
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
        };
        reader.NotYet(
            ("memory.swap.high", "throttling at a high mark"), ("memory.oom.group", "the OOM killer"),
            ("cpuset.mems", "several NUMA nodes"), ("cpuset.cpus", "CPU limits"), ("cpu.max", "CPU limits"), ("cpu.weight", "CPU limits"),
            ("io.max", "I/O limits"), ("io.weight", "I/O limits"));
        if (groups)
        {
            cgroups.RemoveAt(index);
            ReadChildren(reader, path, cgroups, site);
            return;
        }

        ReadChildren(reader, path, cgroups, site);
        CheckTree(reader, cgroups, index);
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

    private static void CheckTree(MapReader reader, List<CgroupSpec> cgroups, int index)
    {
        var hasChildren = cgroups.Count > index + 1;
        var hasWorkloads = !cgroups[index].Workloads.IsEmpty;
        if (hasChildren && cgroups[index].MemoryMax is not null)
        {
            reader.Error("memory.max", "not in this version: a limit shared by the cgroups below it");
        }

        if (hasChildren && cgroups[index].SwapMax is not null)
        {
            reader.Error("memory.swap.max", "not in this version: a limit shared by the cgroups below it");
        }

        if (hasChildren && cgroups[index].ZswapMax is not null)
        {
            reader.Error("memory.zswap.max", "not in this version: a limit shared by the cgroups below it");
        }

        if (hasChildren && hasWorkloads)
        {
            reader.Error("workloads", "a cgroup with cgroups below it cannot run anything itself (cgroup v2's rule on internal processes)");
        }

        if (hasWorkloads && (!reader.Has("memory.max") || reader.Text("memory.max") == "max"))
        {
            reader.Error("memory.max", "missing: reclaim by the whole machine is not in this version, so a cgroup that runs something needs a limit of its own");
        }
    }
}
