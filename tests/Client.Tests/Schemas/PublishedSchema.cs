using System.Text.Json.Nodes;
using Json.Schema;
using Xunit;

namespace Reclaim.Client.Tests.Schemas;

/// <summary>The schemas of docs/schemas, by the name that a document has under <c>schema</c>.</summary>
internal static class PublishedSchema
{
    private static readonly string _folder = Path.Combine(AppContext.BaseDirectory, "docs", "schemas");
    private static readonly EvaluationOptions _options = new() { OutputFormat = OutputFormat.List, EvaluateAs = SpecVersion.Draft202012 };
    private static readonly Dictionary<string, JsonSchema> _all = Read();

    public static IEnumerable<string> Names => _all.Keys;

    /// <summary>What is wrong with a document; none: nothing.</summary>
    public static IReadOnlyList<string> Problems(JsonNode document)
    {
        var schema = _all[document["schema"]!.GetValue<string>()];
        var found = schema.Evaluate(document, _options);
        return found.IsValid ? [] : [.. found.Details.Where(detail => detail.Errors is not null).SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}"))];
    }

    /// <exception cref="Xunit.Sdk.XunitException">The document is not as its schema says.</exception>
    public static JsonNode Holds(string json, string name)
    {
        var document = JsonNode.Parse(json)!;
        Assert.Equal(name, document["schema"]!.GetValue<string>());
        Assert.Empty(Problems(document));
        return document;
    }

    /// <summary>The schemas as JSON, to see what they say themselves.</summary>
    public static JsonNode Text(string name) => JsonNode.Parse(File.ReadAllText(PathOf(name)))!;

    private static string PathOf(string name) => Path.Combine(_folder, name.Replace('/', '-') + ".json");

    private static Dictionary<string, JsonSchema> Read()
    {
        var schemas = new Dictionary<string, JsonSchema>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(_folder, "*.json").Order(StringComparer.Ordinal))
        {
            // They refer to one another by file name, wherever they lie.
            var schema = JsonSchema.FromText(File.ReadAllText(file));
            schema.BaseUri = new Uri($"https://reclaim.test/{Path.GetFileName(file)}");
            _options.SchemaRegistry.Register(schema.BaseUri, schema);
            schemas.Add(JsonNode.Parse(File.ReadAllText(file))!["properties"]!["schema"]!["const"]!.GetValue<string>(), schema);
        }

        return schemas;
    }
}
