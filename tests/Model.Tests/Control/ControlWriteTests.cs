using Reclaim.Model.Control;
using Reclaim.Model.Kernels;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Steps;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Control;

/// <summary>Control files of a cgroup that are written while it runs.</summary>
public sealed class ControlWriteTests
{
    private const long PageSize = 4096;

    /// <summary>Reads of 3000 pages in order: 10 µs each with the prices of a miss, so 20 ms are about 2000 of them.</summary>
    private static ContainerPlan Scan(params ControlAccess[] controls) =>
        Plans.Of(2000, 3000, Plans.Reading(0, [.. Enumerable.Range(0, 3000).Select(page => (uint)page)])) with { Controls = controls };

    private static ControlAccess Pages(long atNs, ControlFile file, long pages) => new(atNs, file, $"{pages * PageSize}");

    [Fact]
    public void A_lower_limit_holds_from_then_on()
    {
        var container = Plans.Finished(Scan(Pages(10_000_000, ControlFile.MemoryMax, 500)));

        Assert.InRange(container.PagesHeld, 400, 500);
        Assert.Equal(2000, container.PagesLimit);
    }

    [Fact]
    public void A_higher_limit_is_used()
    {
        var container = Plans.Finished(Scan(Pages(1_000_000, ControlFile.MemoryMax, 4000)));

        Assert.Equal(0, Plans.Stat(container, "pgsteal"));
        Assert.Equal(4000, container.PagesLimit);
    }

    [Fact]
    public void What_is_asked_for_is_reclaimed_in_whole_rounds()
    {
        var container = Plans.Finished(Scan(Pages(10_000_000, ControlFile.MemoryReclaim, 300)));
        var without = Plans.Finished(Scan());

        Assert.InRange(Plans.Stat(container, "pgsteal"), 300, Plans.Stat(without, "pgsteal") + 300 + 64);
    }

    [Fact]
    public void More_than_there_is_cannot_be_reclaimed_and_the_write_says_so()
    {
        var container = Plans.Finished(Scan(Pages(10_000_000, ControlFile.MemoryReclaim, 100_000)));

        Assert.Equal(ControlOutcome.Eagain, Assert.Single(new ContainerFigures(container).Controls).Errno);
    }

    [Fact]
    public void A_write_after_the_end_changes_nothing() =>
        Assert.Equal(Plans.Dump(Plans.Finished(Scan())), Plans.Dump(Plans.Finished(Scan(Pages(long.MaxValue, ControlFile.MemoryMax, 100)))));

    [Fact]
    public void Swappiness_decides_from_then_on_what_is_evicted()
    {
        Assert.True(Plans.Stat(Plans.Finished(HeapAndCache()), "pswpout") > 0);
        Assert.Equal(0, Plans.Stat(Plans.Finished(HeapAndCache(new ControlAccess(0, ControlFile.Swappiness, "0"))), "pswpout"));
    }

    [Fact]
    public void A_lower_memory_swap_max_ends_swapping_and_brings_nothing_back()
    {
        var ended = Plans.Finished(HeapAndCache(Pages(20_000_000, ControlFile.MemorySwapMax, 0), new ControlAccess(20_000_000, ControlFile.MemorySwapMax, null), new ControlAccess(20_000_000, ControlFile.MemoryStat, null)));
        var outcomes = new ContainerFigures(ended).Controls;
        var before = long.Parse(outcomes[2].Text!.Split('\n').Single(line => line.StartsWith("pswpout ", StringComparison.Ordinal))[8..], null);

        Assert.Equal("0\n", outcomes[1].Text);
        Assert.True(before > 0);
        Assert.Equal(before, Plans.Stat(ended, "pswpout"));
    }

    [Theory]
    [InlineData("v6.8", ControlOutcome.Einval)]
    [InlineData("v6.12.117", 0)]
    public void Memory_reclaim_takes_a_swappiness_of_its_own_from_v6_9_on(string variant, int errno)
    {
        var write = new ControlAccess(20_000_000, ControlFile.MemoryReclaim, $"{200 * PageSize} swappiness=0");
        var plan = HeapAndCache(new ControlAccess(0, ControlFile.Swappiness, "0"), write with { Value = $"{200 * PageSize} swappiness=200" });
        var container = Plans.Finished(plan with { Kernel = plan.Kernel with { Variant = variant } });

        Assert.Equal(errno, new ContainerFigures(container).Controls[^1].Errno);
        Assert.Equal(errno == 0, Plans.Stat(container, "pswpout") > 0);
    }

