namespace Reclaim.Client.Kubernetes;

/// <summary>Quality of service of a pod: where it stands under <c>/kubepods</c>, and what the kubelet gives it.</summary>
internal enum QosClass
{
    /// <summary>No container says anything of CPU or memory.</summary>
    BestEffort,

    /// <summary>Anything between.</summary>
    Burstable,

    /// <summary>Every container has a limit of CPU and of memory and asks for just these.</summary>
    Guaranteed,
}

/// <summary>The rule of ComputePodQOS (Kubernetes v1.34, pkg/apis/core/v1/helper/qos).</summary>
internal static class QosRule
{
    /// <param name="containers">All of the pod, those that prepare it included.</param>
    public static QosClass Of(IReadOnlyCollection<ResourceList> containers)
    {
        var classes = containers.Select(Of).Distinct().ToList();
        return classes.Count == 1 ? classes[0] : classes.Count == 0 ? QosClass.BestEffort : QosClass.Burstable;
    }

    /// <summary>The class of a pod whose only container, or which itself, has these resources.</summary>
    public static QosClass Of(ResourceList list)
    {
        if (list is { CpuRequest: null, CpuLimit: null, MemoryRequest: null, MemoryLimit: null })
        {
            return QosClass.BestEffort;
        }

        var equal = list.CpuLimit is { } cpu && list.MemoryLimit is { } memory
            && list.CpuRequest?.Value == cpu.Value && list.MemoryRequest?.Value == memory.Value;
        return equal ? QosClass.Guaranteed : QosClass.Burstable;
    }
}
