using Reclaim.Model.Control;
using Reclaim.Model.Memcg;
using Reclaim.Model.Pressure;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Steps;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Control;

/// <summary>memory.high: reclaim by whoever charges above it, and sleep when that does not help.</summary>
public sealed class MemoryHighTests
{
    /// <summary>Worked out by hand for HZ 250 and memory.high of 1 GiB: see mem_cgroup_handle_over_high.</summary>
    [Theory]
    [InlineData(2_621, 64, 0)]
    [InlineData(13_107, 64, 156)]
    [InlineData(26_214, 64, 636)]
    [InlineData(13_107, 1, 0)]
    [InlineData(100_000, 64, 2000)]
    public void The_sleep_grows_with_the_square_of_the_overage(long above, long charged, long milliseconds) =>
        Assert.Equal(milliseconds * 1_000_000, MemoryHigh.DelayNs(262_144 + above, 262_144, charged));

    [Fact]
    public void At_or_below_it_nobody_sleeps() => Assert.Equal(0, MemoryHigh.DelayNs(1000, 1000, 64));

    [Fact]
    public void Page_cache_stays_at_about_memory_high_without_any_sleep()
    {
        var container = Plans.Finished(Plans.Of(4000, 6000, Plans.Reading(0, [.. Enumerable.Range(0, 6000).Select(page => (uint)page)])) with { HighPages = 1000 });

        Assert.InRange(container.PagesHeld, 900, 1000 + 64);
        Assert.True(Event(container, "high") > 0);
        Assert.Equal(0, Event(container, "max"));
        Assert.Equal(0, Spent(container, "high_throttle"));
    }

    [Fact]
    public void What_cannot_be_reclaimed_is_slowed_down_but_not_stopped()
    {
        var heap = new JobPlan
        {
            Workload = 0,
            Streams =
            [
                new StreamPlan
                {
                    Source = new ListedSource([.. Enumerable.Range(0, 2000).Select(page => (uint)page | AccessSource.WriteBit)]), File = 0,
                    Device = new Device(DeviceType.Of("brd")), Path = AccessPath.Anonymous,
                },
            ],
        };
        var container = Plans.Finished(Plans.Of(4000, 64, heap) with { HeapPages = [2000], HighPages = 1000 });

        Assert.InRange(container.PagesHeld, 2000, 2100);
        Assert.True(Spent(container, "high_throttle") > 10_000_000_000);
        Assert.True(new ContainerFigures(container).Pressure(PressureResource.Memory).Some.Total > 10_000_000);
    }

    [Fact]
    public void Written_below_the_usage_it_reclaims_the_difference()
    {
        // 3000 pages, and then the last of them for a while.
        static ContainerPlan Plan() => Plans.Of(4000, 3000, Plans.Reading(0, [.. Enumerable.Range(0, 4000).Select(i => (uint)Math.Min(i, 2999))]));
        var container = Plans.Finished(Plan() with { Controls = [new ControlAccess(Plans.Finished(Plan()).NowNs - 100_000, ControlFile.MemoryHigh, $"{1000 * 4096}")] });

        // A pass at a higher priority may free more than was left to free.
        Assert.InRange(container.PagesHeld, 64, 1000);
    }

    private static long Event(Container container, string name) => new ContainerFigures(container).MemoryEvents.Single(item => item.Name == name).Value;

    private static long Spent(Container container, string name) => new ContainerFigures(container).Workload(0).CpuNs.Single(item => item.Name == name).Ns;
}
