using Reclaim.Client.ScenarioFormat;

namespace Reclaim.Client.Compose;

/// <summary>
/// Reads a <c>compose.yaml</c> (Compose specification) as a scenario: each service that says what it does to its memory
/// (<c>x-workload</c>) is a cgroup, the machine stands under <c>x-reclaim</c>.
/// </summary>
internal static class ComposeFile
{
    private const string Services = "services";
    private const string Frame = "x-reclaim";

    /// <summary>Whether a file is one: it has services and no schema.</summary>
    public static bool IsOne(IReadOnlyList<ScenarioDocument> documents) =>
        documents[0].Root is ScenarioMap root && root.Find(Services) is not null && root.Find("schema") is null;

    public static Scenario Read(IReadOnlyList<ScenarioDocument> documents, string folder, string name, ScenarioSettings settings)
    {
        var root = ScenarioYaml.OneScenario(documents);
        SetOption.Apply(root, settings.Set.Where(IsOfThisFile));
        var others = settings with { Set = [.. settings.Set.Where(assignment => !IsOfThisFile(assignment))] };
        var log = new ProblemLog();
        var reader = new MapReader(root, "", log);
        var frame = new ScenarioFrame(reader.Mapping(Frame)?.Map, Frame, root.Origin, others.Set, log);
        var cgroups = new ScenarioMap(root.Find(Services)!.Origin);
        if (reader.Mapping(Services) is { } services)
        {
            foreach (var entry in services.Map.Entries.Where(entry => services.Mapping(entry.Key) is not null))
            {
                var service = new MapReader(ComposeExtends.Resolve(services.Map, entry.Key, log), services.KeyOf(entry.Key), log);
                if (new ComposeService(service, frame.HasSwap).ToCgroup() is { } cgroup)
                {
                    cgroups.Entries.Add(new ScenarioEntry(entry.Key, entry.Origin, cgroup) { WrittenAs = service.Path });
                }
            }
        }

        CheckTop(reader);
        return ScenarioFile.Read(frame.With(cgroups, Services), folder, reader.Text("name") ?? name, others, log);
    }

    private static bool IsOfThisFile(string assignment) =>
        assignment.StartsWith(Services + ".", StringComparison.Ordinal) || assignment.StartsWith(Frame + ".", StringComparison.Ordinal);

    private static void CheckTop(MapReader reader)
    {
        foreach (var entry in reader.Map.Entries)
        {
            if (entry.Key == "include")
            {
                reader.Warn(entry.Key, "has no effect: not in this version: services of other files");
            }
            else if (entry.Key is not (Services or "name") && !ComposeKeys.TopWithoutBearing.Contains(entry.Key)
                && (!entry.Key.StartsWith("x-", StringComparison.Ordinal) || (entry.Key != Frame && Nearest.Distance(entry.Key, Frame) <= 2)))
            {
                reader.Warn(entry.Key, $"unknown key, ignored{Nearest.Suggestion(entry.Key, [Services, Frame, "name", "include", .. ComposeKeys.TopWithoutBearing])}");
            }
        }
    }
}
