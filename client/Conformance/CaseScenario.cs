using System.Collections.Immutable;
using System.Text.Json;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Client.Traces;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.Conformance;

/// <summary>Makes the scenario that replays a measurement, where this version can.</summary>
internal static class CaseScenario
{
    private const string TracePattern = "file";

    /// <summary>What a cgroup or the common parent may have set.</summary>
    private static readonly ImmutableArray<string> _limits = ["memory.max", "memory.high", "memory.low", "memory.min", "memory.swap.max"];

    private const long PageBytes = 4096;

    /// <summary>Loads from a shared mapping without advice.</summary>
    private const string Mapped = "m";

    /// <summary>The same after MADV_RANDOM.</summary>
    private const string MappedRandom = "M";

    /// <summary>Private anonymous memory, stored to once and then accessed.</summary>
    private const string Anonymous = "a";

    /// <summary>Where a stream's workload stands in the results.</summary>
    public readonly record struct Place(string Cgroup, int Workload, string File);

    /// <summary>Path of a group's cgroup: below the parent if that has limits, as on the machine.</summary>
    public static string CgroupPath(GroundTruthFile truth, string group) => (truth.Parent.Count > 0 || truth.IsGlobal ? MeasuringMachine.Parent : "") + "/" + group;

    /// <param name="truth">The case.</param>
    /// <param name="names">What kernels are called.</param>
    /// <param name="seed">Of the lots that the memcg LRU draws.</param>
    /// <param name="number">Number of the simulated run, from 0.</param>
    /// <returns>The scenario and the streams' places, or the reason why there is none.</returns>
    public static (Scenario? Scenario, ImmutableArray<Place> Places, string? Reason) Make(GroundTruthCase truth, KernelNames names, ulong seed, int number = 0)
    {
        if (Unsupported(truth.First, names) is { } reason)
        {
            return (null, [], reason);
        }

        var places = ImmutableArray.CreateBuilder<Place>();
        var cgroups = new List<CgroupSpec>();
        var feeds = new List<TraceFeed>();
        for (var i = 0; i < truth.First.Streams.Count; i++)
        {
            var stream = truth.First.Streams[i];
            var path = CgroupPath(truth.First, stream.Group);
            if (cgroups.Count == 0 || cgroups[^1].Path != path)
            {
                cgroups.Add(Cgroup(truth.First, path, stream.Group));
            }

            var place = new Place(path, cgroups[^1].Workloads.Length, FileOf(truth.First, stream));
            var workload = Workload(truth, stream, i, place, cgroups.Count - 1, feeds);
            cgroups[^1] = cgroups[^1] with { Workloads = cgroups[^1].Workloads.Add(workload) };
            places.Add(place);
        }

        var node = MeasuredNode.Of(truth, number);
        var host = new HostSpec
        {
            Cpus = truth.First.Host.Cpus,
            Schedule = TurnSchedule.Turns,
            Turn = MeasuringMachine.Batch,
            Nodes = [node is { } measured
                ? new NodeSpec(measured.Pages * PageBytes) { UsedBytes = (measured.Pages - measured.FreePages + MeasuringMachine.UnchargedPages) * PageBytes, UnmovableFreeBytes = measured.UnmovableFree * PageBytes }
                : new NodeSpec((long)truth.First.Host.MemoryMiB << 20)],
            MinFreeKbytes = node?.MinFreeKbytes,
            Devices = [new DeviceSpec { Name = MeasuringMachine.Device, Type = "brd" }],
            Swap = Swap(truth.First.Host),
            Cgroups = [.. cgroups],
            Groups = truth.First.Parent.Count == 0 && node is null ? [] : [Parent(truth.First.Parent)],
            TlbEntries = MeasuringMachine.TlbEntries,
        };
        var name = Path.GetFileNameWithoutExtension(truth.File);
        return (new Scenario
        {
            Label = name,
            Spec = new RunSpec
            {
                Scenario = name,
                Seed = seed,
                Kernel = Kernel(truth.First.Kernel),
                Hosts = [host],
                CaptureResidency = true,
            },
            Compare = [],
            Traces = [.. feeds],
            Warnings = [],
            Locate = key => (new Origin(Path.Combine(truth.Folder, truth.File), 0), key),
        }, places.ToImmutable(), null);
    }

