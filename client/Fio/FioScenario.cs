using Reclaim.Client.ScenarioFormat;

namespace Reclaim.Client.Fio;

/// <summary>The machine and the container that the <c>fio</c> verb runs its job in, as its options say; each text is a scenario's value.</summary>
internal sealed record FioContainer
{
    public required string MemoryMax { get; init; }

    /// <summary>A device type.</summary>
    public required string Device { get; init; }

    public required string Variant { get; init; }

    public required string Policy { get; init; }

    public string LruRefsWidth { get; init; } = "2";

    public string Cpus { get; init; } = "16";

    /// <summary>Null: 32G, or twice memory.max if that is more.</summary>
    public string? NodeMemory { get; init; }
}

/// <summary>
/// Makes a scenario of fio jobs: one host, one container, each section a workload. It is the tree that a scenario file would
/// give, so it is read, checked and changed by <c>--set</c> in the same way.
/// </summary>
internal static class FioScenario
{
    private const string DeviceName = "disk0";
    private const long UsualNodeMemory = 32L << 30;

    public static Scenario Make(IReadOnlyList<FioSection> sections, FioContainer container, ScenarioSettings settings)
    {
        var fio = new Origin("fio", 0);
        var workloads = new ScenarioList(fio);
        workloads.Items.AddRange(sections.Select(section => new ScenarioMap(section.Origin).Add("fio", Options(section))));
        var root = new ScenarioMap(fio)
            .Add("schema", Value(fio, ScenarioFile.Schema))
            .Add("kernel", new ScenarioMap(fio)
                .Add("policy", Option("--policy", container.Policy))
                .Add("variant", Option("--variant", container.Variant))
                .Add("lru_refs_width", Option("--lru-refs-width", container.LruRefsWidth)))
            .Add("host", new ScenarioMap(fio)
                .Add("cpus", Option("--cpus", container.Cpus))
                .Add("nodes", Nodes(container))
                .Add("devices", new ScenarioMap(fio).Add(DeviceName, new ScenarioMap(fio).Add("type", Option("--device", container.Device))))
                .Add("cgroups", new ScenarioMap(fio).Add("fio", new ScenarioMap(fio)
                    .Add("memory.max", Option("--memory.max", container.MemoryMax))
                    .Add("workloads", workloads))));
        return ScenarioFile.Read(root, ".", sections[0].Name, settings);
    }

    private static ScenarioMap Options(FioSection section)
    {
        var options = new ScenarioMap(section.Origin) { PathInMessages = "" };
        foreach (var setting in section.Settings)
        {
            // The last of several settings of an option counts, as in fio.
            options.Entries.RemoveAll(entry => entry.Key == setting.Name);
            options.Entries.Add(new ScenarioEntry(setting.Name, setting.Origin, Value(setting.Origin, setting.Value ?? "")));
        }

        return options.Find("name") is null ? options.Add("name", Value(section.Origin, section.Name)) : options;
    }

    private static ScenarioList Nodes(FioContainer container)
    {
        var memory = container.NodeMemory is { } given
            ? Option("--node-memory", given)
            : Option("--memory.max", Units.Size(Math.Max(UsualNodeMemory, Units.TrySize(container.MemoryMax, out var limit) is null && limit < long.MaxValue / 2 ? 2 * limit : 0)));
        var nodes = new ScenarioList(memory.Origin);
        nodes.Items.Add(new ScenarioMap(memory.Origin).Add("memory", memory));
        return nodes;
    }

    private static ScenarioScalar Option(string option, string text) => Value(new Origin($"fio: {option} {text}", 0), text);

    private static ScenarioScalar Value(Origin origin, string text) => new(origin, text, quoted: text.Length > 0);
}
