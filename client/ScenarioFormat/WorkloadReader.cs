using System.Collections.Immutable;
using Reclaim.Client.Fio;
using Reclaim.Client.Traces;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>Where a workload stands.</summary>
internal sealed record WorkloadSite(ScenarioContext Context, int Host, ImmutableArray<DeviceSpec> Devices, bool HasDuration)
{
    /// <summary>Whether the host has swap.</summary>
    public bool HasSwap { get; init; }

    /// <summary>Whether zswap stands in front of it.</summary>
    public bool HasZswap { get; init; }

    /// <summary>NUMA nodes of the host.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>By node: whether it has CPUs.</summary>
    public ImmutableArray<bool> HasCpus { get; init; } = [true];

    /// <summary>cpuset.mems of the cgroup, or of one above it; empty: none is given.</summary>
    public ImmutableArray<int> Mems { get; init; } = [];

    /// <summary>cpu_node likewise.</summary>
    public int? CpuNode { get; init; }

    /// <summary>numa_mempolicy likewise.</summary>
    public MempolicySpec? Mempolicy { get; init; }

    public int Cgroup { get; init; }

    public string CgroupPath { get; init; } = "";

    /// <summary>As trace batches number it.</summary>
    public int Workload { get; init; }

    /// <summary>Whether it is a part of a mix.</summary>
    public bool InMix { get; init; }
}

/// <summary>Reads <c>workloads:</c>, a list of mappings with one kind each: fio, trace, pattern or mix.</summary>
internal static class WorkloadReader
{
    private const int MixPartStride = 1024;

    private static readonly string[] _kinds = ["fio", "trace", "pattern", "mix"];

    public static ImmutableArray<WorkloadSpec> ReadAll(MapReader cgroup, WorkloadSite site)
    {
        var workloads = new List<WorkloadSpec>();
        foreach (var reader in cgroup.Mappings("workloads"))
        {
            if (Read(reader, site with { Workload = workloads.Count }, out var named) is { } workload)
            {
                if (workloads.Exists(other => other.Name == workload.Name))
                {
                    workload = Renamed(reader, workload, workloads, named);
                }

                workloads.Add(workload);
            }
        }

        if (workloads.Count >= MixPartStride)
        {
            cgroup.Error("workloads", $"more than {MixPartStride - 1} workloads in one cgroup");
        }

        return [.. workloads];
    }

    private static WorkloadSpec Renamed(MapReader reader, WorkloadSpec workload, List<WorkloadSpec> others, bool named)
    {
        if (named)
        {
            reader.Error("name", $"'{workload.Name}' is the name of another workload in this cgroup");
        }

        var number = 2;
        while (others.Exists(other => other.Name == $"{workload.Name}-{number}"))
        {
            number++;
        }

        return workload with { Name = $"{workload.Name}-{number}" };
    }

    private static WorkloadSpec? Read(MapReader reader, WorkloadSite site, out bool named)
    {
        var name = reader.Text("name");
        named = name is not null;
        var turn = (int?)reader.Integer("turn", 1, int.MaxValue);
        var life = LifeReader.Read(reader, site.InMix);
        var kinds = _kinds.Where(reader.Has).ToList();
        foreach (var kind in _kinds)
        {
            _ = reader.Take(kind);
        }

        WorkloadSpec? workload = null;
        if (kinds.Count != 1)
        {
            site.Context.Log.Error(reader.Map.Origin, reader.Path, kinds.Count == 0
                ? $"a workload is one of {string.Join(", ", _kinds)}"
                : $"one workload is not {string.Join(" and ", kinds)} at once: write a list element for each");
        }
        else
        {
            workload = kinds[0] switch
            {
                "fio" => Fio(reader, name, site),
                "trace" => Trace(reader, name, site),
                "pattern" => Pattern(reader, name, site),
                _ => Mix(reader, name, site),
            };
        }

        if (!site.InMix)
        {
            reader.Finish();
        }

        return workload is null ? null : LifeReader.Apply(reader, workload with { Turn = turn }, life);
    }

    private static FioSpec? Fio(MapReader workload, string? name, WorkloadSite site)
    {
        if (workload.Mapping("fio") is not { } reader)
        {
            return null;
        }

        if (site.InMix)
        {
            workload.Error("fio", "not in this version: a mix takes traces and patterns");
        }

        var job = new FioJob();
        FioOptionTable.Apply(job, reader, "device");
        var devices = site.Devices.Select(device => device.Name).ToList();
        var device = job.FileName is { } file && devices.Exists(d => d == file || $"/dev/{d}" == file) && !reader.Has("device")
            ? file.Replace("/dev/", "", StringComparison.Ordinal)
            : Device(reader, site);
        return FioBuild.ToSpec(job, name ?? job.Name ?? "fio", device, devices,
            (option, message) => reader.Error(FioOptionTable.WrittenAs(reader.Map, option), message));
    }

