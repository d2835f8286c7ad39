using System.Text.Json;
using System.Text.RegularExpressions;

namespace Reclaim.Deploy.Tests;

/// <summary>What the Dockerfile says of the silo's image: how it is built, with what environment, and how it starts.</summary>
/// <param name="Stages">Names of its stages.</param>
/// <param name="Publish">Arguments of <c>dotnet</c> that publish the silo.</param>
/// <param name="Environment">Variables of the silo's stage.</param>
/// <param name="Health">The health check's command.</param>
/// <param name="Start">The entry point.</param>
internal sealed partial record Dockerfile(
    IReadOnlyList<string> Stages, string[] Publish, IReadOnlyDictionary<string, string> Environment, string[] Health, string[] Start)
{
    public static Dockerfile Parse()
    {
        var text = Continued().Replace(Repository.Read("deploy", "Dockerfile"), " ");
        var silo = text[text.IndexOf(" AS silo", StringComparison.Ordinal)..];
        return new Dockerfile(
            [.. Stage().Matches(text).Select(match => match.Groups[1].Value)],
            PublishSilo().Match(text).Groups[1].Value.Split(' '),
            Variable().Matches(Line(silo, "ENV ")).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value),
            Words(Line(silo, "HEALTHCHECK ")),
            Words(Line(silo, "ENTRYPOINT ")));
    }

    private static string Line(string text, string keyword) =>
        text.Split('\n').Single(line => line.StartsWith(keyword, StringComparison.Ordinal))[keyword.Length..];

    private static string[] Words(string line) => JsonSerializer.Deserialize<string[]>(line[line.IndexOf('[')..])!;

    [GeneratedRegex(@"\\\n\s*")]
    private static partial Regex Continued();

    [GeneratedRegex(@"^FROM .* AS (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Stage();

    [GeneratedRegex("^RUN dotnet (publish silo .*)$", RegexOptions.Multiline)]
    private static partial Regex PublishSilo();

    [GeneratedRegex(@"(\w+)=(\S*)")]
    private static partial Regex Variable();
}
