using Reclaim.Model.Kernels;
using Reclaim.Model.Pressure;
using Reclaim.Model.Steps;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;

namespace Reclaim.Model.Tests.Steps;

/// <summary>Plans of containers in as few words as a test needs.</summary>
internal static class Plans
{
    public const long Forever = long.MaxValue;

    /// <summary>More pages than any container takes.</summary>
    public const long AllPages = 1L << 40;

    /// <summary>One file, read by jobs.</summary>
    public static ContainerPlan Of(long max, int file, params JobPlan[] jobs) => new()
    {
        Kernel = new KernelChoice(),
        MaxPages = max,
        FilePages = [file],
        Jobs = jobs,
    };

    public static JobPlan Reading(int workload, params uint[] pages) => Reading(workload, new Device(DeviceType.Of("brd")), pages);

    public static JobPlan Reading(int workload, Device device, params uint[] pages) => new()
    {
        Workload = workload,
        Streams = [new StreamPlan { Source = new ListedSource(pages), File = 0, Device = device }],
    };

    public static JobPlan Writing(int workload, Device device, params uint[] pages) => new()
    {
        Workload = workload,
        Streams =
        [
            new StreamPlan { Source = new ListedSource([.. pages.Select(page => page | AccessSource.WriteBit)]), File = 0, Device = device, Writes = true },
        ],
    };

    public static Container Finished(ContainerPlan plan)
    {
        var container = new Container(plan);
        container.Run(Forever, AllPages, long.MaxValue);
        return container;
    }

    public static long Stat(Container container, string name) => new ContainerFigures(container).MemoryStat.Single(stat => stat.Name == name).Value;

    /// <summary>All that a container shows.</summary>
    public static string Dump(Container container)
    {
        var figures = new ContainerFigures(container);
        var jobs = container.Plan.Jobs.Select((_, i) => figures.Job(i)).Select(job =>
            $"{job with { CpuNs = [] }} {string.Join(' ', job.CpuNs)}");
        return string.Join('\n',
            [
                figures.LruGenFull(2, "/A"), string.Join(' ', figures.MemoryStat), string.Join(' ', figures.MemoryEvents),
                .. Enum.GetValues<PressureResource>().Select(resource => figures.Pressure(resource).Text),
                $"{container.NowNs} {container.PagesHeld}", .. container.Plan.FilePages.Select((_, file) => Convert.ToHexString(figures.Residency(file).Bitmap)), .. jobs,
            ]);
    }
}
