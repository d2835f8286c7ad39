using System.Globalization;
using Reclaim.Client.ScenarioFormat;

namespace Reclaim.Client.Kubernetes;

/// <summary>Pods that an object of a manifest makes: their spec, their annotations, their number.</summary>
/// <param name="Name">Of the object.</param>
/// <param name="Pod">The pod: its metadata and spec.</param>
/// <param name="Owner">What makes it; a pod itself if nothing does.</param>
/// <param name="Replicas">The <c>count</c> of its cgroup, or null: one.</param>
internal sealed record PodTemplate(string Name, MapReader Pod, MapReader Owner, ScenarioEntry? Replicas)
{
    /// <summary>For each kind that makes pods: where the pod stands in it, and the keys that say how many there are at once.</summary>
    private static readonly Dictionary<string, (string[] Path, string[] Counts)> _kinds = new(StringComparer.Ordinal)
    {
        ["Pod"] = ([], []),
        ["Deployment"] = (["spec", "template"], ["replicas"]),
        ["StatefulSet"] = (["spec", "template"], ["replicas"]),
        ["ReplicaSet"] = (["spec", "template"], ["replicas"]),
        ["ReplicationController"] = (["spec", "template"], ["replicas"]),
        ["DaemonSet"] = (["spec", "template"], []),
        ["Job"] = (["spec", "template"], ["parallelism", "completions"]),
        ["CronJob"] = (["spec", "jobTemplate", "spec", "template"], ["parallelism", "completions"]),
    };

    /// <summary>How many there are.</summary>
    public int Count => Replicas?.Value is ScenarioScalar count ? int.Parse(count.Text, CultureInfo.InvariantCulture) : 1;

    public static bool IsOf(string kind) => _kinds.ContainsKey(kind);

    /// <summary>The pods of an object, or null: something is wrong with it, or there are none.</summary>
    public static PodTemplate? Read(ManifestDocument document)
    {
        var (path, counts) = _kinds[document.Kind];
        var (pod, above) = (document.Reader, document.Reader);
        foreach (var key in path)
        {
            if (pod.Mapping(key) is not { } below)
            {
                pod.Error(key, "missing: the pods are described there");
                return null;
            }

            (above, pod) = (pod, below);
        }

        return document.Name() is { } name && AreAny(above, counts, out var replicas) ? new PodTemplate(name, pod, document.Reader, replicas) : null;
    }

    /// <summary>An annotation of the pod, or else of the object that makes it.</summary>
    public (MapReader Annotations, ScenarioEntry Entry)? Annotation(string key)
    {
        foreach (var reader in new[] { Pod, Owner })
        {
            if (reader.Mapping("metadata")?.Mapping("annotations") is { } annotations && annotations.Take(key) is { } entry)
            {
                return (annotations, entry);
            }
        }

        return null;
    }

    /// <summary>Whether there are any pods, and the <c>count</c> of their cgroup if there are several. Of a job as many run at once as <c>parallelism</c> says, and no more than complete.</summary>
    private static bool AreAny(MapReader spec, string[] keys, out ScenarioEntry? replicas)
    {
        replicas = null;
        var counts = keys.Where(key => spec.Take(key) is not null).Select(key => (Key: key, Value: spec.Integer(key, 0, int.MaxValue) ?? 1)).ToList();
        if (counts.Count == 0 || (counts.Count == 1 && counts[0].Key == "completions"))
        {
            return true;
        }

        var (key, least) = counts.MinBy(count => count.Value);
        if (least == 0)
        {
            spec.Warn(key, "no pod: left out");
            return false;
        }

        replicas = least == 1 ? null : Place.Of(spec, key).Entry(Copies.Key, least.ToString(CultureInfo.InvariantCulture));
        return true;
    }
}
