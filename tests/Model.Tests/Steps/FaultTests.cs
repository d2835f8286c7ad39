using Reclaim.Model.Kernels;
using Reclaim.Model.Mappings;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Readahead;
using Reclaim.Model.Steps;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Steps;

/// <summary>Page faults of mapped files that map and read more than the page they are for.</summary>
public sealed class FaultTests
{
    private const uint Store = AccessSource.WriteBit;
    private const int Window = 32;

    public static TheoryData<string, string> Kernels => MappedTests.Kernels;

    [Theory]
    [InlineData(1, 200)]
    [InlineData(16, 13)]
    [InlineData(512, 1)]
    public void A_load_maps_what_is_cached_of_its_group(int group, int faults)
    {
        var container = Plans.Finished(Cached(200, Mapping([.. Pages(200)])) with { FaultAroundPages = group });

        Assert.Equal(faults, Plans.Stat(container, "pgfault"));
        Assert.Equal(0, Plans.Stat(container, "pgmajfault"));
    }

    [Fact]
    public void Fault_around_maps_neighbours_accessed_and_only_those_of_the_group_that_are_cached()
    {
        var reader = Plans.Reading(0, 16, 17, 31, 32);
        var container = Plans.Finished(Plans.Of(1000, 100, reader, Mapping([20])) with { FaultAroundPages = 16, Turns = true });
        var rmap = container.Memcg!.Rmap;

        Assert.Equal([16, 17, 20, 31], Enumerable.Range(0, 100).Where(page => rmap.IsMapped((uint)page)));
        Assert.Equal([16, 17, 20, 31], Enumerable.Range(0, 100).Where(page => rmap.Referenced((uint)page) == 1));
    }

    [Fact]
    public void A_store_maps_its_own_page_only()
    {
        var writer = Mapping([.. Pages(64).Select(page => page | Store)]);
        writer = writer with { Streams = [writer.Streams[0] with { Writes = true }] };

        Assert.Equal(64, Plans.Stat(Plans.Finished(Cached(64, writer) with { FaultAroundPages = 16 }), "pgfault"));
    }

    [Theory]
    [InlineData(1000u, 984, 1016)]
    [InlineData(3u, 0, 32)]
    [InlineData(3999u, 3983, 4000)]
    public void A_miss_reads_the_pages_about_it_as_far_as_the_file_goes(uint page, int first, int end)
    {
        var container = Plans.Finished(Plan("mglru", "v6.8", Around(page)));

        Assert.Equal(Enumerable.Range(first, end - first), Resident(container));
        Assert.Equal((1, end - first), (container.Misses, container.Loop.Jobs[0].Counts.DeviceReads));
    }

    [Fact]
    public void All_pages_of_a_read_around_are_faulted_pages_and_those_of_a_mapping_without_recency_are_not()
    {
        int Youngest(JobPlan job)
        {
            var lruvec = (MultiGenLruvec)Plans.Finished(Plan("mglru", "v6.8", job)).Memcg!.Lruvec;
            lruvec.Drain();
            return lruvec.Pages(lruvec.MaxSeq).Count();
        }

        Assert.Equal(Window, Youngest(Around(1000)));
        Assert.Equal(0, Youngest(Sequential(1000)));
    }

    [Fact]
    public void The_marked_page_reads_the_next_window_before_it_is_needed()
    {
        // 984 to 1015, of which the last quarter begins with the mark.
        Assert.Equal(Window, Resident(Plans.Finished(Plan("mglru", "v6.8", Around(1000, 1007)))).Count());

        var container = Plans.Finished(Plan("mglru", "v6.8", Around(1000, 1008)));
        Assert.Equal(Enumerable.Range(984, 2 * Window), Resident(container));
        Assert.Equal(1, container.Misses);
    }

