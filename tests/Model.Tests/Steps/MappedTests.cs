using Reclaim.Model.Kernels;
using Reclaim.Model.Mappings;
using Reclaim.Model.Steps;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Steps;

/// <summary>Containers that touch memory through page tables.</summary>
public sealed class MappedTests
{
    private const uint Store = AccessSource.WriteBit;

    public static TheoryData<string, string> Kernels { get; } = new()
    {
        { "mglru", "v6.1.192" },
        { "mglru", "v6.7-rc4" },
        { "mglru", "v6.8" },
        { "mglru", "v6.12.117" },
        { "mglru", "v6.14" },
        { "mglru", "v6.19" },
        { "mglru", "opencloudos" },
        { "classic", "v6.1.192" },
        { "classic", "v6.12.117" },
    };

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_mapped_file_that_fits_is_read_once(string policy, string variant)
    {
        var container = Plans.Finished(Mapped(policy, variant, max: 1000, pages: 500, [.. Twice(500)]));

        Assert.Equal(500, container.Misses);
        Assert.Equal(500, Plans.Stat(container, "pgmajfault"));
        Assert.Equal(1, Plans.Stat(container, "pagetables") >> 12);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_process_pays_for_a_page_of_page_table_for_each_512_pages(string policy, string variant)
    {
        var container = Plans.Finished(Mapped(policy, variant, max: 4000, pages: 2000, [0, 511, 512, 1999]));

        Assert.Equal(3, Plans.Stat(container, "pagetables") >> 12);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Anonymous_memory_that_is_only_read_costs_nothing(string policy, string variant)
    {
        var container = Plans.Finished(Heap(policy, variant, max: 1000, pages: 500, swap: 1000, [.. Twice(500)]));

        Assert.Equal(0, Plans.Stat(container, "anon"));
        Assert.Equal(0, container.Misses);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_heap_larger_than_memory_is_in_memory_and_in_swap_and_nowhere_else(string policy, string variant)
    {
        var container = Plans.Finished(Heap(policy, variant, max: 1000, pages: 3000, swap: 4000, [.. Stores(3000), .. Stores(3000)]));

        var memcg = container.Memcg!;
        Assert.Equal(3000, memcg.AnonPages + memcg.SwapUsed);
        Assert.Equal(Plans.Stat(container, "pswpout") - Plans.Stat(container, "pswpin"), memcg.SwapUsed);
        Assert.Equal(Plans.Stat(container, "workingset_refault_anon") > 0 || variant == "v6.1.192", Plans.Stat(container, "pswpin") > 0);
        Assert.Equal(container.Misses, Plans.Stat(container, "pswpin"));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Without_swap_the_heap_stays_and_the_page_cache_makes_room(string policy, string variant)
    {
        var heap = new JobPlan { Workload = 0, Streams = [Anonymous(0, [.. Stores(400)])] };
        var reader = Plans.Reading(1, [.. Twice(3000)]);
        var container = Plans.Finished(Plans.Of(1000, 3000, heap, reader) with { Kernel = Kernel(policy, variant, 0), HeapPages = [400] });

        Assert.Equal(400, container.Memcg!.AnonPages);
        Assert.True(Plans.Stat(container, "pgsteal") > 0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Swap_that_is_full_takes_nothing_more(string policy, string variant)
    {
        // 1500 pages of heap in 1000 of memory and 600 of swap: just enough for what page tables and batches need.
        var container = Plans.Finished(Heap(policy, variant, max: 1000, pages: 1500, swap: 700, [.. Stores(1500), .. Stores(1500)]));

        Assert.InRange(container.Memcg!.SwapUsed, 500, 700);
    }

    [Fact]
    public void A_mapping_without_recency_is_evicted_first_in_first_out()
    {
        var hot = Enumerable.Range(0, 3000).SelectMany(page => new[] { (uint)page, 0u });
        ContainerPlan Plan() => Mapped("mglru", "v6.12.117", max: 1000, pages: 3000, [.. hot]) with { TlbEntries = 0 };
        var unseenStream = Plan().Jobs[0].Streams[0] with { Recency = Recency.None };

        var seen = Plans.Finished(Plan());
        var unseen = Plans.Finished(Plan() with { Jobs = [new JobPlan { Workload = 0, Streams = [unseenStream] }] });

        // Page 0 is used all the time: who sees that loses it at most when a walk has just cleared its bit.
        Assert.InRange(seen.Misses, 3000, 3001);
        Assert.InRange(unseen.Misses, 3002, 3004);
    }

    /// <summary>As v6.1 has it after MADV_RANDOM: no walk promotes the page, but who comes to evict it sees that it is in use.</summary>
    [Theory]
    [InlineData("mglru")]
    [InlineData("classic")]
    public void A_mapping_that_is_looked_at_only_at_eviction_keeps_what_is_used_all_the_time(string policy)
    {
        var hot = Enumerable.Range(0, 3000).SelectMany(page => new[] { (uint)page, 0u });
        var plan = Mapped(policy, "v6.1.192", max: 1000, pages: 3000, [.. hot]) with { TlbEntries = 0 };
        var container = Plans.Finished(plan with { Jobs = [new JobPlan { Workload = 0, Streams = [plan.Jobs[0].Streams[0] with { Recency = Recency.AtEviction }] }] });

        Assert.InRange(container.Misses, 3000, 3001);
        Assert.Equal(0, container.MultiGen?.WalkOf(container.MultiGen.MaxSeq).LeafYoung ?? 0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Pages_on_lists_are_the_pages_in_memory(string policy, string variant)
    {
        var mixed = Plans.Of(
            1500,
            4000,
            new JobPlan { Workload = 0, Turn = 7, Streams = [Anonymous(0, [.. Scattered(1200, 9000, 1).Select(page => page | Store)])] },
            new JobPlan { Workload = 1, Turn = 5, Streams = [File([.. Scattered(4000, 9000, 2)])] },
            Plans.Reading(2, [.. Scattered(4000, 9000, 3)]) with { Turn = 3 })
            with
        { Kernel = Kernel(policy, variant, 60), HeapPages = [1200], SwapPages = 4000, SwapDevice = new Device(DeviceType.Of("brd")), Turns = true };
        var container = Plans.Finished(mixed);

        var memcg = container.Memcg!;
        memcg.Lruvec.Drain();
        var (inactiveFile, activeFile) = memcg.Lruvec.FileSizes;
        var (inactiveAnon, activeAnon) = memcg.Lruvec.AnonSizes;
        Assert.Equal(memcg.FilePages, inactiveFile + activeFile);
        Assert.Equal(memcg.AnonPages, inactiveAnon + activeAnon);
        Assert.Equal(memcg.FilePages + memcg.AnonPages, memcg.Folios.State.Count(state => state != 0));
        Assert.Equal(memcg.Charge.Usage, memcg.FilePages + memcg.AnonPages + memcg.Kernel.Pages + memcg.Charge.Stock);
        Assert.True(Plans.Stat(container, "pswpout") > 0);
    }

    [Theory]
    [InlineData("v6.1.192", "L", "O", "Y", "N", "F", "A")]
    [InlineData("v6.8", "L", "O", "Y", "N", "F", "A")]
    [InlineData("v6.12.117", "t", "", "y", "", "f", "a")]
    [InlineData("v6.14", "T", "", "Y", "", "F", "A")]
    public void Walks_are_counted_in_lru_gen_full(string variant, params string[] letters)
    {
        var container = Plans.Finished(Mapped("mglru", variant, max: 1500, pages: 2000, [.. Scattered(2000, 20_000, 5)]));

        // With history the counters stand in the row of the generation whose walk it was, and a walk that found nothing is there too.
        var rows = new ContainerFigures(container).LruGenFull(2, "/a").Split('\n')
            .Where(line => line.Length > 22 && line[..22].Trim().Length == 0)
            .Select(line => letters.Select(letter => letter.Length == 0 ? 0 : Field(line, letter[0])).ToArray())
            .ToList();
        Assert.Contains(rows, row => row[0] > 0 && row[2] > 0);
        Assert.All(rows, row =>
        {
            Assert.True(row[0] >= row[1] + row[2], "leaf entries are at least those present");
            Assert.True(letters[3].Length == 0 || row[3] >= row[4], "tables seen are at least those walked");
            Assert.True(row[4] >= row[5], "tables walked are at least those worth another walk");
        });
    }

    private static long Field(string line, char letter)
    {
        var end = line.IndexOf(letter, StringComparison.Ordinal);
        return end < 0 ? 0 : long.Parse(line[(end - 10)..end], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static KernelChoice Kernel(string policy, string variant, int swappiness) => new() { Policy = policy, Variant = variant, Swappiness = swappiness };

    private static ContainerPlan Mapped(string policy, string variant, long max, int pages, uint[] accesses) =>
        Plans.Of(max, pages, new JobPlan { Workload = 0, Streams = [File(accesses)] }) with { Kernel = Kernel(policy, variant, 0) };

    private static ContainerPlan Heap(string policy, string variant, long max, int pages, long swap, uint[] accesses) =>
        Plans.Of(max, 1, new JobPlan { Workload = 0, Streams = [Anonymous(0, accesses)] }) with
        {
            Kernel = Kernel(policy, variant, 60),
            HeapPages = [pages],
            SwapPages = swap,
            SwapDevice = new Device(DeviceType.Of("brd")),
        };

    private static StreamPlan File(uint[] accesses) =>
        new() { Source = new ListedSource(accesses), File = 0, Device = new Device(DeviceType.Of("brd")), Path = AccessPath.Mapped };

    private static StreamPlan Anonymous(int heap, uint[] accesses) =>
        new() { Source = new ListedSource(accesses), File = heap, Device = new Device(DeviceType.Of("brd")), Path = AccessPath.Anonymous };

    private static IEnumerable<uint> Twice(int pages) => Enumerable.Range(0, 2 * pages).Select(i => (uint)(i % pages));

    private static IEnumerable<uint> Stores(int pages) => Enumerable.Range(0, pages).Select(page => (uint)page | Store);

    private static IEnumerable<uint> Scattered(uint pages, int count, ulong seed)
    {
        for (var i = 0; i < count; i++)
        {
            seed = seed * 6364136223846793005 + 1442695040888963407;
            yield return (uint)(seed >> 33) % pages;
        }
    }
}
