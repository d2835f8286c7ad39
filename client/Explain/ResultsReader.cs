using System.Text.Json;
using Reclaim.Client.Reports;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Explain;

/// <summary>Reads results that were written before.</summary>
internal static class ResultsReader
{
    private const string Single = "reclaim-results/1";

    /// <summary>Whether a name is that of results, and not of a scenario.</summary>
    public static bool IsResults(string path) => path.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    /// <summary>The runs in a file: one, or the sides of a comparison.</summary>
    /// <exception cref="InputException">There is no such file, or it is something else.</exception>
    public static IReadOnlyList<RunResults> Read(string path)
    {
        var text = InputFile.ReadText(path);
        try
        {
            using var document = JsonDocument.Parse(text);
            var schema = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("schema", out var named) ? named.GetString() : null;
            return schema switch
            {
                Single => [document.RootElement.Deserialize<RunResults>(ResultDigest.Json)!],
                Comparison.SchemaName => document.RootElement.Deserialize<Comparison>(ResultDigest.Json)!.Sides,
                null => throw new InputException($"{path}: schema: missing; it should be {Single} or {Comparison.SchemaName}"),
                _ => throw new InputException($"{path}: schema: {schema} is neither {Single} nor {Comparison.SchemaName}"),
            };
        }
        catch (JsonException e)
        {
            throw new InputException($"{path}:{e.LineNumber + 1}: {(e.Path is null ? "no JSON" : $"{e.Path}: not as results have it")}");
        }
    }
}