    [Fact]
    public void A_file_that_misses_a_hundred_times_more_than_it_hits_is_read_page_by_page()
    {
        // One page of each 40: no window reaches the next.
        var loads = Enumerable.Range(0, 150).Select(i => (uint)(20 + i * 40)).ToArray();
        var plan = Plan("mglru", "v6.8", Around(loads)) with { FilePages = [8000], MaxPages = 8000 };

        Assert.Equal(100 * Window + 50, Plans.Finished(plan).Loop.Jobs[0].Counts.DeviceReads);

        // A mapped neighbour for each miss makes up for it.
        var hits = loads.SelectMany(page => new[] { page, page + 1 }).ToArray();
        Assert.Equal(150 * Window, Plans.Finished(plan with { Jobs = [Around(hits)] }).Loop.Jobs[0].Counts.DeviceReads);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public void A_sequential_mapping_is_read_once_and_ahead_of_its_reader(int group)
    {
        var plan = Plan("mglru", "v6.8", Sequential([.. Pages(4000)])) with { FaultAroundPages = group };

        var container = Plans.Finished(plan);

        Assert.Equal(4000, container.Loop.Jobs[0].Counts.DeviceReads);
        Assert.Equal(1, container.Misses);
    }

    [Theory]
    [InlineData(true, 100)]
    [InlineData(false, 0)]
    public void The_classic_policy_activates_a_page_of_a_program_at_its_first_use(bool executable, int kept)
    {
        var program = Executable(Mapping([.. Pages(100)]), executable) with { Turn = 100 };
        var plan = Plan("classic", "v6.8", program, Plans.Reading(1, [.. Pages(4000).Skip(100)])) with { Turns = true, MaxPages = 1000 };

        Assert.Equal(kept, Resident(Plans.Finished(plan)).Count(page => page < 100));
    }

    [Fact]
    public void Pages_of_a_program_that_is_in_use_stay_on_the_active_list()
    {
        Container After(bool executable)
        {
            var program = Executable(Mapping([.. Enumerable.Repeat(Pages(700), 60).SelectMany(pages => pages)]), executable) with { Turn = 700 };
            return Plans.Finished(Plan("classic", "v6.8", program, Plans.Reading(1, [.. Pages(4000).Skip(700)])) with { Turns = true, MaxPages = 1000 });
        }

        var (program, data) = (After(true), After(false));

        // Looked at twice before it is used again, a page of a program goes too.
        Assert.True(Plans.Stat(program, "pgdeactivate") < Plans.Stat(program, "pgrefill"));
        Assert.Equal(Plans.Stat(data, "pgdeactivate"), Plans.Stat(data, "pgrefill"));
        Assert.True(program.Loop.Jobs[0].Counts.Misses <= data.Loop.Jobs[0].Counts.Misses);
    }

    [Fact]
    public void Under_MGLRU_only_a_counter_tells_a_program_from_data()
    {
        (long Activated, string Others) After(bool executable)
        {
            var container = Plans.Finished(Plan("mglru", "v6.12.117", Executable(Mapping([.. Scattered(2000, 20_000, 5)]), executable)) with { MaxPages = 1500, TlbEntries = 0 });
            var activated = Plans.Stat(container, "pgactivate");
            return (activated, Plans.Dump(container).Replace($"(pgactivate, {activated})", "", StringComparison.Ordinal));
        }

        var (program, data) = (After(true), After(false));

        Assert.True(program.Activated > data.Activated);
        Assert.Equal(data.Others, program.Others);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void However_a_run_is_cut_into_steps_faults_read_alike(string policy, string variant)
    {
        foreach (var group in new[] { 1, 16 })
        {
            ContainerPlan Of()
            {
                var writer = Around([.. Scattered(4000, 2000, 5).Select((page, i) => i % 3 == 0 ? page | Store : page)]);
                return Plan(policy, variant,
                    Around([.. Scattered(4000, 3000, 1)]) with { Process = 0 },
                    Sequential([.. Pages(3000)]) with { Process = 0, Exits = true },
                    writer with { Streams = [writer.Streams[0] with { Writes = true, Device = new Device(DeviceType.Of("ssd")) }] },
                    Plans.Reading(1, [.. Scattered(4000, 3000, 7)])) with
                { FaultAroundPages = group, MaxPages = 700 };
            }

            var whole = Plans.Finished(Of());
            var cut = new Container(Of());
            for (var stop = StopReason.Pages; stop != StopReason.Done;)
            {
                stop = cut.Run(cut.NowNs + 777_777, 70, 97);
            }

            Assert.True(whole.Scanned > 0);
            Assert.Equal(Plans.Dump(whole), Plans.Dump(cut));
        }
    }

    private static IEnumerable<int> Resident(Container container) =>
        Enumerable.Range(0, container.Plan.FilePages[0]).Where(page => container.IsResident((uint)page));

    /// <summary>A file all of whose pages were read before the jobs begin.</summary>
    private static ContainerPlan Cached(int pages, JobPlan job) =>
        Plans.Of(1000, pages, Plans.Reading(1, [.. Pages(pages)]), job) with { Turns = true, Jobs = [Plans.Reading(1, [.. Pages(pages)]) with { Turn = 1000 }, job] };

    private static ContainerPlan Plan(string policy, string variant, params JobPlan[] jobs) =>
        Plans.Of(5000, 4000, jobs) with { Kernel = new KernelChoice { Policy = policy, Variant = variant } };

    private static JobPlan Mapping(uint[] accesses) => new()
    {
        Workload = 0,
        Streams = [new StreamPlan { Source = new ListedSource(accesses), File = 0, Device = new Device(DeviceType.Of("brd")), Path = AccessPath.Mapped }],
    };

    private static JobPlan Executable(JobPlan job, bool executable) => job with { Streams = [job.Streams[0] with { Executable = executable }] };

    private static JobPlan Around(params uint[] accesses)
    {
        var job = Mapping(accesses);
        return job with { Streams = [job.Streams[0] with { ReadAheadPages = Window, Advice = ReadaheadAdvice.Normal }] };
    }

    private static JobPlan Sequential(params uint[] accesses)
    {
        var job = Mapping(accesses);
        return job with { Streams = [job.Streams[0] with { ReadAheadPages = Window, Advice = ReadaheadAdvice.Sequential, Recency = Recency.None }] };
    }

    private static IEnumerable<uint> Pages(int pages) => Enumerable.Range(0, pages).Select(page => (uint)page);

    private static IEnumerable<uint> Scattered(uint pages, int count, ulong seed)
    {
        for (var i = 0; i < count; i++)
        {
            seed = seed * 6364136223846793005 + 1442695040888963407;
            yield return (uint)(seed >> 33) % pages;
        }
    }
}
