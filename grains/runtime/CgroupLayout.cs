using Reclaim.Contracts.Spec;

namespace Reclaim.Grains;

/// <summary>What the streams of a cgroup go to.</summary>
/// <param name="Files">Its files.</param>
/// <param name="Heaps">Its regions of anonymous memory.</param>
/// <param name="Devices">Where files and swap lie.</param>
internal sealed record CgroupLayout(FileLayout Files, HeapLayout Heaps, DeviceLayout Devices)
{
    public static CgroupLayout Of(HostSpec host, CgroupSpec cgroup) => new(FileLayout.Of(host, cgroup), HeapLayout.Of(cgroup), new DeviceLayout(host));
}
