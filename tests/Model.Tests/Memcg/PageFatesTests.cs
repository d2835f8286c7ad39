using CsCheck;
using Reclaim.Model.Kernels;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Steps;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Memcg;

/// <summary>What became of pages, and what time went into, leave nothing out.</summary>
public sealed class PageFatesTests
{
    private const int File = 600;

    private static readonly Gen<(string Policy, string Variant, ulong Seed, int Max, string Device, int Jobs)> _runs = Gen.Select(
        Gen.OneOf(Gen.Const("mglru"), Gen.Const("classic")), Gen.OneOf(Gen.Const("v6.1.192"), Gen.Const("v6.8"), Gen.Const("rfc-v4"), Gen.Const("v6.12.117"), Gen.Const("v6.14")), Gen.ULong, Gen.Int[150, 500], Gen.OneOf(Gen.Const("brd"), Gen.Const("nvme"), Gen.Const("ssd")), Gen.Int[1, 3]);

    private static Container Run((string Policy, string Variant, ulong Seed, int Max, string Device, int Jobs) run)
    {
        var device = new Device(DeviceType.Of(run.Device));
        var jobs = Enumerable.Range(0, run.Jobs).Select(job => new JobPlan
        {
            Workload = job,
            Streams = [new StreamPlan { Source = Patterns.Create("zipf", File, 4000, run.Seed + (ulong)job, theta: 0.8), File = 0, Device = device }],
        });
        return Plans.Finished(Plans.Of(run.Max, File, [.. jobs]) with { Kernel = new KernelChoice { Policy = run.Policy, Variant = run.Variant } });
    }

    [Fact]
    public void Every_page_that_was_evicted_is_of_a_class_and_every_refault_came_back_from_one() => _runs.Sample(run =>
    {
        var container = Run(run);
        var (fates, stat) = (new ContainerFigures(container).Fates, container.Memcg!.Stat);

        Assert.Equal(stat.Pgsteal, fates.Sum(fate => fate.Evicted));
        Assert.All(fates, fate => Assert.InRange(fate.Returned, fate.Recent, fate.Evicted));
        var counted = run is { Policy: "mglru", Variant: "v6.1.192" } ? fates.Sum(fate => fate.Recent) : fates.Sum(fate => fate.Returned);
        Assert.Equal(stat.WorkingsetRefaultFile, counted);
    });

    [Fact]
    public void The_time_of_every_job_went_into_something_and_into_nothing_twice() => _runs.Sample(run =>
    {
        var container = Run(run);
        var figures = new ContainerFigures(container);

        Assert.All(Enumerable.Range(0, run.Jobs), job => Assert.Equal(figures.Job(job).SteadyNs, figures.Job(job).SteadySpentNs.Sum(kind => kind.Ns)));
    });
}
