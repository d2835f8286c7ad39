using System.Collections.Immutable;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.Fio;

/// <summary>The machine and the container that the <c>fio</c> verb runs its job in.</summary>
internal sealed record FioContainer
{
    public required long MemoryMax { get; init; }

    /// <summary>A device type.</summary>
    public required string Device { get; init; }

    public required string Variant { get; init; }

    public required string Policy { get; init; }

    public int LruRefsWidth { get; init; } = 2;

    public int Cpus { get; init; } = 16;

    public required long NodeMemory { get; init; }
}

/// <summary>Makes a scenario of fio jobs: one host, one container, each section a workload.</summary>
internal static class FioScenario
{
    private const string DeviceName = "disk0";
    private const long SmallestLimit = 64 * 4096;

    public static Scenario Make(IReadOnlyList<FioSection> sections, FioContainer container, KernelNames names, ulong seed)
    {
        var log = new ProblemLog();
        CheckContainer(container, names, log);
        var workloads = new List<WorkloadSpec>();
        foreach (var section in sections)
        {
            var job = new FioJob();
            FioOptionTable.Apply(job, section.Settings, log);
            var name = Unique(job.Name ?? section.Name, workloads);
            workloads.Add(FioBuild.ToSpec(job, name, DeviceName, [DeviceName], (option, message) =>
            {
                var written = section.Settings.LastOrDefault(setting => setting.Name == option);
                log.Error(written?.Origin ?? section.Origin, written?.Key ?? option, message);
            }));
        }

        log.ThrowIfErrors();
        var host = new HostSpec
        {
            Cpus = container.Cpus,
            Nodes = [new NodeSpec(container.NodeMemory)],
            Devices = [new DeviceSpec { Name = DeviceName, Type = container.Device }],
            Cgroups = [new CgroupSpec { Path = "/fio", MemoryMax = container.MemoryMax, Workloads = [.. workloads] }],
        };
        return new Scenario
        {
            Label = sections[0].Name,
            Spec = new RunSpec
            {
                Scenario = sections[0].Name,
                Seed = seed,
                Kernel = new KernelSpec { Policy = container.Policy, Variant = container.Variant, LruRefsWidth = container.LruRefsWidth },
                Hosts = [host],
            },
            Compare = [],
            Traces = [],
            Warnings = [.. log.Warnings],
            Locate = key => new Origin("fio", 0),
        };
    }

    private static void CheckContainer(FioContainer container, KernelNames names, ProblemLog log)
    {
        Known("--policy", "policy", container.Policy, names.Policies);
        Known("--variant", "variant", container.Variant, names.Variants);
        Known("--device", "device type", container.Device, names.DeviceTypes.Remove("custom"));
        if (container.MemoryMax < SmallestLimit)
        {
            log.Error(new Origin("--memory.max", 0), "", $"{Units.Size(container.MemoryMax)} is smaller than one round of reclaim, 64 pages ({Units.Size(SmallestLimit)})");
        }

        if (container.MemoryMax > container.NodeMemory)
        {
            log.Error(new Origin("--node-memory", 0), "", $"{Units.Size(container.NodeMemory)} is smaller than memory.max; reclaim by the whole machine is not in this version");
        }

        void Known(string option, string what, string name, ImmutableArray<string> known)
        {
            if (!known.Contains(name))
            {
                log.Error(new Origin(option, 0), "", $"no {what} '{name}'{Nearest.Suggestion(name, known)}");
            }
        }
    }

    private static string Unique(string name, List<WorkloadSpec> others)
    {
        var unique = name;
        for (var number = 2; others.Exists(other => other.Name == unique); number++)
        {
            unique = $"{name}-{number}";
        }

        return unique;
    }
}
