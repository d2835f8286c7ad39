using System.Globalization;
using Reclaim.Client.ScenarioFormat;

namespace Reclaim.Client.Kubernetes;

/// <summary>
/// What the kubelet of the node writes into the cgroups of containers beside memory.max: a KubeletConfiguration, and the node
/// it runs on (Kubernetes v1.27 to v1.35, pkg/kubelet/kuberuntime/kuberuntime_container_linux.go).
/// </summary>
internal sealed record Kubelet(long NodeMemory, long NodeSwap, bool HasSwap)
{
    private const int PageSize = 4096;

    /// <summary>evictionHard, memory.available, where the configuration says nothing.</summary>
    private const long EvictionBytes = 100L << 20;
    private const string NoSwap = "NoSwap";
    private const string LimitedSwap = "LimitedSwap";

    /// <summary><c>featureGates.MemoryQoS</c>.</summary>
    public bool MemoryQos { get; private init; }

    /// <summary><c>memoryThrottlingFactor</c>.</summary>
    public double ThrottlingFactor { get; private init; } = 0.9;

    /// <summary>Whether <c>memorySwap.swapBehavior</c> is LimitedSwap; else it is NoSwap.</summary>
    public bool SwapsLimited { get; private init; }

    /// <summary><c>cpuCFSQuota</c>: whether limits of CPU are held to.</summary>
    public bool HasCpuQuota { get; private init; } = true;

    /// <summary>Takes what a KubeletConfiguration says. What else there is in one has no bearing on memory.</summary>
    public Kubelet With(MapReader configuration) => this with
    {
        MemoryQos = configuration.Mapping("featureGates")?.Flag("MemoryQoS") ?? MemoryQos,
        HasCpuQuota = configuration.Flag("cpuCFSQuota") ?? HasCpuQuota,
        ThrottlingFactor = configuration.Number("memoryThrottlingFactor", 0, 1) ?? ThrottlingFactor,
        SwapsLimited = configuration.Mapping("memorySwap")?.OneOf("swapBehavior", "swap behavior", ["", NoSwap, LimitedSwap]) == LimitedSwap,
    };

    /// <summary>The files of a container's cgroup.</summary>
    /// <param name="resources">What it asks for.</param>
    /// <param name="place">Where that is written.</param>
    /// <param name="memoryQos">Whether its request is kept for it.</param>
    /// <param name="maySwap">Whether its pod may swap.</param>
    public IEnumerable<ScenarioEntry> Files(ResourceList resources, Place place, bool memoryQos, bool maySwap)
    {
        var (limit, request) = (resources.MemoryLimit, resources.MemoryRequest);
        if (limit is { } most)
        {
            yield return most.Place.Entry("memory.max", Units.Size(most.Bytes));
        }

        if (memoryQos && request is { } asked)
        {
            yield return asked.Place.Entry("memory.min", Units.Size(asked.Bytes));
        }

        if (memoryQos && MemoryHigh(request?.Bytes ?? 0, limit?.Bytes) is { } high)
        {
            yield return (limit ?? request)!.Value.Place.Entry("memory.high", Units.Size(high));
        }

        // MilliCPUToQuota: thousandths of a CPU, rounded up by the API, and no less than the kernel takes.
        if (HasCpuQuota && resources.CpuLimit is { } cpu)
        {
            yield return cpu.Place.Entry(CpuMaxReader.Key, CpuMaxReader.OfCpus(Math.Max(CpuMaxReader.FewestCpus, Quantity.Whole(cpu.Value * 1000) / 1000m)));
        }

        if (HasSwap)
        {
            yield return ((request ?? limit)?.Place ?? place).Entry(
                "memory.swap.max", SwapMax(request?.Bytes ?? 0, limit?.Bytes ?? 0, maySwap).ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>
    /// The request and so much of what lies between it and the limit as the throttling factor says, in whole pages; none where the two
    /// are equal. Without a limit what pods may have of the node counts: its memory less the 100 MiB at which the kubelet evicts.
    /// </summary>
    internal long? MemoryHigh(long request, long? limit)
    {
        if (request == (limit ?? 0))
        {
            return null;
        }

        var high = (long)Math.Floor((request + (((limit ?? NodeMemory - EvictionBytes) - request) * ThrottlingFactor)) / PageSize) * PageSize;
        return high > request ? high : null;
    }

    /// <summary>
    /// The share of the node's swap that the request is of the node's memory (calcSwapForBurstablePods); none outside Burstable
    /// pods, for critical ones, and where the request is the limit.
    /// </summary>
    internal long SwapMax(long request, long limit, bool maySwap) =>
        SwapsLimited && maySwap && request != limit ? (long)((double)request / NodeMemory * NodeSwap) : 0;
}
