using CsCheck;
using Reclaim.Model.Classic;
using Reclaim.Model.Folios;
using Reclaim.Model.Kernels;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Readahead;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Memcg;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;
using Reclaim.Model.Writeback;
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

    [Theory]
    [InlineData(KernelChoice.MultiGen, "v6.1.192", false)]
    [InlineData(KernelChoice.MultiGen, "v6.8", false)]
    [InlineData(KernelChoice.MultiGen, "v6.12.117", true)]
    [InlineData(KernelChoice.MultiGen, "v6.14", true)]
    [InlineData(KernelChoice.MultiGen, "v6.19", true)]
    [InlineData(KernelChoice.Classic, "v6.1.192", true)]
    [InlineData(KernelChoice.Classic, "v6.8", true)]
    [InlineData(KernelChoice.Classic, "v6.12.117", true)]
    public void Only_reclaim_that_wakes_the_flushers_survives_a_memory_full_of_dirty_pages(string policy, string variant, bool survives)
    {
        var kernel = new KernelChoice { Policy = policy, Variant = variant };
        var container = Plans.Finished(OnlyReclaimWrites(kernel));
        Assert.Equal(survives ? 0 : 1, new ContainerFigures(container).OomKills.Count);
        if (!survives)
        {
            return;
        }

        Assert.Equal((400L, 900L), (container.Accesses - 900, container.Memcg!.AnonPages));
        Assert.True(container.Loop.Writeback!.WrittenFor(0) >= Plans.Stat(container, "pgsteal"));
    }

    [Theory]
    [InlineData("dirty pass", "next gen")]
    [InlineData("dirty round", "isolate")]
    public void So_do_kernels_to_which_the_rule_is_added(string wake, string sort)
    {
        var kernel = new KernelChoice { Variant = "v6.8", Rules = [("flusher.wake", wake), ("sort.dirty", sort)] };

        Assert.Equal(900, Plans.Finished(OnlyReclaimWrites(kernel)).Memcg!.AnonPages);
    }

    [Theory]
    [InlineData("v6.12.117", true)]
    [InlineData("v6.12.117", false)]
    public void One_clean_page_in_a_round_and_the_flushers_sleep_on(string variant, bool allDirty)
    {
        var cgroup = Dirtied(Cgroup.MultiGen(1 << 20, 64, variant), dirty: allDirty ? 64 : 63);
        var woken = 0;
        cgroup.Memcg.WakeFlushers = () => woken++;
        cgroup.Shrink(priority: 6);
        cgroup.Shrink(priority: 5);

        Assert.Equal(allDirty, woken > 0);
    }

    [Theory]
    [InlineData(WritebackFlags.Dirty)]
    [InlineData(WritebackFlags.Writeback)]
    internal void With_active_and_inactive_lists_only_the_reference_of_a_dirty_page_is_forgotten(WritebackFlags flags)
    {
        // One under writeback is put back before anybody asks whether it was referenced.
        var cgroup = Dirtied(Cgroup.OfClassic(1 << 20, 1000), flags: flags);

        cgroup.Shrink(priority: 2, ask: 20);

        Assert.Equal([0u], cgroup.Classic.ActivePages);
        Assert.Equal(flags == WritebackFlags.Writeback, (cgroup.State[0] & ClassicLruvec.Referenced) != 0);
    }

    [Fact]
    public void When_its_writeback_ends_a_page_that_reclaim_met_is_the_next_to_go()
    {
        var cgroup = Cgroup.MultiGen(1 << 20, 1000, "v6.12.117");
        cgroup.Memcg.Folios.TrackWriteback();
        var writeback = new WritebackDomain(cgroup.Memcg, 1, new DirtySysctls(), 1 << 20, FlusherShare.AtLeastEighth);
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

    [Theory, MemberData(nameof(Kernels))]
    public void How_the_run_is_cut_into_steps_changes_nothing(string policy, string variant) =>
        Gen.Select(Mixes, Mixes, Gen.Int[1, 300], Gen.Long[1_000, 20_000_000], Gen.Bool).Sample((one, other, budget, stepNs, turns) =>
        {
            var plan = () => Mixed(one, other, turns) with { Kernel = new KernelChoice { Policy = policy, Variant = variant } };
            var (byAccesses, byTime) = (new Container(plan()), new Container(plan()));
            while (byAccesses.Run(Plans.Forever, Plans.AllPages, budget) != StopReason.Done)
            {
            }

            for (var horizon = stepNs; byTime.Run(horizon, Plans.AllPages, long.MaxValue) != StopReason.Done; horizon += stepNs)
            {
            }

            var whole = Plans.Dump(Plans.Finished(plan()));
            Assert.Equal(whole, Plans.Dump(byAccesses));
            Assert.Equal(whole, Plans.Dump(byTime));
        }, iter: 20);

    [Theory, MemberData(nameof(Kernels))]
    public void A_page_leaves_memory_clean(string policy, string variant) =>
        Gen.Select(Mixes, Mixes, Gen.Bool).Sample((one, other, turns) =>
        {
            var container = new Container(Mixed(one, other, turns) with { Kernel = new KernelChoice { Policy = policy, Variant = variant } });
            var (state, flags) = (container.Memcg!.Folios.State, container.Memcg.Folios.Writeback);
            while (container.Run(Plans.Forever, Plans.AllPages, 50) != StopReason.Done)
            {
                Assert.All(state.Zip(flags), page => Assert.True(page.First != 0 || page.Second == WritebackFlags.None));
            }

            Assert.Equal(flags.Count(flag => (flag & WritebackFlags.Dirty) != 0), container.Loop.Writeback!.Dirty);
        }, iter: 20);

    /// <summary>Reads and writes of a file larger than memory, many of them of a part of it.</summary>
    private static Gen<uint[]> Mixes => Gen.Select(Gen.Frequency((1, Gen.UInt[0, 799]), (1, Gen.UInt[0, 80])), Gen.Bool)
        .Select((page, write) => write ? page | AccessSource.WriteBit : page).Array[1, 1500];

    /// <summary>A job through descriptors, one through a mapping and one that reads ahead, all of one file on one device.</summary>
    private static ContainerPlan Mixed(uint[] one, uint[] other, bool turns)
    {
        var device = new Device(DeviceType.Of("ssd"));
        var stream = new StreamPlan { Source = new ListedSource(one), File = 0, Device = device, Writes = true };
        return Plans.Of(300, 800,
            new JobPlan { Workload = 0, Streams = [stream], Turn = 7 },
            new JobPlan { Workload = 1, Streams = [stream with { Source = new ListedSource(other), Path = AccessPath.Mapped }], Turn = 5 },
            new JobPlan { Workload = 2, Streams = [stream with { Source = new ListedSource([.. Cgroup.Pages(0, 400)]), Writes = false, ReadAheadPages = 32, Advice = ReadaheadAdvice.Normal }] }) with
        {
            Turns = turns,
            TlbEntries = 64,
            Dirty = new DirtySysctls { ExpireCentisecs = 1, WritebackCentisecs = 1 },
        };
    }

    private static (long Scan, long Steal, long Refill, long Activate) Counters(Cgroup cgroup)
    {
        var stat = cgroup.Memcg.Stat;
        return (stat.Pgscan, stat.Pgsteal, stat.Pgrefill, stat.Pgactivate);
    }

    private static (Cgroup Cgroup, WritebackDomain Writeback) WithDirtyPage()
    {
        var cgroup = Cgroup.MultiGen(1 << 20, 1000);
        cgroup.Memcg.Folios.TrackWriteback();
        cgroup.Read(Cgroup.Pages(0, 100));
        var writeback = new WritebackDomain(cgroup.Memcg, 1, new DirtySysctls(), 1 << 20, FlusherShare.AtLeastEighth);
        writeback.MarkDirty(0, new Device(DeviceType.Of("ssd")), 0, 0);
        return (cgroup, writeback);
    }

    /// <summary>
    /// All of the page cache is dirty, which is allowed, when a heap takes its place: only reclaim could start the flushers.
    /// </summary>
    private static ContainerPlan OnlyReclaimWrites(KernelChoice kernel)
    {
        var heap = new StreamPlan
        {
            Source = new ListedSource([.. Cgroup.Pages(0, 900).Select(page => page | AccessSource.WriteBit)]),
            File = 0,
            Path = AccessPath.Anonymous,
            Device = new Device(DeviceType.Of("brd")),
        };
        return Plans.Of(1000, 400,
            Plans.Writing(0, new Device(DeviceType.Of("ssd")), [.. Cgroup.Pages(0, 400)]) with { Turn = 400 },
            new JobPlan { Workload = 1, Streams = [heap] }) with
        {
            Kernel = kernel,
            HeapPages = [900],
            Turns = true,
            Dirty = new DirtySysctls { Ratio = 60, BackgroundRatio = 50, WritebackCentisecs = 0 },
        };
    }

    /// <summary>The file read once, its first pages dirty.</summary>
    private static Cgroup Dirtied(Cgroup cgroup, int dirty = 1, WritebackFlags flags = WritebackFlags.Dirty)
    {
        cgroup.Memcg.Folios.TrackWriteback();
        cgroup.Read(Cgroup.Pages(0, Math.Min(100, cgroup.State.Length)));
        cgroup.Memcg.Folios.Writeback.AsSpan(0, dirty).Fill(flags);
        return cgroup;
    }
}