    [Theory]
    [InlineData("mglru", "v6.14", ControlOutcome.Einval)]
    [InlineData("mglru", "v6.19", 0)]
    [InlineData("classic", "v6.19", 0)]
    public void With_swappiness_max_memory_reclaim_takes_anonymous_memory_only_from_v6_16_on(string policy, string variant, int errno)
    {
        // Everything fits until then.
        ContainerPlan Plan(params ControlAccess[] controls)
        {
            var plan = HeapAndCache(controls);
            return plan with { MaxPages = 5000, Kernel = plan.Kernel with { Policy = policy, Variant = variant } };
        }

        var late = Plans.Finished(Plan()).NowNs * 3 / 4;
        var container = Plans.Finished(Plan(new ControlAccess(late, ControlFile.MemoryReclaim, $"{200 * PageSize} swappiness=max")));

        Assert.Equal(errno, new ContainerFigures(container).Controls[^1].Errno);
        Assert.Equal(errno == 0, Plans.Stat(container, "pswpout") >= 200);
        Assert.Equal(3000 * PageSize, Plans.Stat(container, "file"));
    }

    [Theory]
    [InlineData("rest")]
    [InlineData("32")]
    [InlineData("quarter of the rest")]
    public void However_it_is_portioned_memory_reclaim_frees_what_was_asked_for(string portion)
    {
        var plan = Scan(Pages(10_000_000, ControlFile.MemoryReclaim, 640));
        var container = Plans.Finished(plan with { MaxPages = 3200, Kernel = plan.Kernel with { Rules = [("proactive.portion", portion)] } });

        // A pass at a higher priority may free more than was left to free.
        Assert.InRange(Plans.Stat(container, "pgsteal"), 640, 2 * 640);
    }

    [Theory]
    [InlineData("mglru")]
    [InlineData("classic")]
    public void Dropped_page_cache_is_gone_and_nothing_of_it_refaults(string policy)
    {
        ContainerPlan Twice() =>
            Plans.Of(1500, 2000, Plans.Reading(0, [.. Enumerable.Range(0, 4000).Select(i => (uint)(i % 2000))])) with { Kernel = new KernelChoice { Policy = policy } };
        var usual = Plans.Finished(Twice());
        var half = usual.NowNs / 2;
        var dropped = Plans.Finished(Twice() with { Controls = [new ControlAccess(half, ControlFile.DropCaches, "3"), new ControlAccess(half, ControlFile.MemoryStat, null)] });

        Assert.True(Plans.Stat(usual, "workingset_refault_file") > 0);
        Assert.StartsWith("anon 0\nfile 0\nkernel 0\n", new ContainerFigures(dropped).Controls[1].Text, StringComparison.Ordinal);
        Assert.True(Plans.Stat(dropped, "workingset_refault_file") < Plans.Stat(usual, "workingset_refault_file"));
    }

    [Fact]
    public void Advice_that_a_file_is_not_needed_drops_that_file_and_no_other()
    {
        // 300 pages of each of two files, and then the last of them for a while.
        static ContainerPlan Plan() => Plans.Of(2000, 300, [.. Enumerable.Range(0, 2).Select(Reader)]) with { FilePages = [300, 300], FileNames = ["a", "b"] };
        static JobPlan Reader(int file) => Plans.Reading(file) with
        {
            Streams = [new StreamPlan { Source = new ListedSource([.. Enumerable.Range(0, 1000).Select(i => (uint)Math.Min(i, 299))]), File = file, Device = new Device(DeviceType.Of("brd")) }],
        };
        var late = Plans.Finished(Plan()).NowNs - 100_000;
        var figures = new ContainerFigures(Plans.Finished(Plan() with { Controls = [new ControlAccess(late, ControlFile.PosixFadvise, "dontneed a")] }));

        Assert.InRange(figures.Residency(0).Resident, 0, 1);
        Assert.Equal(300, figures.Residency(1).Resident);
    }

