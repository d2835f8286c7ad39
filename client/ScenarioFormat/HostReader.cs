using System.Collections.Immutable;
using System.Globalization;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>Reads <c>host:</c> or <c>hosts:</c>.</summary>
internal static class HostReader
{
    private const int PageSize = 4096;
    private const int MaxHosts = 10_000;
    private const int MaxTlbEntries = 65_536;
    private const int MaxNodes = 64;

    /// <summary>Distance of a node to itself.</summary>
    private const int LocalDistance = 10;

    /// <summary>What one page of page table maps.</summary>
    private const int MaxFaultAround = 512 * PageSize;

    /// <summary>Memory of a host that does not say: what the seed's machine had.</summary>
    public const long DefaultMemory = 32L << 30;

    /// <summary>The hosts, and for each the number of the <c>hosts</c> entry that it comes from.</summary>
    public static (ImmutableArray<HostSpec> Hosts, IReadOnlyList<int> Entries) ReadAll(MapReader root, ScenarioContext context, bool hasDuration)
    {
        var hosts = ImmutableArray.CreateBuilder<HostSpec>();
        var entries = new List<int>();
        if (root.Has("host") && root.Has("hosts"))
        {
            root.Error("hosts", "stands beside 'host'; a scenario has one or the other");
        }

        if (root.Mapping("host") is { } single)
        {
            hosts.Add(Read(single, context, 0, "host", hasDuration));
            entries.Add(0);
            single.Finish();
        }

        var entry = 0;
        foreach (var reader in root.Mappings("hosts"))
        {
            var count = (int)(reader.Integer("count", 1, MaxHosts) ?? 1);
            var traces = context.Traces.Count;
            var host = Read(reader, context, hosts.Count, $"host{hosts.Count + 1}", hasDuration);
            AddCopies(hosts, context, host, count, traces, reader.Has("name"));
            entries.AddRange(Enumerable.Repeat(entry, count));
            reader.Finish();
            entry++;
        }

        if (!root.Has("host") && !root.Has("hosts"))
        {
            root.Error("host", "missing: a scenario describes a host");
        }

        if (hosts.Select(host => host.Name).Distinct().Count() != hosts.Count)
        {
            root.Error("hosts", "two hosts have the same name");
        }

        return (hosts.ToImmutable(), entries);
    }

    private static void AddCopies(ImmutableArray<HostSpec>.Builder hosts, ScenarioContext context, HostSpec host, int count, int traces, bool named)
    {
        var feeds = context.Traces.Skip(traces).ToList();
        for (var i = 0; i < count; i++)
        {
            var index = hosts.Count;
            var name = !named ? $"host{index + 1}" : count == 1 ? host.Name : $"{host.Name}-{i + 1}";
            hosts.Add(host with { Name = name });
            if (i > 0)
            {
                context.Traces.AddRange(feeds.Select(feed => feed with { Host = index }));
            }
        }
    }

    private static HostSpec Read(MapReader reader, ScenarioContext context, int index, string defaultName, bool hasDuration)
    {
        var nodes = Nodes(reader);
        var devices = Devices(reader, context);
        var swap = SwapReader.ReadAll(reader, context, devices);
        var zswap = SwapReader.Zswap(reader, context, swap);
        var schedule = reader.OneOf("schedule", "schedule", ["turns", "virtual-time"]) == "turns" ? TurnSchedule.Turns : TurnSchedule.VirtualTime;
        var (cgroups, groups) = CgroupReader.ReadAll(reader, new WorkloadSite(context, index, devices, hasDuration) { HasSwap = !swap.IsEmpty, HasZswap = !swap.IsEmpty && zswap is not null, Nodes = nodes.Length, HasCpus = [.. nodes.Select(node => !node.IsMemoryOnly)] });
        var cpus = reader.Integer("cpus", 1, 4096);
        var host = new HostSpec
        {
            Name = reader.Text("name") ?? defaultName,
            Cpus = (int)(cpus ?? 1),
            CpusAreShared = cpus is not null && schedule != TurnSchedule.Turns,
            Schedule = schedule,
            Turn = (int)(reader.Integer("turn", 1, int.MaxValue) ?? 64),
            Nodes = nodes,
            Distance = Distance(reader, nodes.Length),
            InterleaveWeights = NumaReader.Weights(reader, nodes.Length),
            DemotionEnabled = TiersReader.Demotion(reader, nodes),
            NumaBalancing = TiersReader.Balancing(reader, nodes),
            PromoteRateLimitMBps = TiersReader.RateLimit(reader),
            HotThresholdMs = TiersReader.HotThreshold(reader),
            Devices = devices,
            Swap = swap,
            Files = Files(reader),
            Zswap = zswap,
            Cgroups = cgroups,
            Groups = groups,
            QuantumNs = reader.Duration("quantum", min: 1) ?? new HostSpec().QuantumNs,
            MinFreeKbytes = reader.Integer("min_free_kbytes", 128, 1L << 32),
            WatermarkScaleFactor = (int)(reader.Integer("watermark_scale_factor", 1, 3000) ?? new HostSpec().WatermarkScaleFactor),
            WatermarkBoostFactor = (int)(reader.Integer("watermark_boost_factor", 0, 1 << 20) ?? new HostSpec().WatermarkBoostFactor),
            Costs = Costs(reader, context),
            TlbEntries = TlbEntries(reader),
            FaultAroundBytes = FaultAround(reader),
            ReadAheadKb = (int)(reader.Integer("read_ahead_kb", 0, 1 << 20) ?? new HostSpec().ReadAheadKb),
            Dirty = DirtyReader.Read(reader),
        };
        if (reader.Has("turn") && schedule != TurnSchedule.Turns)
        {
            reader.Warn("turn", "has no effect without 'schedule: turns'");
        }

        CheckRoom(reader, host);
        return host;
    }

