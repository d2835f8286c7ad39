using Reclaim.Client.ScenarioFormat;

namespace Reclaim.Client.Kubernetes;

/// <summary>An object of a manifest.</summary>
internal sealed record ManifestDocument(string Kind, MapReader Reader)
{
    private const int MaxNesting = 8;

    /// <summary>The objects of a file, those in lists included, in the order written.</summary>
    public static List<ManifestDocument> ReadAll(IReadOnlyList<ScenarioDocument> documents, ProblemLog log)
    {
        var objects = new List<ManifestDocument>();
        foreach (var document in documents.Where(document => document.Root is not ScenarioScalar { IsNull: true }))
        {
            if (document.Root is ScenarioMap map)
            {
                Add(new MapReader(map, "", log), objects, 0);
            }
            else
            {
                log.Error(document.Root.Origin, "", $"a manifest is a mapping with 'apiVersion' and 'kind', not {document.Root.Kind}");
            }
        }

        return objects;
    }

    /// <summary>Its name, or null: that is said.</summary>
    public string? Name()
    {
        if (Reader.Mapping("metadata") is not { } metadata || (metadata.Text("name") ?? metadata.Text("generateName")?.TrimEnd('-')) is not { } name)
        {
            Reader.Error("metadata", "metadata.name: missing");
            return null;
        }

        return name;
    }

    private static void Add(MapReader reader, List<ManifestDocument> objects, int depth)
    {
        if (reader.Text("kind") is not { } kind)
        {
            reader.Error("kind", "missing: a manifest has 'apiVersion' and 'kind'");
        }
        else if (!kind.EndsWith("List", StringComparison.Ordinal) || depth == MaxNesting)
        {
            objects.Add(new ManifestDocument(kind, reader));
        }
        else
        {
            foreach (var item in reader.Mappings("items"))
            {
                Add(item, objects, depth + 1);
            }
        }
    }
}
