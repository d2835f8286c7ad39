using Reclaim.Model.Folios;
using Reclaim.Model.Kernels;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Memcg;
using Reclaim.Model.Time;
using Xunit;

namespace Reclaim.Model.Tests.Steps;

/// <summary>Dirty pages: when they are written, and how reclaim meets them.</summary>
public class WritingTests
{
    private const long Second = 1_000_000_000;

    public static TheoryData<string, string> Kernels() =>
        [.. from policy in new[] { KernelChoice.MultiGen, KernelChoice.Classic } from variant in KernelChoice.Variants select (policy, variant)];

    [Fact]
    public void A_dirty_page_is_written_when_it_is_thirty_seconds_old()
    {
        var (cgroup, writeback) = WithDirtyPage();

        writeback.RunUntil(29 * Second);
        Assert.Equal((1L, 0L), (writeback.Dirty, writeback.WrittenFor(0)));
        writeback.RunUntil(30 * Second);
        Assert.Equal((0L, 1L, 1L), (writeback.Dirty, writeback.UnderWriteback, writeback.WrittenFor(0)));
        writeback.RunUntil(31 * Second);
        Assert.Equal(0, writeback.UnderWriteback);
        Assert.Equal(WritebackFlags.None, cgroup.Memcg.Folios.Writeback[0]);
    }

    [Fact]
    public void A_page_written_twice_is_dirty_once()
    {
        var (_, writeback) = WithDirtyPage();
        writeback.MarkDirty(0, new Device(DeviceType.Of("ssd")), 0, 1);

        Assert.Equal(1, writeback.Dirty);
    }

    [Theory, MemberData(nameof(Kernels))]
    public void A_stream_of_writes_is_written_back_as_it_goes(string policy, string variant)
    {
        var device = new Device(DeviceType.Of("ssd"));
        var plan = Plans.Of(1000, 4000, Plans.Writing(0, device, [.. Cgroup.Pages(0, 4000)])) with { Kernel = new KernelChoice { Policy = policy, Variant = variant } };
        var container = Plans.Finished(plan);
        var figures = new ContainerFigures(container).Workload(0);

        Assert.Equal((4000L, 4000L, 0L), (figures.Accesses, figures.Misses, figures.DeviceReads));
        Assert.Equal(4000, figures.DeviceWrites + Plans.Stat(container, "file_dirty") / 4096);
        Assert.InRange(figures.DeviceWrites, 3800, 4000);
        Assert.InRange(Plans.Stat(container, "file"), 4096, 1000 * 4096);
    }

    [Theory, MemberData(nameof(Kernels))]
    public void Pages_only_written_are_never_accessed_and_never_refault(string policy, string variant)
    {
        var pages = Enumerable.Range(0, 3).SelectMany(_ => Cgroup.Pages(0, 4000)).ToArray();
        var plan = Plans.Of(1000, 4000, Plans.Writing(0, new Device(DeviceType.Of("ssd")), pages)) with { Kernel = new KernelChoice { Policy = policy, Variant = variant } };
        var container = Plans.Finished(plan);

        Assert.Equal(0, container.Refaults);
        Assert.Equal(0, Plans.Stat(container, "workingset_activate_file"));
        Assert.All(container.Memcg!.Folios.State, state => Assert.Equal(0, state & FolioFlags.Referenced));
    }

    [Theory]
    [InlineData("v6.1.192")]
    [InlineData("v6.8")]
    public void Up_to_v6_8_a_dirty_page_is_moved_to_the_next_generation_and_not_counted_as_scanned(string variant)
    {
        var cgroup = Dirtied(Cgroup.MultiGen(1 << 20, 1000, variant));
        cgroup.Shrink(priority: 6);

        Assert.Equal(64, cgroup.Shrink(priority: 5));

        Assert.Equal([0u], cgroup.Mglru.Pages(2));
        Assert.Equal(WritebackFlags.Dirty | WritebackFlags.Reclaim, cgroup.Memcg.Folios.Writeback[0]);
        Assert.Equal((64L, 64L, 1L, 0L), Counters(cgroup));
    }