    private static string? Unsupported(GroundTruthFile truth, KernelNames names)
    {
        if (truth.Host.Swap is not (GroundTruthHost.NoSwap or "brd" or "zram"))
        {
            return $"swap ({truth.Host.Swap}) is not in this version";
        }

        if (truth.Streams.FirstOrDefault(stream => stream.Kind is not ("r" or Mapped or MappedRandom or Anonymous)) is { } other)
        {
            return $"kind {other.Kind} is not known";
        }

        if (truth.Streams.Any(stream => stream is { Kind: Anonymous, Pattern: TracePattern }))
        {
            return "traces of anonymous memory (kind a, pattern file) are not in this version";
        }

        if (truth.Parent.Keys.FirstOrDefault(key => !_limits.Contains(key)) is { } shared)
        {
            return $"{shared} of a common parent is not in this version";
        }

        foreach (var (name, limits) in truth.Cgroups)
        {
            if (!limits.ContainsKey("memory.max") && !truth.Parent.ContainsKey("memory.max") && !truth.IsGlobal)
            {
                return $"cgroup {name} has no memory.max, and zoneinfoAtStart is missing";
            }

            if (limits.Keys.FirstOrDefault(key => !_limits.Contains(key)) is { } limit)
            {
                return $"{limit} (cgroup {name}) is not in this version";
            }
        }

        var order = truth.Streams.Select(stream => stream.Group).ToList();
        if (order.Where((group, i) => i == 0 || order[i - 1] != group).GroupBy(group => group).Any(runs => runs.Count() > 1))
        {
            return "streams of one cgroup that do not stand together are not in this version";
        }

        if (truth.Streams.FirstOrDefault(stream => !truth.Cgroups.ContainsKey(stream.Group)) is { } lost)
        {
            return $"a stream's group {lost.Group} is not among the cgroups";
        }

        return names.Variants.Contains(truth.Kernel.Variant) ? null : $"the variant {truth.Kernel.Variant} is not in this version";
    }