    [Fact]
    public void Advice_that_a_file_will_be_needed_reads_its_beginning()
    {
        var plan = Plans.Of(2000, 1000, Plans.Reading(0, 0, 500, 900)) with { FileNames = ["a"] };
        var figures = new ContainerFigures(Plans.Finished(plan with { Controls = [new ControlAccess(1, ControlFile.PosixFadvise, "willneed a")] }));

        Assert.Equal(320 + 2, figures.Residency(0).Resident);
        Assert.Equal(3 + 319, figures.Workload(0).DeviceReads);
    }

    [Theory]
    [InlineData("brd", 1)]
    [InlineData("ssd", 300)]
    public void What_is_dirty_is_written_before_it_is_dropped_and_stays_if_that_takes_time(string device, long most)
    {
        var writer = Plans.Writing(0, new Device(DeviceType.Of(device)), [.. Enumerable.Range(0, 1000).Select(i => (uint)Math.Min(i, 299))]);
        static ContainerPlan Plan(JobPlan writer) => Plans.Of(4000, 300, writer) with { FileNames = ["a"] };
        var container = Plans.Finished(Plan(writer) with { Controls = [new ControlAccess(4_000_000, ControlFile.PosixFadvise, "dontneed a")] });

        Assert.True(new ContainerFigures(container).Workload(0).DeviceWrites >= 299);
        Assert.InRange(new ContainerFigures(container).Residency(0).Resident, 1, most);
    }

    [Theory]
    [InlineData(ControlFile.MemoryMax, "1.5G")]
    [InlineData(ControlFile.MemoryReclaim, "64M swappiness=201")]
    [InlineData(ControlFile.MemoryReclaim, "max")]
    [InlineData(ControlFile.Swappiness, "201")]
    [InlineData(ControlFile.LruGenEnabled, "maybe")]
    [InlineData(ControlFile.LruGen, "* 1 0 3")]
    [InlineData(ControlFile.DropCaches, "4")]
    [InlineData(ControlFile.PosixFadvise, "dontneed nothing")]
    [InlineData(ControlFile.MemoryStat, "1")]
    public void Nonsense_is_refused_and_changes_nothing(ControlFile file, string text)
    {
        Assert.NotNull(ControlSyntax.Problem(file, text, new KernelChoice(), []));

        var container = Plans.Finished(Scan(new ControlAccess(10_000_000, file, text)));
        Assert.Equal(ControlOutcome.Einval, Assert.Single(new ContainerFigures(container).Controls).Errno);
        Assert.Equal(Plans.Dump(Plans.Finished(Scan())), Plans.Dump(container));
    }

    [Fact]
    public void How_a_run_is_cut_into_steps_does_not_matter()
    {
        ControlAccess[] controls =
        [
            Pages(5_000_000, ControlFile.MemoryReclaim, 100), new(6_000_000, ControlFile.LruGenEnabled, "n"), Pages(7_000_000, ControlFile.MemoryHigh, 700),
            Pages(10_000_000, ControlFile.MemoryMax, 800), new(11_000_000, ControlFile.LruGenEnabled, "y"), new(12_000_000, ControlFile.DropCaches, "1"),
        ];
        var cut = new Container(Scan(controls));
        while (cut.Run(Plans.Forever, Plans.AllPages, 7) != StopReason.Done)
        {
        }

        Assert.Equal(Plans.Dump(Plans.Finished(Scan(controls))), Plans.Dump(cut));
    }

    [Fact]
    public void A_write_asked_for_on_the_way_is_the_same_as_one_planned_for_that_time()
    {
        var live = new Container(Scan());
        live.Run(Plans.Forever, Plans.AllPages, 1000);
        var at = live.Schedule(ControlFile.MemoryReclaim, $"{300 * PageSize}");
        live.Run(Plans.Forever, Plans.AllPages, long.MaxValue);

        Assert.Equal(Plans.Dump(Plans.Finished(Scan(Pages(at, ControlFile.MemoryReclaim, 300)))), Plans.Dump(live));
    }

    /// <summary>A heap of 900 pages, stored to once, beside a loop over a file of 3000, in 1000 pages.</summary>
    private static ContainerPlan HeapAndCache(params ControlAccess[] controls)
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
            Controls = controls,
        };
    }
}
