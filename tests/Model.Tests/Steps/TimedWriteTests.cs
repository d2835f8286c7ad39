using Reclaim.Model.Kernels;
using Reclaim.Model.Steps;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Steps;

/// <summary>Files of a cgroup that are written while it runs.</summary>
public sealed class TimedWriteTests
{
    /// <summary>Reads of 3000 pages in order: 10 µs each with the prices of a miss, so 20 ms are about 2000 of them.</summary>
    private static ContainerPlan Scan(params TimedWrite[] writes) =>
        Plans.Of(2000, 3000, Plans.Reading(0, [.. Enumerable.Range(0, 3000).Select(page => (uint)page)])) with { Writes = writes };

    [Fact]
    public void A_lower_limit_holds_from_then_on()
    {
        var container = Plans.Finished(Scan(new TimedWrite(10_000_000, WrittenFile.MemoryMax, 500)));

        Assert.InRange(container.PagesHeld, 400, 500);
        Assert.Equal(2000, container.PagesLimit);
    }

    [Fact]
    public void A_higher_limit_is_used()
    {
        var container = Plans.Finished(Scan(new TimedWrite(1_000_000, WrittenFile.MemoryMax, 4000)));

        Assert.Equal(0, Plans.Stat(container, "pgsteal"));
        Assert.Equal(4000, container.PagesLimit);
    }

    [Fact]
    public void What_is_asked_for_is_reclaimed_in_whole_rounds()
    {
        var container = Plans.Finished(Scan(new TimedWrite(10_000_000, WrittenFile.MemoryReclaim, 300)));
        var without = Plans.Finished(Scan());

        Assert.InRange(Plans.Stat(container, "pgsteal"), 300, Plans.Stat(without, "pgsteal") + 300 + 64);
    }

    [Fact]
    public void A_write_after_the_end_changes_nothing() =>
        Assert.Equal(Plans.Dump(Plans.Finished(Scan())), Plans.Dump(Plans.Finished(Scan(new TimedWrite(long.MaxValue, WrittenFile.MemoryMax, 100)))));

    [Fact]
    public void Swappiness_decides_from_then_on_what_is_evicted()
    {
        static ContainerPlan Mixed(params TimedWrite[] writes)
        {
            var heap = new JobPlan
            {
                Workload = 0,
                Streams = [new StreamPlan { Source = new ListedSource([.. Enumerable.Range(0, 900).Select(page => (uint)page | AccessSource.WriteBit)]), File = 0, Device = new Device(DeviceType.Of("brd")), Path = AccessPath.Anonymous }],
            };
            return Plans.Of(1000, 3000, heap, Plans.Reading(1, [.. Enumerable.Range(0, 6000).Select(i => (uint)(i % 3000))])) with
            {
                Kernel = new KernelChoice { Swappiness = 200 },
                HeapPages = [900],
                SwapPages = 4000,
                SwapDevice = new Device(DeviceType.Of("brd")),
                Writes = writes,
            };
        }

        Assert.True(Plans.Stat(Plans.Finished(Mixed()), "pswpout") > 0);
        Assert.Equal(0, Plans.Stat(Plans.Finished(Mixed(new TimedWrite(0, WrittenFile.Swappiness, 0))), "pswpout"));
    }

    [Fact]
    public void How_a_run_is_cut_into_steps_does_not_matter()
    {
        TimedWrite[] writes = [new(5_000_000, WrittenFile.MemoryReclaim, 100), new(10_000_000, WrittenFile.MemoryMax, 500)];
        var cut = new Container(Scan(writes));
        while (cut.Run(Plans.Forever, Plans.AllPages, 7) != StopReason.Done)
        {
        }

        Assert.Equal(Plans.Dump(Plans.Finished(Scan(writes))), Plans.Dump(cut));
    }
}