    private static ImmutableArray<NodeSpec> Nodes(MapReader reader)
    {
        var nodes = ImmutableArray.CreateBuilder<NodeSpec>();
        foreach (var node in reader.Mappings("nodes"))
        {
            var memory = node.Size("memory", min: 1 << 20);
            if (!node.Has("memory"))
            {
                node.Error("memory", "missing: the node's size, for example 32G");
            }

            var used = node.Size("used", min: 0) ?? 0;
            if (used >= memory)
            {
                node.Error("used", $"{node.Text("used")} leaves nothing of the node's memory");
            }

            var unmovable = node.Size("unmovable_free", min: 0) ?? 0;
            if (unmovable >= memory - used)
            {
                node.Error("unmovable_free", $"{node.Text("unmovable_free")} is all of the node's free memory, or more: some of it must be in blocks of movable pages");
            }

            var cpus = node.OneOf("cpus", "word for a node's CPUs", ["none"]);
            node.Finish();
            nodes.Add(new NodeSpec(memory ?? long.MaxValue / 2) { UsedBytes = used, UnmovableFreeBytes = unmovable, IsMemoryOnly = cpus is not null });
        }

        if (nodes.Count == 0)
        {
            nodes.Add(new NodeSpec(DefaultMemory));
        }
        else if (nodes.Count > MaxNodes)
        {
            reader.Error("nodes", $"{nodes.Count} nodes, more than {MaxNodes}");
        }

        if (nodes.All(node => node.IsMemoryOnly))
        {
            reader.Error("nodes", "no node has CPUs: at least one comes without 'cpus: none'");
        }

        return nodes.ToImmutable();
    }

    /// <summary>The table that numactl -H prints.</summary>
    private static ImmutableArray<ImmutableArray<int>> Distance(MapReader reader, int nodes)
    {
        if (reader.List("distance") is not { } rows)
        {
            return [];
        }

        var table = ImmutableArray.CreateBuilder<ImmutableArray<int>>();
        for (var from = 0; from < rows.Items.Count; from++)
        {
            var row = rows.Items[from] as ScenarioList;
            ImmutableArray<int> distances = row is null ? [] : [.. row.Items.Select(item => item is ScenarioScalar { Text: var text } && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var distance) ? distance : 0)];
            if (rows.Items.Count != nodes || distances.Length != nodes)
            {
                reader.Error("distance", $"must be {nodes} lists of {nodes} numbers, as numactl -H prints it: [[10, 21], [21, 10]] for two nodes");
                return [];
            }

            for (var to = 0; to < nodes; to++)
            {
                if (from == to ? distances[to] != LocalDistance : distances[to] is <= LocalDistance or > byte.MaxValue)
                {
                    reader.Error("distance", from == to ? $"node {from} is {LocalDistance} from itself" : $"from node {from} to node {to} it is {LocalDistance + 1} to {byte.MaxValue}");
                    return [];
                }
            }

            table.Add(distances);
        }