    private static TraceSpec? Trace(MapReader workload, string? name, WorkloadSite site)
    {
        if (workload.Mapping("trace") is not { } reader)
        {
            return null;
        }

        var file = reader.Text("file");
        var format = TraceInput.Formats[reader.OneOf("format", "trace format", [.. TraceInput.Formats.Keys]) ?? "u32"];
        var kind = AccessReader.Kind(reader);
        var advice = AccessReader.Advice(reader, kind);
        var heap = AccessReader.Heap(reader, kind);
        var executable = AccessReader.Executable(reader, kind);
        var pages = reader.Integer("pages", 1, TraceFile.MaxPages);
        var limit = reader.Integer("accesses", 1);
        var hostFile = reader.Text("host_file");
        var device = AccessReader.IsAnonymous(kind) ? AccessReader.NoDevice(reader) : Device(reader, site);
        var options = CsvOptions(reader, format);
        reader.Finish();
        if (hostFile is not null && AccessReader.IsAnonymous(kind))
        {
            reader.Error("host_file", "anonymous memory has no file");
        }

        if (file is null)
        {
            reader.Error("file", "missing: the trace's path, relative to this scenario");
        }

        // A trace may be long: it is only read when all else is right.
        if (file is null || site.Context.Log.HasErrors)
        {
            return null;
        }

        var opened = (Path.Combine(site.Context.Folder, file), format, pages, options, limit);
        if (!site.Context.Opened.TryGetValue(opened, out var input))
        {
            if (TraceInput.TryOpen(opened.Item1, format, pages, options, limit, out input) is { } wrong)
            {
                reader.Error("file", wrong);
                return null;
            }

            site.Context.Opened.Add(opened, input!);
        }

        site.Context.Traces.Add(new TraceFeed(site.Host, site.Cgroup, site.Workload, input!));
        return new TraceSpec
        {
            Name = name ?? "trace",
            Device = device,
            File = AccessReader.IsAnonymous(kind) ? null : hostFile ?? Path.GetFileName(file),
            Advice = advice,
            Heap = heap,
            Executable = executable,
            Kind = kind,
            Path = file,
            Pages = input!.File.Pages,
            Accesses = input.Accesses,
        };
    }

    private static TraceOptions CsvOptions(MapReader reader, TraceFormat format)
    {
        var column = reader.Text("column");
        var delimiter = reader.Text("delimiter");
        var header = reader.Flag("header");
        if (delimiter is not (null or { Length: 1 }))
        {
            reader.Error("delimiter", $"'{delimiter}' is not one character");
        }

        foreach (var key in new[] { "column", "delimiter", "header" })
        {
            if (format != TraceFormat.Csv && reader.Has(key))
            {
                reader.Warn(key, "has no effect: only csv has columns");
            }
        }

        return TraceOptions.Default with { Column = column, Delimiter = delimiter is { Length: 1 } ? delimiter[0] : ',', Header = header };
    }

    private static PatternSpec? Pattern(MapReader workload, string? name, WorkloadSite site)
    {
        if (workload.Mapping("pattern") is not { } reader)
        {
            return null;
        }

        var kind = AccessReader.Kind(reader);
        var device = AccessReader.IsAnonymous(kind) ? AccessReader.NoDevice(reader) : Device(reader, site);
        var pattern = PatternReader.Read(reader, name ?? "pattern", kind, device, SeedOf.Workload(site.Context.Seed, site.CgroupPath, site.Workload));
        reader.Finish();
        return pattern;
    }

    private static MixSpec? Mix(MapReader workload, string? name, WorkloadSite site)
    {
        var parts = ImmutableArray.CreateBuilder<MixPart>();
        if (site.InMix)
        {
            workload.Error("mix", "a mix inside a mix");
            return null;
        }

        foreach (var part in workload.Mappings("mix"))
        {
            var accesses = part.Integer("accesses", 1, 1 << 20);
            if (!part.Has("accesses"))
            {
                part.Error("accesses", "missing: the part's accesses in each round");
            }

            var inner = site with { Workload = site.Workload + (MixPartStride * (parts.Count + 1)), InMix = true };
            if (Read(part, inner, out _) is { } source)
            {
                parts.Add(new MixPart(source, (int)(accesses ?? 1)));
            }

            part.Finish();
        }

        if (parts.Count == 0)
        {
            workload.Error("mix", "no parts: a list of workloads, each with its accesses in a round");
            return null;
        }

        return new MixSpec { Name = name ?? "mix", Device = parts[0].Workload.Device, Parts = parts.ToImmutable() };
    }

    private static string Device(MapReader reader, WorkloadSite site)
    {
        var names = site.Devices.Select(device => device.Name).ToList();
        var given = reader.Text("device");
        if (given is not null && !names.Contains(given))
        {
            reader.Error("device", $"no device '{given}' on this host{Nearest.Suggestion(given, names)}");
        }
        else if (given is null && names.Count != 1)
        {
            reader.Error("device", names.Count == 0
                ? "missing, and the host has no devices: declare one, for example devices: { ram0: { type: brd } }"
                : $"missing: the host has several: {string.Join(", ", names)}");
        }

        return given ?? names.FirstOrDefault() ?? "";
    }
}