    [Fact]
    public void In_late_v6_12_it_is_scanned_and_comes_back_to_the_youngest_generation()
    {
        var cgroup = Dirtied(Cgroup.MultiGen(1 << 20, 1000, "v6.12.117"));
        cgroup.Shrink(priority: 6);

        Assert.Equal(63, cgroup.Shrink(priority: 5));

        Assert.Equal([0u], cgroup.Mglru.Pages(cgroup.Mglru.MaxSeq));
        Assert.Equal(WritebackFlags.Dirty | WritebackFlags.Reclaim, cgroup.Memcg.Folios.Writeback[0]);
        Assert.Equal((64L, 63L, 0L, 1L), Counters(cgroup));
    }

    [Fact]
    public void With_active_and_inactive_lists_it_waits_on_the_active_list()
    {
        var cgroup = Dirtied(Cgroup.OfClassic(1 << 20, 1000));

        cgroup.Shrink(priority: 2, ask: 20);

        Assert.Equal([0u], cgroup.Classic.ActivePages);
        Assert.Equal(1, cgroup.Memcg.Stat.Pgscan - cgroup.Memcg.Stat.Pgsteal);
    }

    [Fact]
    public void When_its_writeback_ends_a_page_that_reclaim_met_is_the_next_to_go()
    {
        var cgroup = Cgroup.MultiGen(1 << 20, 1000, "v6.12.117");
        cgroup.Memcg.Folios.TrackWriteback();
        var writeback = new Writeback(cgroup.Memcg, 1);
        cgroup.Read(Cgroup.Pages(0, 100));
        writeback.MarkDirty(0, new Device(DeviceType.Of("ssd")), 0, 0);
        cgroup.Shrink(priority: 6);
        cgroup.Shrink(priority: 5);

        writeback.RunUntil(30 * Second);
        writeback.RunUntil(31 * Second);

        Assert.Equal(0u, cgroup.Mglru.Pages(cgroup.Mglru.MinSeq(MultiGenLruvec.File)).First());
        Assert.Equal(WritebackFlags.None, cgroup.Memcg.Folios.Writeback[0]);
    }

    [Fact]
    public void A_write_of_a_part_of_a_missing_page_reads_it_first()
    {
        var half = Plans.Writing(0, new Device(DeviceType.Of("ssd")), 0, 1, 2, 3);
        half = half with { Streams = [half.Streams[0] with { BlockBytes = 2048 }] };
        var figures = new ContainerFigures(Plans.Finished(Plans.Of(1000, 64, half))).Workload(0);

        Assert.Equal((2L, 2L), (figures.Misses, figures.DeviceReads));
    }

    private static (long Scan, long Steal, long Refill, long Activate) Counters(Cgroup cgroup)
    {
        var stat = cgroup.Memcg.Stat;
        return (stat.Pgscan, stat.Pgsteal, stat.Pgrefill, stat.Pgactivate);
    }

    private static (Cgroup Cgroup, Writeback Writeback) WithDirtyPage()
    {
        var cgroup = Cgroup.MultiGen(1 << 20, 1000);
        cgroup.Memcg.Folios.TrackWriteback();
        cgroup.Read(Cgroup.Pages(0, 100));
        var writeback = new Writeback(cgroup.Memcg, 1);
        writeback.MarkDirty(0, new Device(DeviceType.Of("ssd")), 0, 0);
        return (cgroup, writeback);
    }

    /// <summary>100 pages, the first of them dirty.</summary>
    private static Cgroup Dirtied(Cgroup cgroup)
    {
        cgroup.Memcg.Folios.TrackWriteback();
        cgroup.Read(Cgroup.Pages(0, 100));
        cgroup.Memcg.Folios.Writeback[0] = WritebackFlags.Dirty;
        return cgroup;
    }
}
