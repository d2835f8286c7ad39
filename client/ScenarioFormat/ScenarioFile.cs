using System.Collections.Immutable;
using Reclaim.Client.Compose;
using Reclaim.Client.Kubernetes;
using Reclaim.Client.Traces;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.ScenarioFormat;

/// <summary>What the command line says about how to read a scenario.</summary>
internal sealed record ScenarioSettings(KernelNames Names)
{
    /// <summary><c>--set KEY=VALUE</c>, in the order given.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>Keys that a sweep gives one value after the other: what they are of must be there already.</summary>
    public ImmutableArray<string> Swept { get; init; } = [];

    /// <summary><c>--seed</c>.</summary>
    public ulong? Seed { get; init; }
}

/// <summary>What the readers of a scenario's parts share.</summary>
internal sealed class ScenarioContext(KernelNames names, ProblemLog log, string folder)
{
    public KernelNames Names { get; } = names;

    public ProblemLog Log { get; } = log;

    /// <summary>Where relative paths start.</summary>
    public string Folder { get; } = folder;

    public ulong Seed { get; set; } = 1;

    public List<TraceFeed> Traces { get; } = [];

    /// <summary>Traces that were read through already: equal cgroups replay the same.</summary>
    public Dictionary<(string Path, TraceFormat Format, long? Pages, TraceOptions Options, long? Limit), TraceInput> Opened { get; } = [];
}

/// <summary>Reads a scenario file, <c>schema: reclaim/1</c>, into the specification of a run.</summary>
internal static class ScenarioFile
{
    public const string Schema = "reclaim/1";

    /// <exception cref="InputException">With every error, one line each: <c>file:line: key: message</c>.</exception>
    public static Scenario Load(string path, ScenarioSettings settings) => Parse(path, InputFile.ReadText(path), settings);

    public static Scenario Parse(string path, string text, ScenarioSettings settings)
    {
        var documents = ScenarioYaml.ParseDocuments(path, text);
        var folder = Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".";
        var name = Path.GetFileNameWithoutExtension(path);
        return ComposeFile.IsOne(documents) ? ComposeFile.Read(documents, folder, name, settings)
            : KubernetesFile.IsOne(documents) ? KubernetesFile.Read(documents, folder, name, settings)
            : Read(ScenarioYaml.OneScenario(documents), folder, name, settings);
    }

    /// <param name="root">The scenario as a tree.</param>
    /// <param name="folder">Where relative paths in it start.</param>
    /// <param name="defaultName">Its name, if it does not say so itself.</param>
    /// <param name="settings">What the command line adds.</param>
    /// <param name="found">What was found wrong before, in what the tree was made from.</param>
    public static Scenario Read(ScenarioMap root, string folder, string defaultName, ScenarioSettings settings, ProblemLog? found = null)
    {
        var log = found ?? new ProblemLog();
        foreach (var key in settings.Swept)
        {
            if (KeyPath.Missing(root, key) is { } missing)
            {
                throw new InputException($"--set {key}: {missing}");
            }
        }

        Templates.Apply(root, settings.Set, log);
        Copies.Apply(root, log);
        var context = new ScenarioContext(settings.Names, log, folder);
        var reader = new MapReader(root, "", log);
        CheckSchema(reader);
        context.Seed = settings.Seed ?? reader.Seed("seed") ?? 1;
        _ = reader.Take("seed");
        _ = reader.Take(Templates.Table);
        var name = reader.Text("name") ?? defaultName;
        var kernelReader = reader.Mapping("kernel");
        var kernel = KernelReader.Read(kernelReader, context);
        var duration = reader.Duration("duration", min: 1);
        var (hosts, entries) = HostReader.ReadAll(reader, context, duration is not null);
        KernelReader.CheckSwap(kernelReader, kernel, hosts);
        var sides = ReadCompare(reader, context);
        reader.Finish();
        log.ThrowIfErrors();
        return new Scenario
        {
            Label = name,
            Spec = new RunSpec { Scenario = name, Seed = context.Seed, Kernel = kernel, DurationNs = duration, Hosts = hosts },
            Compare = sides,
            Traces = [.. context.Traces],
            Warnings = [.. log.Warnings],
            Locate = key => KeyPath.Locate(root, SpecKey.ToScenario(root, key, entries)),
        };
    }

    private static void CheckSchema(MapReader reader)
    {
        var schema = reader.Text("schema");
        if (schema is null)
        {
            reader.Error("schema", $"missing: a scenario says 'schema: {Schema}'");
        }
        else if (schema != Schema)
        {
            reader.Error("schema", $"'{schema}' is not read by this version, '{Schema}' is");
        }
    }

    private static ImmutableArray<CompareSide> ReadCompare(MapReader reader, ScenarioContext context)
    {
        var sides = ImmutableArray.CreateBuilder<CompareSide>();
        var list = reader.List("compare");
        for (var i = 0; i < (list?.Items.Count ?? 0); i++)
        {
            var item = list!.Items[i];
            var wrong = item is ScenarioScalar scalar
                ? CompareSide.TryParse(scalar.Text, context.Names, out var side)
                : CompareSide.TryParse("", context.Names, out side);
            if (wrong is null)
            {
                sides.Add(side);
            }
            else
            {
                context.Log.Error(item.Origin, KeyPath.Item("compare", i), wrong);
            }
        }

        return sides.ToImmutable();
    }
}
