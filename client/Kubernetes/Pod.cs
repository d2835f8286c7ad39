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

    /// <summary>The cgroup and the pod's class, or null: the pod does nothing, or something is wrong with it.</summary>
    public (QosClass Class, ScenarioEntry Cgroup)? ToCgroup()
    {
        if (template.Pod.Mapping("spec") is not { } spec)
        {
            template.Pod.Error("spec", "missing: the pod's containers");
            return null;
        }

        var containers = Containers(spec);
        var qos = ClassOf(spec, containers);
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
            else if (container.Resources.MemoryLimit is not { } limit)
            {
                MissingLimit(container.Reader);
            }
            else
            {
                var cgroup = new ScenarioMap(container.Reader.Map.Origin);
                cgroup.Entries.AddRange(kubelet.Files(limit, container.Resources.MemoryRequest, memoryQos, maySwap));
                cgroup.Entries.Add(work with { Key = "workloads" });
                cgroups.Entries.Add(new Place(cgroup.Origin, container.Reader.Path).Entry(container.Name, cgroup));
            }
        }

        return cgroups.Entries.Count == 0 ? null : (qos, Place.Of(template.Pod, "spec").Entry($"pod-{template.Name}", WithLimits(cgroups)));
    }

    /// <summary>
    /// The pod's own cgroup. The kubelet limits it too, to the sum of its containers' limits, which never binds before one of
    /// theirs does; what it would protect belongs here once a cgroup with others below it may say so.
    /// </summary>
    private ScenarioMap WithLimits(ScenarioMap containers)
    {
        var pod = new ScenarioMap(containers.Origin).Add(CgroupTree.Key, containers);
        if (template.Replicas is { } replicas)
        {
            pod.Entries.Add(replicas);
        }

        return pod;
    }

    private static QosClass ClassOf(MapReader spec, List<Container> containers)
    {
        if (spec.Mapping("resources") is not { } resources)
        {
            return QosRule.Of([.. containers.Select(container => container.Resources)]);
        }

        spec.Warn("resources", "decides the pod's class, but not in this version: limits of a pod");
        return QosRule.Of(ResourceList.Read(resources));
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

    private static void MissingLimit(MapReader container) => container.Log.Error(
        Place.Of(container, "resources").Origin,
        KeyPath.Child(container.Path, "resources.limits.memory"),
        "missing: reclaim by the whole machine is not in this version, so a container that runs something needs a limit");

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
