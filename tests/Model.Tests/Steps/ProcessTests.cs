using Reclaim.Model.Classic;
using Reclaim.Model.Control;
using Reclaim.Model.Kernels;
using Reclaim.Model.Mappings;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Workloads;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Steps;

/// <summary>Processes begin, have threads, and exit.</summary>
public sealed class ProcessTests
{
    private const uint Store = AccessSource.WriteBit;

    public static TheoryData<string, string> Kernels => MappedTests.Kernels;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_process_that_exits_gives_back_its_memory_its_swap_and_its_page_tables(string policy, string variant)
    {
        var heap = Heap(0, [.. Stores(1500)]) with { Exits = true };
        var container = new Container(Plan(policy, variant, max: 1000, heap) with { HeapPages = [1500] });
        container.Run(Plans.Forever, Plans.AllPages, 1499);
        Assert.True(container.Memcg!.SwapUsed > 0);

        container.Run(Plans.Forever, Plans.AllPages, long.MaxValue);

        Assert.Equal((0, 0), (container.Memcg.AnonPages, container.Memcg.SwapUsed));
        Assert.Equal(0, Plans.Stat(container, "pagetables"));
        AssertConserved(container);
        Assert.Empty(container.Memcg.Rmap.AddressSpaces);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_process_that_only_ends_keeps_what_it_has(string policy, string variant)
    {
        var container = Plans.Finished(Plan(policy, variant, max: 1000, Heap(0, [.. Stores(300)])) with { HeapPages = [300] });

        Assert.Equal(300, container.Memcg!.AnonPages);
        Assert.Single(container.Memcg.Rmap.AddressSpaces);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void The_file_that_an_exiting_process_mapped_stays_cached(string policy, string variant)
    {
        var container = Plans.Finished(Plan(policy, variant, max: 1000, Mapping([.. Loads(300)]) with { Exits = true }));

        Assert.Equal(300, container.Memcg!.FilePages);
        Assert.All(Enumerable.Range(0, 300), page => Assert.False(container.Memcg.Rmap.IsMapped((uint)page)));
    }

    [Theory]
    [InlineData(1, FolioFlags.Referenced)]
    [InlineData(2, FolioFlags.Referenced | FolioFlags.Workingset)]
    [InlineData(3, FolioFlags.Referenced | FolioFlags.Workingset | 1 << FolioFlags.RefsShift)]
    public void Each_exit_is_one_access_to_the_pages_that_the_process_used(int processes, int flags)
    {
        var jobs = Enumerable.Range(0, processes).Select(_ => Mapping([.. Loads(100)]) with { Exits = true }).ToArray();

        var container = Plans.Finished(Plan("mglru", "v6.8", max: 1000, jobs));

        Assert.All(container.Memcg!.Folios.State[..100], state => Assert.Equal(flags, state & ~FolioFlags.Gen));
    }

    [Fact]
    public void The_second_exit_activates_a_page_under_the_classic_policy()
    {
        Container After(int processes) => Plans.Finished(Plan("classic", "v6.8", max: 1000,
            [.. Enumerable.Range(0, processes).Select(_ => Mapping([.. Loads(100)]) with { Exits = true })]));

        Assert.Empty(Drained(After(1)).ActivePages);
        Assert.Equal(100, Drained(After(2)).ActivePages.Count());
    }

    [Fact]
    public void Pages_used_through_a_mapping_without_recency_or_seen_by_reclaim_since_are_not_accessed_by_an_exit()
    {
        var hidden = Mapping([.. Loads(100)]);
        hidden = hidden with { Exits = true, Streams = [hidden.Streams[0] with { Recency = Recency.None }] };

        Assert.All(Plans.Finished(Plan("mglru", "v6.8", max: 1000, hidden)).Memcg!.Folios.State[..100],
            state => Assert.Equal(0, state & FolioFlags.Referenced));

        var seen = new Container(Plan("mglru", "v6.8", max: 1000, Mapping([.. Loads(100), 0]) with { Exits = true }));
        seen.Run(Plans.Forever, Plans.AllPages, 100);
        seen.Memcg!.Lruvec.Drain();
        Assert.All(Enumerable.Range(0, 100), page => Assert.Equal(1, seen.Memcg.Rmap.Referenced((uint)page)));
        seen.Run(Plans.Forever, Plans.AllPages, long.MaxValue);

        // The last load of page 0 came out of the translation cache, so its bit stayed clear too.
        Assert.All(seen.Memcg.Folios.State[..100], state => Assert.Equal(0, state & FolioFlags.Referenced));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_job_that_starts_later_does_nothing_before_and_time_passes_over_a_gap(bool turns)
    {
        const long second = 1_000_000_000;
        var late = Mapping([.. Loads(50)]) with { StartNs = 2 * second };
        var container = new Container(Plan("mglru", "v6.8", max: 1000, late, Plans.Reading(1, [.. Loads(100)])) with { Turns = turns });

        container.Run(second, Plans.AllPages, long.MaxValue);
        Assert.Equal((0, 100), (container.Loop.Jobs[0].Counts.Accesses, container.Loop.Jobs[1].Counts.Accesses));
        Assert.Empty(container.Memcg!.Rmap.AddressSpaces);

        container.Run(Plans.Forever, Plans.AllPages, long.MaxValue);
        Assert.Equal(50, container.Loop.Jobs[0].Counts.Accesses);
        Assert.InRange(container.NowNs, 2 * second, 2 * second + 50 * 10_000);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_job_that_is_stopped_ends_at_that_time_and_its_memory_is_free_for_the_others(bool turns)
    {
        var stopped = Heap(0, [.. Enumerable.Repeat(Stores(300), 1000).SelectMany(pages => pages)]) with { EndNs = 10_000_000, Exits = true };
        var other = Plans.Reading(1, [.. Enumerable.Repeat(Loads(900), 40).SelectMany(pages => pages)]);
        var container = Plans.Finished(Plan("mglru", "v6.8", max: 1000, stopped, other) with { HeapPages = [300], Turns = turns, SwapPages = 0 });

        Assert.InRange(container.Loop.Jobs[0].NowNs, 10_000_000, 11_000_000);
        Assert.Equal(0, container.Memcg!.AnonPages);
        Assert.Equal(900, container.Memcg.FilePages);
        AssertConserved(container);
    }

    [Fact]
    public void Threads_share_their_memory_and_processes_do_not()
    {
        JobPlan[] Two(int process) => [Heap(0, [.. Stores(300)]) with { Process = process }, Heap(process < 0 ? 1 : 0, [.. Stores(300)]) with { Process = process }];

        var threads = Plans.Finished(Plan("mglru", "v6.8", max: 1000, Two(0)) with { HeapPages = [300, 300] });
        var processes = Plans.Finished(Plan("mglru", "v6.8", max: 1000, Two(-1)) with { HeapPages = [300, 300] });

        Assert.Equal((300, 1L), (threads.Memcg!.AnonPages, Plans.Stat(threads, "pagetables") >> 12));
        Assert.Equal((600, 2L), (processes.Memcg!.AnonPages, Plans.Stat(processes, "pagetables") >> 12));
    }

    [Fact]
    public void A_page_that_two_threads_use_is_referenced_once_and_one_that_two_processes_use_twice()
    {
        int References(int process)
        {
            var jobs = Enumerable.Range(0, 2).Select(_ => Mapping([.. Loads(10)]) with { Process = process }).ToArray();
            return Plans.Finished(Plan("mglru", "v6.8", max: 1000, jobs)).Memcg!.Rmap.Referenced(3);
        }

        Assert.Equal((1, 2), (References(0), References(-1)));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    public void Only_a_turn_of_another_process_flushes_the_translations(int process, bool kept)
    {
        var jobs = Enumerable.Range(0, 2).Select(_ => Mapping([7, 8, 9]) with { Process = process, Turn = 1 }).ToArray();
        var container = new Container(Plan("mglru", "v6.8", max: 1000, jobs) with { Turns = true });

        container.Run(Plans.Forever, Plans.AllPages, 1);

        var vma = container.Loop.Jobs[0].Streams[0].Vma!;
        Assert.Equal(kept, vma.Mm.Caches(vma.Start + 7, write: false));
    }

    [Fact]
    public void A_process_lives_as_long_as_its_last_thread()
    {
        var first = Heap(0, [.. Stores(10)]) with { Process = 0, Exits = true };
        var last = Plans.Reading(1, [.. Loads(500)]) with { Process = 0 };
        var container = new Container(Plan("mglru", "v6.8", max: 1000, first, last) with { HeapPages = [10] });

        container.Run(Plans.Forever, Plans.AllPages, 400);
        Assert.Equal(10, container.Memcg!.AnonPages);

        container.Run(Plans.Forever, Plans.AllPages, long.MaxValue);
        Assert.Equal(0, container.Memcg.AnonPages);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_page_given_back_is_gone_from_memory_and_from_swap_and_its_next_access_is_a_first_one(string policy, string variant)
    {
        var gone = Heap(0, [.. Stores(1500), .. Loads(1500).Select(page => page | AccessSource.FreeBit), .. Loads(1500)], frees: true);
        var container = new Container(Plan(policy, variant, max: 1000, gone) with { HeapPages = [1500] });
        container.Run(Plans.Forever, Plans.AllPages, 1500);
        Assert.True(container.Memcg!.SwapUsed > 0);

        container.Run(Plans.Forever, Plans.AllPages, 1500);
        Assert.Equal((0, 0), (container.Memcg.AnonPages, container.Memcg.SwapUsed));
        Assert.Equal(3, Plans.Stat(container, "pagetables") >> 12);
        AssertConserved(container);

        container.Run(Plans.Forever, Plans.AllPages, long.MaxValue);
        Assert.Equal(0, container.Misses);
        Assert.Equal(0, Plans.Stat(container, "workingset_refault_anon"));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_collected_heap_in_little_memory_holds_just_its_live_pages(string policy, string variant)
    {
        const int accesses = 60_000;
        AccessSource Source() => Patterns.Create("gc", 3000, accesses, 5, w: 600, p: 600);
        ContainerPlan Of() => Plan(policy, variant, max: 900, Heap(0, Source()) with { Turn = 50 },
            Plans.Reading(1, [.. Scattered(4000, 20_000, 4)]) with { Turn = 30 }) with
        { HeapPages = [3000], Turns = true };
        var live = new HashSet<uint>();
        foreach (var number in Source().Drain())
        {
            var page = number & ~(Store | AccessSource.FreeBit);
            _ = (number & AccessSource.FreeBit) != 0 ? live.Remove(page) : live.Add(page);
        }

        var whole = Plans.Finished(Of());
        Assert.Equal(live.Count, whole.Memcg!.AnonPages + whole.Memcg.SwapUsed);
        Assert.True(Plans.Stat(whole, "pswpin") > 0);

        var cut = new Container(Of());
        for (var stop = StopReason.Pages; stop != StopReason.Done;)
        {
            stop = cut.Run(cut.NowNs + 777_777, 150, 977);
        }

        Assert.Equal(Plans.Dump(whole), Plans.Dump(cut));
        AssertConserved(whole);
    }

    [Theory]
    [InlineData("mglru")]
    [InlineData("classic")]
    public void After_much_was_given_back_reclaim_finds_all_that_is_left(string policy)
    {
        // Allocated and freed a hundred times over without ever being short of memory: lists are more holes than pages.
        var churn = Patterns.Create("gc", 6000, 1_000_000, 5, w: 5000, p: 100);
        var container = Plans.Finished(Plan(policy, "v6.8", max: 8000, Heap(0, churn), Plans.Reading(1, [.. Loads(1000)])) with { HeapPages = [6000], SwapPages = 0 });

        Assert.Equal(0, container.Scanned);
        AssertConserved(container);
        while (container.Memcg!.TryToFreePages(100) > 0)
        {
        }

        Assert.Equal(0, container.Memcg.FilePages);
        AssertConserved(container);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Memory_is_given_back_whichever_policy_it_came_under(string policy, string variant)
    {
        var collected = Patterns.Create("gc", 2000, 30_000, 5, w: 400, p: 600);
        ControlAccess Write(long atNs, ControlFile file, string text) => new(atNs, file, text);
        var container = Plans.Finished(Plan(policy, variant, max: 900,
            Heap(0, collected) with { Exits = true },
            Mapping([.. Scattered(4000, 9000, 2)]) with { StartNs = 500_000, Exits = true },
            Plans.Reading(1, [.. Scattered(4000, 9000, 4)])) with
        {
            HeapPages = [2000],
            Controls =
            [
                Write(1_000_000, ControlFile.LruGenEnabled, "n"), Write(3_000_000, ControlFile.LruGenEnabled, "y"), Write(5_000_000, ControlFile.DropCaches, "3"),
                Write(7_000_000, ControlFile.LruGenEnabled, "n"), Write(9_000_000, ControlFile.LruGenEnabled, "y"),
            ],
        });

        Assert.True(container.NowNs > 9_000_000);
        Assert.Equal((0, 0), (container.Memcg!.AnonPages, container.Memcg.SwapUsed));
        Assert.All(new ContainerFigures(container).Controls, outcome => Assert.Equal(0, outcome.Errno));
        AssertConserved(container);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void However_a_run_is_cut_into_steps_processes_come_and_go_alike(string policy, string variant)
    {
        ContainerPlan Plan(bool turns) => ProcessTests.Plan(policy, variant, max: 900,
            Heap(0, [.. Scattered(1200, 6000, 1).Select(page => page | Store)]) with { EndNs = 20_000_000, Exits = true },
            Mapping([.. Scattered(4000, 5000, 2)]) with { StartNs = 3_000_000, Exits = true, Process = 0 },
            Heap(1, [.. Scattered(800, 5000, 3).Select(page => page | Store)]) with { StartNs = 5_000_000, Process = 0 },
            Plans.Reading(2, [.. Scattered(4000, 9000, 4)])) with
        { HeapPages = [1200, 800], Turns = turns };

        foreach (var turns in new[] { false, true })
        {
            var whole = Plans.Finished(Plan(turns));
            var cut = new Container(Plan(turns));
            for (var stop = StopReason.Pages; stop != StopReason.Done;)
            {
                stop = cut.Run(cut.NowNs + 777_777, 150, 97);
            }

            Assert.True(Plans.Stat(whole, "pswpout") > 0);
            Assert.Equal(Plans.Dump(whole), Plans.Dump(cut));
            AssertConserved(whole);
        }
    }

    private static void AssertConserved(Container container)
    {
        var memcg = container.Memcg!;
        memcg.Lruvec.Drain();
        var (inactiveFile, activeFile) = memcg.Lruvec.FileSizes;
        var (inactiveAnon, activeAnon) = memcg.Lruvec.AnonSizes;
        Assert.Equal(memcg.FilePages, inactiveFile + activeFile);
        Assert.Equal(memcg.AnonPages, inactiveAnon + activeAnon);
        Assert.Equal(memcg.FilePages + memcg.AnonPages, memcg.Folios.State.Count(state => state != 0));
        Assert.Equal(memcg.Charge.Usage, memcg.FilePages + memcg.AnonPages + memcg.Kernel.Pages + memcg.Charge.Stock);
    }

    private static ClassicLruvec Drained(Container container)
    {
        container.Memcg!.Lruvec.Drain();
        return (ClassicLruvec)container.Memcg.Lruvec;
    }

    private static ContainerPlan Plan(string policy, string variant, long max, params JobPlan[] jobs) => Plans.Of(max, 4000, jobs) with
    {
        Kernel = new KernelChoice { Policy = policy, Variant = variant, Swappiness = 60 },
        SwapPages = 4000,
        SwapDevice = new Device(DeviceType.Of("brd")),
    };

    private static JobPlan Mapping(uint[] accesses) => new()
    {
        Workload = 0,
        Streams = [new StreamPlan { Source = new ListedSource(accesses), File = 0, Device = new Device(DeviceType.Of("brd")), Path = AccessPath.Mapped }],
    };

    private static JobPlan Heap(int heap, uint[] accesses, bool frees = false) => Heap(heap, new ListedSource(accesses, frees));

    private static JobPlan Heap(int heap, AccessSource source) => new()
    {
        Workload = 0,
        Streams = [new StreamPlan { Source = source, File = heap, Device = new Device(DeviceType.Of("brd")), Path = AccessPath.Anonymous }],
    };

    private static IEnumerable<uint> Loads(int pages) => Enumerable.Range(0, pages).Select(page => (uint)page);

    private static IEnumerable<uint> Stores(int pages) => Loads(pages).Select(page => page | Store);

    private static IEnumerable<uint> Scattered(uint pages, int count, ulong seed)
    {
        for (var i = 0; i < count; i++)
        {
            seed = seed * 6364136223846793005 + 1442695040888963407;
            yield return (uint)(seed >> 33) % pages;
        }
    }
}
