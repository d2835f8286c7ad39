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
    /// <exception cref="InputException">A bare name that no scenario has.</exception>
    public static string Path(string given) =>
        System.IO.Path.Exists(given) || given.Contains('/', StringComparison.Ordinal) || given.Contains('.', StringComparison.Ordinal) ? given
        : Shipped().Contains(given) ? System.IO.Path.Combine(Folder, given + ".yaml")
        : throw new InputException($"{given}: no such file, and no scenario of that name comes with the program{Nearest.Suggestion(given, Shipped())}");

    private static string Folder => System.IO.Path.Combine(AppContext.BaseDirectory, "scenarios");

    private static IEnumerable<string> Shipped() => Directory.Exists(Folder)
        ? Directory.EnumerateFiles(Folder, "*.yaml").Select(file => System.IO.Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)
        : [];
}
