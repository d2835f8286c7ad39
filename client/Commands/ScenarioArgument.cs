using System.CommandLine;

namespace Reclaim.Client.Commands;

/// <summary>The scenario a verb works on: a file, or the bare name of one that comes with the program.</summary>
internal static class ScenarioArgument
{
    public static Argument<string> Make() => new("SCENARIO")
    {
        Description = $"Scenario file (YAML, schema: reclaim/1), a compose.yaml or Kubernetes manifests (docs/containers.md), or the name of one that comes with the program: {string.Join(", ", Shipped())}",
    };

    /// <summary>The path that was meant.</summary>
    public static string Path(ParseResult parsed, Argument<string> argument) => Path(parsed.GetRequiredValue(argument));

    /// <inheritdoc cref="Path(ParseResult, Argument{string})"/>
    public static string Path(string given) =>
        !File.Exists(given) && Shipped().Contains(given) ? System.IO.Path.Combine(Folder, given + ".yaml") : given;

    private static string Folder => System.IO.Path.Combine(AppContext.BaseDirectory, "scenarios");

    private static IEnumerable<string> Shipped() => Directory.Exists(Folder)
        ? Directory.EnumerateFiles(Folder, "*.yaml").Select(file => System.IO.Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)
        : [];
}