        return table.ToImmutable();
    }

    private static ImmutableArray<DeviceSpec> Devices(MapReader reader, ScenarioContext context)
    {
        var devices = ImmutableArray.CreateBuilder<DeviceSpec>();
        if (reader.Mapping("devices") is not { } table)
        {
            return [];
        }

        foreach (var entry in table.Map.Entries)
        {
            if (table.Mapping(entry.Key) is not { } device)
            {
                continue;
            }

            if (!device.Has("type"))
            {
                device.Error("type", $"missing: one of {string.Join(", ", context.Names.DeviceTypes)}");
            }

            var type = device.OneOf("type", "device type", context.Names.DeviceTypes) ?? "brd";
            devices.Add(new DeviceSpec
            {
                Name = entry.Key,
                Type = type,
                LatencyNs = device.Duration("latency"),
                BandwidthBytesPerSecond = device.Size("bandwidth", min: 1),
                QueueDepth = (int?)device.Integer("queue_depth", 1, 65536),
            });
            foreach (var key in new[] { "latency", "bandwidth", "queue_depth" })
            {
                if (type == "custom" && !device.Has(key))
                {
                    device.Error(key, "missing: a custom device says its latency, bandwidth and queue_depth");
                }
            }

            device.Finish();
        }

        return devices.ToImmutable();
    }

    /// <summary>Files that cgroups use together.</summary>
    private static ImmutableArray<FileSpec> Files(MapReader reader)
    {
        var files = ImmutableArray.CreateBuilder<FileSpec>();
        if (reader.Mapping("files") is not { } table)
        {
            return [];
        }

        foreach (var entry in table.Map.Entries)
        {
            if (table.Mapping(entry.Key) is not { } file)
            {
                continue;
            }

            if (!file.Has("size"))
            {
                file.Error("size", "missing: the file's size, for example 512M");
            }

            files.Add(new FileSpec(entry.Key, file.Size("size", min: 1) ?? PageSize));
            file.Finish();
        }

        if (files.Count > ushort.MaxValue)
        {
            reader.Error("files", $"more than {ushort.MaxValue}");
        }

        return files.ToImmutable();
    }

    private static int TlbEntries(MapReader reader)
    {
        if (reader.Integer("tlb_entries", 0, MaxTlbEntries) is not { } entries)
        {
            return new HostSpec().TlbEntries;
        }

        if (entries > 0 && !long.IsPow2(entries))
        {
            reader.Error("tlb_entries", $"{entries} is not a power of two (or 0)");
        }

        return (int)entries;
    }

    private static int FaultAround(MapReader reader)
    {
        if (reader.Size("fault_around_bytes", PageSize) is not { } bytes)
        {
            return new HostSpec().FaultAroundBytes;
        }

        if (!long.IsPow2(bytes) || bytes > MaxFaultAround)
        {
            reader.Error("fault_around_bytes", $"{reader.Text("fault_around_bytes")} is not a power of two from {PageSize} to {MaxFaultAround}");
        }

        return (int)Math.Min(bytes, MaxFaultAround);
    }

    private static ImmutableArray<CostOverride> Costs(MapReader reader, ScenarioContext context)
    {
        var costs = ImmutableArray.CreateBuilder<CostOverride>();
        if (reader.Mapping("costs") is not { } table)
        {
            return [];
        }

        foreach (var entry in table.Map.Entries)
        {
            if (!context.Names.Costs.Contains(entry.Key))
            {
                table.Error(entry.Key, $"no cost '{entry.Key}'{Nearest.Suggestion(entry.Key, context.Names.Costs)}");
            }
            else if (table.Number(entry.Key, 0, 1e12) is { } ns)
            {
                costs.Add(new CostOverride(entry.Key, ns));
            }
        }

        return costs.ToImmutable();
    }

    private static void CheckRoom(MapReader reader, HostSpec host)
    {
        if (host.Cgroups.Any(cgroup => cgroup.MemoryMax is { } max && max % PageSize != 0))
        {
            reader.Warn("cgroups", $"a memory.max that is no multiple of {PageSize} is rounded down to whole pages, as the kernel does");
        }

        // A workload that is there but wrong has been reported already.
        if (!reader.Log.HasErrors && host.Cgroups.All(cgroup => cgroup.Workloads.IsEmpty))
        {
            reader.Error("cgroups", "no workload: there is nothing to run");
        }
    }
}