    private static long? Limit(Dictionary<string, JsonElement> limits, string key) =>
        limits.TryGetValue(key, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;

    private static GroupSpec Parent(Dictionary<string, JsonElement> limits) => new()
    {
        Path = MeasuringMachine.Parent,
        MemoryMax = Limit(limits, "memory.max"),
        MemoryHigh = Limit(limits, "memory.high"),
        MemoryLow = Limit(limits, "memory.low") ?? 0,
        MemoryMin = Limit(limits, "memory.min") ?? 0,
        SwapMax = Limit(limits, "memory.swap.max"),
    };

    private static ImmutableArray<SwapSpec> Swap(GroundTruthHost host) =>
        host.Swap == GroundTruthHost.NoSwap ? [] : [new SwapSpec(host.Swap, (long)host.SwapMiB << 20)];

    private static KernelSpec Kernel(GroundTruthKernel kernel) => new()
    {
        Policy = kernel.Policy,
        Variant = kernel.Variant,
        LruRefsWidth = kernel.LruRefsWidth,
        Swappiness = kernel.Swappiness,
        MinTtlMs = kernel.MinTtlMs,
    };

    /// <remarks>
    /// Where all streams read files, all anonymous memory at the end of a measurement is the processes' own: its size is part of the
    /// machine, and is taken from there.
    /// </remarks>
    private static CgroupSpec Cgroup(GroundTruthFile truth, string path, string group) => new()
    {
        Path = path,
        MemoryMax = Limit(truth.Cgroups[group], "memory.max"),
        MemoryHigh = Limit(truth.Cgroups[group], "memory.high"),
        SwapMax = Limit(truth.Cgroups[group], "memory.swap.max"),
        MemoryLow = Limit(truth.Cgroups[group], "memory.low") ?? 0,
        MemoryMin = Limit(truth.Cgroups[group], "memory.min") ?? 0,
        ProcessAnonBytes = truth.Streams.Any(stream => stream.Group == group && stream.Kind == Anonymous)
            ? MeasuringMachine.ProcessAnonBytes
            : truth.Measured.Cgroups[group].StatEnd.GetValueOrDefault("anon"),
        ProcessKernelBytes = MeasuringMachine.ProcessKernelBytes,
        ObserveEvery = truth.Streams.Where(stream => stream.Group == group).Sum(stream => stream.Accesses) / MeasuringMachine.Pauses,
    };

    private static WorkloadSpec Workload(GroundTruthCase truth, GroundTruthStream stream, int index, Place place, int cgroup, List<TraceFeed> feeds)
    {
        var name = $"stream{index}";
        var anonymous = stream.Kind == Anonymous;
        var kind = anonymous ? AccessKind.AnonRead : stream.Kind is Mapped or MappedRandom ? AccessKind.MmapRead : AccessKind.Read;
        var advice = stream.Kind == MappedRandom ? AccessAdvice.Random : AccessAdvice.Unspecified;
        if (stream.Pattern != TracePattern)
        {
            return new PatternSpec
            {
                Name = name,
                Device = anonymous ? "" : MeasuringMachine.Device,
                File = anonymous ? null : place.File,
                Turn = Turn(truth.First, stream),
                Advice = advice,
                Kind = kind,
                Pattern = stream.Pattern,
                N = stream.N,
                Acc = stream.Acc,
                Seed = stream.Seed,
                Theta = stream.Theta,
                Nf = stream.Nf,
                W = stream.W,
                P = stream.P,
                Wr = anonymous ? stream.Wr : 0,
                Prefill = anonymous,
            };
        }

        var origin = Path.Combine(truth.Folder, truth.File);
        var path = Path.Combine(truth.Folder, stream.Path ?? throw new InputException($"{origin}: streams[{index}]: the pattern 'file' needs a path"));
        long? limit = stream.Acc > 0 ? stream.Acc : null;
        if (TraceInput.TryOpen(path, TraceFormat.U32, FilePages(truth.First, place.File), TraceOptions.Default, limit, out var input) is { } wrong)
        {
            throw new InputException($"{origin}: streams[{index}]: {wrong}");
        }

        feeds.Add(new TraceFeed(0, cgroup, place.Workload, input!));
        return new TraceSpec
        {
            Name = name,
            Device = MeasuringMachine.Device,
            File = place.File,
            Turn = Turn(truth.First, stream),
            Advice = advice,
            Kind = kind,
            Path = path,
            Pages = input!.File.Pages,
            Accesses = input.Accesses,
        };
    }

    /// <summary>A turn ends with a context switch. A stream that is alone makes one only where the measurement pauses.</summary>
    private static int? Turn(GroundTruthFile truth, GroundTruthStream stream) =>
        truth.Streams.Count > 1 || stream.Kind == "r" ? stream.Batch : (int)Math.Max(1, stream.Accesses / MeasuringMachine.Pauses);

    /// <summary>The file that a stream reads; empty for anonymous memory.</summary>
    private static string FileOf(GroundTruthFile truth, GroundTruthStream stream) =>
        stream.Kind == Anonymous ? "" : stream.File is { } file ? Path.GetFileName(file) : truth.Host.Files.Split(' ')[0].Split(':')[0];

    private static long? FilePages(GroundTruthFile truth, string file)
    {
        foreach (var entry in truth.Host.Files.Split(' '))
        {
            var parts = entry.Split(':');
            if (parts.Length == 2 && parts[0] == file && long.TryParse(parts[1], out var pages))
            {
                return pages;
            }
        }

        return null;
    }
}
