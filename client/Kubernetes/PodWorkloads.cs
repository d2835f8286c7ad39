using Reclaim.Client.ScenarioFormat;

namespace Reclaim.Client.Kubernetes;

/// <summary>
/// What the containers of a pod do to their memory: the annotation <c>reclaim.dev/workloads</c>, YAML text, a mapping from
/// containers to lists as <c>workloads</c> of a scenario, or one list for a pod of one container.
/// </summary>
internal static class PodWorkloads
{
    public const string Annotation = "reclaim.dev/workloads";

    /// <param name="pod">The pods.</param>
    /// <param name="containers">Names of the containers that run.</param>
    /// <returns>The workloads of each container that has any; null: the annotation is missing or wrong.</returns>
    public static IReadOnlyList<ScenarioEntry>? Read(PodTemplate pod, IReadOnlyList<string> containers)
    {
        if (pod.Annotation(Annotation) is not { } found)
        {
            pod.Pod.Warn("metadata", $"no annotation '{Annotation}': what the containers do to their memory; the pod is left out");
            return null;
        }

        var (annotations, entry) = found;
        var path = annotations.KeyOf(Annotation);
        if (entry.Value is not ScenarioScalar text)
        {
            annotations.Error(Annotation, $"must be text, written as a block: '{Annotation}: |'");
            return null;
        }

        var node = ScenarioYaml.ParseValue(text, path);
        if (node is ScenarioList list)
        {
            if (containers.Count == 1)
            {
                return [new Place(entry.Origin, path).Entry(containers[0], list)];
            }

            annotations.Error(Annotation, $"a list is for a pod of one container; this one has {string.Join(", ", containers)}: write a mapping, a list for each");
            return null;
        }

        if (node is not ScenarioMap map)
        {
            annotations.Error(Annotation, $"must be a mapping from containers to workloads, or a list of workloads, not {node.Kind}");
            return null;
        }

        foreach (var other in map.Entries.Where(other => !containers.Contains(other.Key)))
        {
            annotations.Log.Error(other.Origin, KeyPath.Child(path, other.Key), $"no container '{other.Key}' that runs{Nearest.Suggestion(other.Key, containers)}");
        }

        return [.. map.Entries.Select(other => new Place(other.Origin, KeyPath.Child(path, other.Key)).Entry(other.Key, other.Value))];
    }
}
