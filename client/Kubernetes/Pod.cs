using Reclaim.Client.ScenarioFormat;

namespace Reclaim.Client.Kubernetes;

/// <summary>Makes the cgroup of a pod, with those of its containers below it, as the kubelet lays them out.</summary>
internal sealed class Pod(PodTemplate template, Kubelet kubelet)
{
    private const string MemoryQosAnnotation = "reclaim.dev/memory-qos";

    private static readonly string[] _containerKeys =
    [
        "args", "command", "env", "envFrom", "image", "imagePullPolicy", "lifecycle", "livenessProbe", "name", "ports", "readinessProbe", "resizePolicy", "resources",
        "restartPolicy", "restartPolicyRules", "securityContext", "startupProbe", "stdin", "stdinOnce", "terminationMessagePath", "terminationMessagePolicy", "tty",
        "volumeDevices", "volumeMounts", "workingDir",
    ];

    /// <param name="Name">The container.</param>
    /// <param name="Reader">What is written of it.</param>
    /// <param name="Resources">What it asks for.</param>
    /// <param name="Runs">Whether it runs as long as the pod; else it prepares it and is gone.</param>
    private sealed record Container(string Name, MapReader Reader, ResourceList Resources, bool Runs);

    /// <summary>The pod's cgroup, or null: the pod does nothing, or something is wrong with it.</summary>
    public PlacedPod? ToCgroup()
    {
        if (template.Pod.Mapping("spec") is not { } spec)
        {
            template.Pod.Error("spec", "missing: the pod's containers");
            return null;
        }

        var containers = Containers(spec);
        var whole = spec.Mapping("resources");
        var ofPod = whole is null ? null : ResourceList.Read(whole);
        var qos = ofPod is null ? QosRule.Of([.. containers.Select(container => container.Resources)]) : QosRule.Of(ofPod);
        var running = containers.Where(container => container.Runs).ToList();
        if (PodWorkloads.Read(template, [.. running.Select(container => container.Name)]) is not { } workloads)
        {
            return null;
        }

        WarnOfMemoryVolumes(spec);
        var memoryQos = MemoryQos();
        var maySwap = qos == QosClass.Burstable && !(spec.Text("priorityClassName") is "system-node-critical" or "system-cluster-critical");
        var cgroups = new ScenarioMap(spec.Map.Origin);
        foreach (var container in running)
        {
            if (workloads.FirstOrDefault(entry => entry.Key == container.Name) is not { } work)
            {
                container.Reader.Warn("name", $"'{container.Name}' has no workloads in '{PodWorkloads.Annotation}': it is left out");
            }
            else
            {
                var cgroup = new ScenarioMap(container.Reader.Map.Origin);
                cgroup.Entries.AddRange(kubelet.Files(container.Resources, Place.Of(container.Reader, "resources"), memoryQos, maySwap));
                cgroup.Entries.Add(work with { Key = "workloads" });
                cgroups.Entries.Add(new Place(cgroup.Origin, container.Reader.Path).Entry(container.Name, cgroup));
            }
        }

        if (cgroups.Entries.Count == 0)
        {
            return null;
        }

        var request = whole?.Mapping("requests")?.Has("memory") == true ? ofPod!.MemoryRequest?.Bytes ?? 0 : Request(containers, workloads);
        request = request == 0 ? ofPod?.MemoryRequest?.Bytes ?? 0 : request;
        return new PlacedPod(qos, Place.Of(template.Pod, "spec").Entry($"pod-{template.Name}", WithLimits(cgroups, ofPod?.MemoryLimit, memoryQos ? request : 0)))
        {
            Protected = memoryQos ? request * template.Count : 0,
        };
    }

    /// <summary>
    /// The pod's own cgroup (ResourceConfigForPod). memory.min of its containers counts only as far as it has as much itself. The sum of
    /// its containers' limits, which the kubelet sets if all have one, is left out: it never binds before one of theirs does.
    /// </summary>
    private ScenarioMap WithLimits(ScenarioMap containers, Amount? limit, long protect)
    {
        var pod = new ScenarioMap(containers.Origin);
        if (limit is { } most)
        {
            pod.Entries.Add(most.Place.Entry("memory.max", Units.Size(most.Bytes)));
        }

        if (protect > 0)
        {
            pod.Entries.Add(Place.Of(template.Pod, "spec").Entry("memory.min", Units.Size(protect)));
        }

        pod.Add(CgroupTree.Key, containers);
        if (template.Replicas is { } replicas)
        {
            pod.Entries.Add(replicas);
        }

        return pod;
    }

    /// <summary>
    /// What the containers ask for together, or one that prepares the pod beside those that were started before it, if that is more
    /// (PodRequests). A container that is left out here asks for nothing.
    /// </summary>
    private static long Request(List<Container> containers, IReadOnlyList<ScenarioEntry> workloads)
    {
        var (running, most) = (0L, 0L);
        foreach (var container in containers)
        {
            var request = container.Resources.MemoryRequest?.Bytes ?? 0;
            if (!container.Runs)
            {
                most = Math.Max(most, running + request);
            }
            else if (workloads.Any(entry => entry.Key == container.Name))
            {
                running += request;
            }
        }

        return Math.Max(most, running);
    }

    private static List<Container> Containers(MapReader spec)
    {
        var containers = new List<Container>();
        foreach (var (key, init) in new[] { ("initContainers", true), ("containers", false) })
        {
            foreach (var reader in spec.Mappings(key))
            {
                foreach (var entry in reader.Map.Entries.Where(entry => !_containerKeys.Contains(entry.Key)))
                {
                    reader.Warn(entry.Key, $"unknown key, ignored{Nearest.Suggestion(entry.Key, _containerKeys)}");
                }

                if (reader.Text("name") is not { } name)
                {
                    reader.Error("name", "missing: the container's name");
                }
                else
                {
                    if (containers.Exists(container => container.Name == name))
                    {
                        reader.Error("name", $"'{name}' is the name of another container of this pod");
                    }

                    containers.Add(new Container(name, reader, ResourceList.Read(reader.Mapping("resources")), !init || reader.Text("restartPolicy") == "Always"));
                }
            }
        }

        return containers;
    }

    private static void WarnOfMemoryVolumes(MapReader spec)
    {
        foreach (var volume in spec.Mappings("volumes"))
        {
            if (volume.Mapping("emptyDir") is { } directory && directory.Text("medium") == "Memory")
            {
                directory.Warn("medium", "has no effect: not in this version: shared memory");
            }
        }
    }

    private bool MemoryQos() => template.Annotation(MemoryQosAnnotation) is { } found
        ? found.Annotations.Flag(MemoryQosAnnotation) ?? kubelet.MemoryQos
        : kubelet.MemoryQos;
}

/// <summary>A pod, or several equal ones.</summary>
/// <param name="Class">Where it belongs.</param>
/// <param name="Cgroup">Its cgroup.</param>
internal sealed record PlacedPod(QosClass Class, ScenarioEntry Cgroup)
{
    /// <summary>Bytes that memory QoS keeps for all of them.</summary>
    public long Protected { get; init; }
}
