using System.Collections.Immutable;
using Reclaim.Contracts.Spec;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>
/// Whether cgroups of a host can be in each other's way at its devices. Not as long as all requests that may be under way together have a channel each, and the device's
/// bandwidth moves all of their pages within the latency of one: then each request takes that latency whatever others ask for, and each cgroup can have the device to itself.
/// </summary>
internal static class DeviceContention
{
    private const long PageBytes = 4096;

    /// <summary>The devices at which they may be, in the order of the scenario.</summary>
    public static ImmutableArray<DeviceSpec> Devices(HostSpec host) =>
        host.Cgroups.Length < 2 ? [] : [.. host.Devices.Where(device => IsPossible(host, device))];

    /// <summary>Whether that makes its cgroups be simulated together.</summary>
    public static bool IsShared(RunSpec spec, HostSpec host) => !Devices(host).IsEmpty && Refusal(spec, host) is null;

    /// <summary>Why its cgroups cannot share devices; null if they can. Those that take turns are never at a device at the same time.</summary>
    public static string? Refusal(RunSpec spec, HostSpec host) =>
        host.Schedule == TurnSchedule.Turns ? "by turns"
        : host.Cgroups.Select(cgroup => SharedLimits.Refusal(spec, host, cgroup)).FirstOrDefault(refusal => refusal is not null);

    /// <summary>What a domain keeps of them; null if there are none.</summary>
    public static SharedDevices? Of(HostSpec host) =>
        Devices(host) is { IsEmpty: false } devices ? new SharedDevices([.. devices.Select(DeviceLayout.TypeOf)]) : null;

    private static bool IsPossible(HostSpec host, DeviceSpec device)
    {
        var type = DeviceLayout.TypeOf(device);
        var users = host.Cgroups.Select(cgroup => Use(host, cgroup, device.Name)).Where(use => use != Demand.None).ToList();
        return users.Count > 1 && type is not { LatencyNs: 0, BytesPerSecond: 0 }
            && (users.Exists(use => use == Demand.Unbounded) || users.Sum(use => use.Requests) > type.QueueDepth
                || (type.BytesPerSecond != 0 && users.Sum(use => use.Pages) * (double)PageBytes / type.BytesPerSecond * 1e9 > type.LatencyNs));
    }

    private static Demand Use(HostSpec host, CgroupSpec cgroup, string device)
    {
        var use = host.Swap.Any(area => area.Type == device) && cgroup.SwapMax != 0 && HeapLayout.Of(cgroup).Pages.Count > 0 ? Demand.Unbounded : Demand.None;
        foreach (var workload in cgroup.Workloads)
        {
            use += workload is MixSpec mix
                ? mix.Parts.Aggregate(Demand.None, (most, part) => Demand.Max(most, Use(host, part.Workload, device)))
                : Use(host, workload, device);
        }

        // Advice may have any number of pages read.
        return use != Demand.None && cgroup.Events.Any(item => item.File == EventFile.PosixFadvise) ? Demand.Unbounded : use;
    }

    private static Demand Use(HostSpec host, WorkloadSpec workload, string device)
    {
        if (workload.Device != device || AccessPaths.Of(workload) == AccessPath.Anonymous)
        {
            return Demand.None;
        }

        // What is written is written back whenever the flusher comes to it, and what is read ahead is waited for by nobody.
        if (AccessPaths.WritesFiles(workload) || AccessPaths.Readahead(host, workload).Pages > 0)
        {
            return Demand.Unbounded;
        }

        return workload is FioSpec fio
            ? new Demand((long)fio.NumJobs * fio.IoDepth, (long)fio.NumJobs * fio.IoDepth * (fio.BsBytes / PageBytes + 1))
            : new Demand(1, 1);
    }

    /// <summary>What may be under way together.</summary>
    private readonly record struct Demand(long Requests, long Pages)
    {
        public static Demand None => default;

        public static Demand Unbounded => new(long.MaxValue, long.MaxValue);

        public static Demand operator +(Demand one, Demand other) =>
            one == Unbounded || other == Unbounded ? Unbounded : new(one.Requests + other.Requests, one.Pages + other.Pages);

        public static Demand Max(Demand one, Demand other) => new(Math.Max(one.Requests, other.Requests), Math.Max(one.Pages, other.Pages));
    }
}
