using Reclaim.Client.ScenarioFormat;

namespace Reclaim.Client.Compose;

/// <summary><c>extends</c>: a service takes the keys of another in the same file, its own winning.</summary>
internal static class ComposeExtends
{
    private const string Key = "extends";

    public static ScenarioMap Resolve(ScenarioMap services, string name, ProblemLog log) => Resolve(services, name, [name], log);

    private static ScenarioMap Resolve(ScenarioMap services, string name, IReadOnlyList<string> open, ProblemLog log)
    {
        var service = (ScenarioMap)services.Find(name)!.Value;
        if (service.Find(Key) is not { } extends)
        {
            return service;
        }

        var path = $"services.{name}.{Key}";
        var asked = extends.Value is ScenarioMap map ? map.Find("service")?.Value : extends.Value;
        if (extends.Value is ScenarioMap from && from.Find("file") is { } file)
        {
            log.Error(file.Origin, $"{path}.file", "not in this version: a service of another file");
        }
        else if (asked is not ScenarioScalar { IsNull: false } other)
        {
            log.Error(extends.Origin, path, "must name a service");
        }
        else if (services.Find(other.Text) is not { } found)
        {
            log.Error(extends.Origin, path, $"no service '{other.Text}'{Nearest.Suggestion(other.Text, services.Entries.Select(entry => entry.Key))}");
        }
        else if (open.Contains(other.Text))
        {
            log.Error(extends.Origin, path, $"a service that extends itself: {string.Join(" → ", open.Append(other.Text))}");
        }
        else if (found.Value is ScenarioMap)
        {
            return DeepMerge.Of(Resolve(services, other.Text, [.. open, other.Text], log), service);
        }

        return service;
    }
}
