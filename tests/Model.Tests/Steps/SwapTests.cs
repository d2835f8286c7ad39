using Reclaim.Model.Kernels;
using Reclaim.Model.Steps;
using Reclaim.Model.Swap;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Steps;

/// <summary>Heaps that are swapped to devices which take time, and to memory.</summary>
public sealed class SwapTests
{
    private const uint Store = AccessSource.WriteBit;

    public static TheoryData<string, string, string> Kernels
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var (policy, variant) in new[] { ("mglru", "v6.1.192"), ("mglru", "v6.7-rc4"), ("mglru", "v6.8"), ("mglru", "v6.12.117"), ("mglru", "v6.14"), ("mglru", "v6.19"), ("classic", "v6.1.192"), ("classic", "v6.12.117") })
            {
                foreach (var device in new[] { "brd", "nvme", "ssd", "hdd" })
                {
                    data.Add(policy, variant, device);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_page_has_a_place_and_a_slot_has_a_page(string policy, string variant, string device)
    {
        var container = Plans.Finished(Heap(policy, variant, device, max: 1000, pages: 3000, swap: 4000, [.. Stores(3000), .. Scattered(3000, 9000, 3)]));

        var memcg = container.Memcg!;
        memcg.Lruvec.Drain();
        var anon = Enumerable.Range((int)memcg.Folios.FirstAnon, 3000).Select(page => (uint)page).ToList();
        var (inactive, active) = memcg.Lruvec.AnonSizes;
        Assert.All(anon, page => Assert.True(memcg.Folios.State[page] != 0 || memcg.Swap.HasSlot(page)));
        Assert.Equal(memcg.SwapUsed, anon.Count(memcg.Swap.HasSlot));
        Assert.Equal(memcg.SwapCached, anon.Count(page => memcg.Swap.HasSlot(page) && memcg.Folios.State[page] != 0));
        Assert.Equal(memcg.AnonPages, anon.Count(page => memcg.Folios.State[page] != 0));
        Assert.Equal(memcg.AnonPages, inactive + active);
        Assert.Equal(memcg.Charge.Usage, memcg.FilePages + memcg.AnonPages + memcg.Kernel.Pages + memcg.Charge.Stock);
        Assert.InRange(memcg.Charge.Usage, 1, 1000);
        Assert.Equal(Plans.Stat(container, "pswpin"), container.Misses + Plans.Stat(container, "swap_ra"));
        Assert.InRange(Plans.Stat(container, "swap_ra_hit"), 0, Plans.Stat(container, "pswpin") + Plans.Stat(container, "pswpout"));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void How_a_run_is_cut_into_steps_does_not_matter(string policy, string variant, string device)
    {
        CutInto(100, null);
        CutInto(7, new ZswapPlan { Ratio = 2.63, MaxPoolPages = 60, InNs = 1700, OutNs = 3000, MaxPages = 100 });
        CutInto(1, new ZswapPlan { Ratio = 2.63, MaxPoolPages = 200, InNs = 1700, OutNs = 3000, MaxPages = 40 });

        void CutInto(int accesses, ZswapPlan? zswap)
        {
            var whole = Plans.Dump(Plans.Finished(Two() with { Zswap = zswap }));
            var cut = new Container(Two() with { Zswap = zswap });
            while (cut.Run(Plans.Forever, Plans.AllPages, accesses) != StopReason.Done)
            {
            }

            Assert.Equal(whole, Plans.Dump(cut));
        }

        ContainerPlan Two()
        {
            var disk = new Device(DeviceType.Of(device));
            return Plans.Of(
                700,
                2000,
                new JobPlan { Workload = 0, Streams = [Anonymous(0, [.. Stores(900), .. Scattered(900, 1500, 1)])] },
                new JobPlan { Workload = 1, Streams = [Anonymous(1, [.. Scattered(600, 1500, 2)])] },
                Plans.Reading(2, disk, [.. Scattered(2000, 1500, 3).Select(page => page & ~Store)]),
                Plans.Writing(3, disk, [.. Scattered(2000, 500, 4).Select(page => page & ~Store)])) with
            {
                Kernel = new KernelChoice { Policy = policy, Variant = variant, Swappiness = 100 },
                HeapPages = [900, 600],
                SwapPages = 2000,
                SwapAreas =
                [
                    new SwapAreaPlan { Pages = 300, Device = new Device(DeviceType.Of("brd")), Priority = 10, InNs = 1700, OutNs = 3000, Ratio = 3 },
                    new SwapAreaPlan { Pages = 2000, Device = disk, Rotational = device == "hdd", InNs = 1700, OutNs = 3000 },
                ],
            };
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void What_is_only_read_is_written_once_as_long_as_swap_is_less_than_half_full(string policy, string variant, string device)
    {
        uint[] accesses = [.. Stores(3000), .. Loads(3000), .. Loads(3000), .. Loads(3000)];
        long Written(long swap) => Plans.Stat(Plans.Finished(Heap(policy, variant, device, max: 1000, pages: 3000, swap, accesses)), "pswpout");

        var (roomy, tight) = (Written(100_000), Written(3500));

        // A device that is memory keeps no copy of what is in memory.
        Assert.True(device == "brd" ? roomy > 3000 : roomy is > 1500 and <= 3000, $"{roomy}");
        Assert.True(tight > 3000, $"{tight}");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_heap_that_is_stored_to_is_written_each_time(string policy, string variant, string device)
    {
        var container = Plans.Finished(Heap(policy, variant, device, max: 1000, pages: 3000, swap: 100_000, [.. Stores(3000), .. Stores(3000), .. Stores(3000)]) with { PageCluster = 0 });

        // Every page came in by a store, which frees its slot.
        Assert.Equal(Plans.Stat(container, "pswpout") - Plans.Stat(container, "pswpin"), container.Memcg!.SwapUsed);
        Assert.True(Plans.Stat(container, "pswpout") > 6000);
    }

    [Theory]
    [InlineData("nvme")]
    [InlineData("hdd")]
    public void A_heap_gone_through_in_order_is_read_ahead_of(string device)
    {
        uint[] accesses = [.. Stores(3000), .. Loads(3000)];
        var ahead = Plans.Finished(Heap("mglru", "v6.8", device, 1000, 3000, 100_000, accesses));
        var alone = Plans.Finished(Heap("mglru", "v6.8", device, 1000, 3000, 100_000, accesses) with { PageCluster = 0 });

        Assert.True(Plans.Stat(ahead, "swap_ra_hit") > 2000);
        Assert.True(Plans.Stat(ahead, "pgmajfault") < 3000 / 8 + 10);
        Assert.True(ahead.NowNs < alone.NowNs / 2);
        Assert.Equal((0, Plans.Stat(alone, "pswpin")), (Plans.Stat(alone, "swap_ra"), Plans.Stat(alone, "pgmajfault")));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Pages_under_writeback_are_waited_for(string policy, string variant, string device)
    {
        // Stores come faster than any device writes, and there is nothing else to reclaim.
        var container = Plans.Finished(Heap(policy, variant, device, max: 128, pages: 2000, swap: 4000, [.. Stores(2000)]));

        var disk = DeviceType.Of(device);
        var least = disk.BytesPerSecond == 0 ? 0 : Plans.Stat(container, "pswpout") * 4096 * 1_000_000_000 / disk.BytesPerSecond;
        Assert.Equal(0, container.Misses);
        Assert.True(Plans.Stat(container, "pswpout") >= 2000 - 128);
        Assert.True(container.NowNs >= least - disk.LatencyNs - 64 * 4096 * 1_000_000_000L / Math.Max(1, disk.BytesPerSecond), $"{container.NowNs} {least}");
    }

    [Theory]
    [InlineData("mglru")]
    [InlineData("classic")]
    public void The_node_holds_what_is_charged_and_what_is_compressed(string policy)
    {
        var plan = Heap(policy, "v6.8", "brd", max: 1000, pages: 3000, swap: 4000, [.. Stores(3000)]);
        var container = Plans.Finished(plan with { SwapAreas = [new SwapAreaPlan { Pages = 4000, Device = plan.SwapDevice!, Ratio = 2.63 }] });

        var memcg = container.Memcg!;
        Assert.Equal(memcg.Charge.Usage, container.PagesCharged);
        Assert.Equal(memcg.Charge.Usage + (long)Math.Ceiling(memcg.SwapUsed / 2.63), container.PagesHeld);
        Assert.True(memcg.SwapUsed > 1500);
        Assert.InRange(container.PagesHeld, container.PagesCharged + 1, container.PagesLimit);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Zswap_is_charged_for_and_holds_what_was_swapped_and_is_not_written_on(string policy, string variant, string device)
    {
        var container = Plans.Finished(Heap(policy, variant, device, max: 1000, pages: 3000, swap: 4000, [.. Stores(3000), .. Scattered(3000, 9000, 3)]) with
        {
            Zswap = new ZswapPlan { Ratio = 4, MaxPoolPages = 300 },
        });

        var memcg = container.Memcg!;
        var zswap = memcg.Zswap!;
        var anon = Enumerable.Range((int)memcg.Folios.FirstAnon, 3000).Select(page => (uint)page).ToList();
        Assert.Equal(zswap.Stored, anon.Count(zswap.Has));
        Assert.All(anon.Where(zswap.Has), page => Assert.True(memcg.Folios.State[page] == 0 && memcg.Swap.HasSlot(page)));
        Assert.All(anon, page => Assert.True(memcg.Folios.State[page] != 0 || memcg.Swap.HasSlot(page)));
        Assert.Equal(memcg.Charge.Usage, memcg.FilePages + memcg.AnonPages + memcg.Kernel.Pages + memcg.Charge.Stock);
        Assert.InRange(memcg.Charge.Usage, 1, 1000);

        // Beyond page tables and what processes hold, kernel memory is the pool and less than two pages that are being filled.
        Assert.InRange(memcg.Kernel.Pages - memcg.Kernel.PageTables, zswap.Bytes / 4096, zswap.Bytes / 4096 + 2);
        Assert.InRange(zswap.Bytes / 4096, 1, 300);
        Assert.True(Plans.Stat(container, "zswpout") >= zswap.Stored + Plans.Stat(container, "zswpin") + Plans.Stat(container, "zswpwb"));
        Assert.True(Plans.Stat(container, "pswpout") > Plans.Stat(container, "zswpwb"));
        Assert.True(Plans.Stat(container, "zswpwb") > 0);
    }

    [Theory]
    [InlineData("mglru")]
    [InlineData("classic")]
    public void With_room_in_zswap_the_device_is_not_touched(string policy)
    {
        var container = Plans.Finished(Heap(policy, "v6.8", "hdd", max: 1000, pages: 2000, swap: 4000, [.. Stores(2000), .. Scattered(2000, 9000, 3)]) with
        {
            Zswap = new ZswapPlan { Ratio = 4, MaxPoolPages = 10_000 },
        });

        Assert.True(container.Misses > 0);
        Assert.Equal((0, 0, 0), (Plans.Stat(container, "pswpin"), Plans.Stat(container, "pswpout"), Plans.Stat(container, "zswpwb")));
        Assert.Equal(0, container.Plan.SwapAreas[0].Device.Transfers);
        Assert.True(container.NowNs < DeviceType.Of("hdd").LatencyNs * container.Misses);
    }

    [Theory]
    [InlineData("mglru")]
    [InlineData("classic")]
    public void Without_writeback_what_zswap_does_not_take_stays_in_memory(string policy)
    {
        ContainerPlan Limited(long zswapMax) => Heap(policy, "v6.8", "nvme", max: 1000, pages: 1500, swap: 4000, [.. Stores(1500), .. Stores(1500)]) with
        {
            Zswap = new ZswapPlan { Ratio = 4, MaxPoolPages = 10_000, MaxPages = zswapMax, Writeback = false },
        };

        var container = Plans.Finished(Limited(long.MaxValue));
        Assert.Equal((0, 0), (Plans.Stat(container, "pswpout"), Plans.Stat(container, "zswpwb")));
        Assert.True(Plans.Stat(container, "zswpout") > 1000);
        Assert.Single(new ContainerFigures(Plans.Finished(Limited(10))).OomKills);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_process_that_exits_leaves_nothing_in_swap_nor_in_its_cache(string policy, string variant, string device)
    {
        var plan = Heap(policy, variant, device, max: 1000, pages: 3000, swap: 8000, [.. Stores(3000), .. Scattered(3000, 5000, 3)]);
        var container = Plans.Finished(plan with { Jobs = [plan.Jobs[0] with { Exits = true }], Zswap = new ZswapPlan { Ratio = 4, MaxPoolPages = 50 } });

        var memcg = container.Memcg!;
        Assert.True(Plans.Stat(container, "pswpout") > 0);
        Assert.Equal((0, 0, 0), (memcg.AnonPages, memcg.SwapUsed, memcg.SwapCached));
        Assert.Equal(0, memcg.Zswap!.Stored);
        Assert.Equal(memcg.Charge.Usage, memcg.Kernel.Pages + memcg.Charge.Stock);
    }

    [Fact]
    public void A_swap_slot_given_back_is_free_and_its_page_as_if_never_written()
    {
        var container = Plans.Finished(Heap("mglru", "v6.8", "nvme", max: 1000, pages: 3000, swap: 100_000, [.. Stores(3000), .. Loads(3000)]));
        var memcg = container.Memcg!;
        var (used, cached) = (memcg.SwapUsed, memcg.SwapCached);
        var pages = Enumerable.Range((int)memcg.Folios.FirstAnon, 3000).Select(page => (uint)page).ToList();
        var outside = pages.First(page => memcg.Folios.State[page] == 0);
        var inside = pages.First(page => memcg.Folios.State[page] != 0 && memcg.Swap.HasSlot(page));

        memcg.FreeSwap(outside);
        memcg.FreeSwap(inside);
        memcg.FreeSwap(inside);

        Assert.Equal((used - 2, cached - 1), (memcg.SwapUsed, memcg.SwapCached));
        Assert.Equal((0u, false, false), (memcg.Folios.Word[outside], memcg.Swap.HasSlot(outside), memcg.Swap.HasSlot(inside)));
    }

    private static ContainerPlan Heap(string policy, string variant, string device, long max, int pages, long swap, uint[] accesses)
    {
        var disk = new Device(DeviceType.Of(device));
        return Plans.Of(max, 1, new JobPlan { Workload = 0, Streams = [Anonymous(0, accesses)] }) with
        {
            Kernel = new KernelChoice { Policy = policy, Variant = variant, Swappiness = 60 },
            HeapPages = [pages],
            SwapPages = swap,
            SwapDevice = disk,
            SwapAreas = [new SwapAreaPlan { Pages = swap, Device = disk, Rotational = device == DeviceType.Rotational, InNs = 1700, OutNs = 3000 }],
        };
    }

    private static StreamPlan Anonymous(int heap, uint[] accesses) =>
        new() { Source = new ListedSource(accesses), File = heap, Device = new Device(DeviceType.Of("brd")), Path = AccessPath.Anonymous };

    private static IEnumerable<uint> Stores(int pages) => Enumerable.Range(0, pages).Select(page => (uint)page | Store);

    private static IEnumerable<uint> Loads(int pages) => Enumerable.Range(0, pages).Select(page => (uint)page);

    /// <summary>Loads and stores by turns.</summary>
    private static IEnumerable<uint> Scattered(uint pages, int count, ulong seed)
    {
        for (var i = 0; i < count; i++)
        {
            seed = seed * 6364136223846793005 + 1442695040888963407;
            yield return (uint)(seed >> 33) % pages | (seed >> 63 == 0 ? 0 : Store);
        }
    }
}
