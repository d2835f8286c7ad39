using Reclaim.Client.ScenarioFormat;

namespace Reclaim.Client.Kubernetes;

/// <summary>
/// Reads manifests, one or more in a file, as a scenario: pods whose annotations say what they do become cgroups under
/// <c>/kubepods</c>, by their quality of service; the machine stands in a ConfigMap named <c>reclaim</c>.
/// </summary>
internal static class KubernetesFile
{
    private const string FrameName = "reclaim";
    private const string FrameKey = "scenario";
    private const string Kubepods = "kubepods";

    /// <summary>Kinds that have no bearing on the memory of containers.</summary>
    private static readonly string[] _withoutBearing =
    [
        "ClusterRole", "ClusterRoleBinding", "ConfigMap", "CustomResourceDefinition", "Endpoints", "EndpointSlice", "Gateway", "HTTPRoute", "Ingress", "IngressClass", "Kustomization",
        "Namespace", "NetworkPolicy", "PersistentVolume", "PersistentVolumeClaim", "PodDisruptionBudget", "PriorityClass", "ResourceQuota", "Role", "RoleBinding",
        "Secret", "Service", "ServiceAccount", "ServiceMonitor", "StorageClass",
    ];

    /// <summary>Whether a file holds manifests: its first document has <c>apiVersion</c> and <c>kind</c>, and no schema.</summary>
    public static bool IsOne(IReadOnlyList<ScenarioDocument> documents) =>
        documents.FirstOrDefault(document => document.Root is not ScenarioScalar { IsNull: true })?.Root is ScenarioMap first
        && first.Find("apiVersion") is not null && first.Find("kind") is not null && first.Find("schema") is null;

    public static Scenario Read(IReadOnlyList<ScenarioDocument> documents, string folder, string name, ScenarioSettings settings)
    {
        var log = new ProblemLog();
        var objects = ManifestDocument.ReadAll(documents, log);
        var frame = Frame(objects, documents[0].Start, settings, log);
        var kubelet = new Kubelet(frame.MemoryBytes, frame.SwapBytes, frame.HasSwap);
        foreach (var configuration in objects.Where(item => item.Kind == "KubeletConfiguration"))
        {
            kubelet = kubelet.With(configuration.Reader);
        }

        var pods = new List<PlacedPod>();
        foreach (var item in objects)
        {
            if (PodTemplate.IsOf(item.Kind))
            {
                Add(pods, item, kubelet);
            }
            else if (item.Kind != "KubeletConfiguration" && !_withoutBearing.Contains(item.Kind))
            {
                item.Reader.Warn("kind", $"'{item.Kind}' is not read, and what it changes is not modelled");
            }
        }

        var cgroups = new ScenarioMap(documents[0].Start);
        var (guaranteed, burstable) = (Protected(QosClass.Guaranteed), Protected(QosClass.Burstable));
        cgroups.Entries.AddRange(Group(Kubepods, cgroups.Origin, guaranteed + burstable,
        [
            .. Of(QosClass.Guaranteed),
            .. Group("burstable", cgroups.Origin, burstable, Of(QosClass.Burstable)),
            .. Group("besteffort", cgroups.Origin, 0, Of(QosClass.BestEffort)),
        ]));
        return ScenarioFile.Read(frame.With(cgroups, Kubepods), folder, name, settings, log);

        IEnumerable<ScenarioEntry> Of(QosClass qos) => pods.Where(pod => pod.Class == qos).Select(pod => pod.Cgroup);

        long Protected(QosClass qos) => pods.Where(pod => pod.Class == qos).Sum(pod => pod.Protected);
    }

    private static void Add(List<PlacedPod> pods, ManifestDocument item, Kubelet kubelet)
    {
        if (PodTemplate.Read(item) is not { } template || new Pod(template, kubelet).ToCgroup() is not { } pod)
        {
            return;
        }

        if (pods.Exists(other => other.Cgroup.Key == pod.Cgroup.Key))
        {
            item.Reader.Error("metadata", $"metadata.name: '{template.Name}' is the name of other pods in this file");
            return;
        }

        pods.Add(pod);
    }

    /// <summary>
    /// A cgroup with these below it; nothing without any. Of Guaranteed and Burstable pods it keeps as much memory as theirs do together
    /// (setMemoryQoS in pkg/kubelet/cm/qos_container_manager_linux.go).
    /// </summary>
    private static IEnumerable<ScenarioEntry> Group(string name, Origin origin, long protect, IEnumerable<ScenarioEntry> members)
    {
        var cgroups = new ScenarioMap(origin);
        cgroups.Entries.AddRange(members);
        var group = new ScenarioMap(origin);
        if (protect > 0)
        {
            group.Entries.Add(new Place(origin, Kubepods).Entry("memory.min", Units.Size(protect)));
        }

        return cgroups.Entries.Count == 0 ? [] : [new ScenarioEntry(name, origin, group.Add(CgroupTree.Key, cgroups))];
    }

    private static ScenarioFrame Frame(List<ManifestDocument> objects, Origin file, ScenarioSettings settings, ProblemLog log)
    {
        const string path = $"data.{FrameKey}";
        ScenarioMap? written = null;
        foreach (var item in objects.Where(item => item.Kind == "ConfigMap" && item.Name() == FrameName))
        {
            var data = item.Reader.Mapping("data");
            if (data?.Take(FrameKey)?.Value is not ScenarioScalar text)
            {
                (data ?? item.Reader).Error(data is null ? "data" : FrameKey, $"{(data is null ? FrameKey + ": " : "")}missing: a scenario without cgroups, as text: '{FrameKey}: |'");
            }
            else if (ScenarioYaml.ParseValue(text, path) is ScenarioMap map)
            {
                written = map;
            }
            else
            {
                data.Error(FrameKey, "must be a mapping, a scenario without cgroups");
            }
        }

        return new ScenarioFrame(written, path, file, settings.Set, log);
    }
}
