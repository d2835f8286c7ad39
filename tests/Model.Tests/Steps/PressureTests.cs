using Reclaim.Model.Control;
using Reclaim.Model.Kernels;
using Reclaim.Model.Pressure;
using Reclaim.Model.Steps;
using Reclaim.Model.Swap;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Steps;

/// <summary>Pressure stall information of containers: what jobs wait for, and what of it is want of memory, I/O or CPU.</summary>
public sealed class PressureTests
{
    private const uint Store = AccessSource.WriteBit;

    public static TheoryData<string> Policies { get; } = new("mglru", "classic");

    [Theory]
    [MemberData(nameof(Policies))]
    public void Pages_read_for_the_first_time_are_waited_for_without_want_of_memory(string policy)
    {
        var container = Plans.Finished(Under(policy, Plans.Of(4000, 3000, Plans.Reading(0, Nvme(), [.. Scan(3000)]))));

        Assert.Equal((Spent(container, 0, "device_wait"), Spent(container, 0, "device_wait")), Totals(container, PressureResource.Io));
        Assert.Equal((0, 0), Totals(container, PressureResource.Memory));
        Assert.Equal((0, 0), Totals(container, PressureResource.Cpu));
        Assert.True(Totals(container, PressureResource.Io).Some > 0);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Reclaim_by_the_only_job_is_full_memory_pressure_and_on_a_ramdisk_all_there_is(string policy)
    {
        var container = Plans.Finished(Under(policy, Plans.Of(1000, 3000, Plans.Reading(0, [.. Scan(3000), .. Scattered(20_000)]))));

        Assert.Equal((Spent(container, 0, "reclaim"), Spent(container, 0, "reclaim")), Totals(container, PressureResource.Memory));
        Assert.Equal((0, 0), Totals(container, PressureResource.Io));
        Assert.True(Totals(container, PressureResource.Memory).Some > 0);
    }

    /// <summary>Once pages that were in use are evicted and come back, waiting for the device is want of memory too.</summary>
    [Theory]
    [MemberData(nameof(Policies))]
    public void Waiting_for_a_workingset_page_is_memory_pressure_as_well(string policy)
    {
        var container = Plans.Finished(Under(policy, Plans.Of(1000, 4000, Plans.Reading(0, Nvme(), [.. Skewed(60_000)]))));

        var (reclaim, wait) = (Spent(container, 0, "reclaim"), Spent(container, 0, "device_wait"));
        var memory = Totals(container, PressureResource.Memory);
        Assert.Equal((wait, wait), Totals(container, PressureResource.Io));
        Assert.True(Plans.Stat(container, "workingset_restore_file") > 0);
        Assert.InRange(memory.Some, reclaim + 1, reclaim + wait);
        Assert.Equal(memory.Some, memory.Full);
    }

    [Fact]
    public void With_requests_in_flight_only_waiting_for_completions_is_io_pressure()
    {
        var deep = Plans.Finished(Plans.Of(4000, 3000, Plans.Reading(0, Nvme(), [.. Scan(3000)]) with { Depth = 16 }));

        Assert.Equal((Spent(deep, 0, "device_wait"), Spent(deep, 0, "device_wait")), Totals(deep, PressureResource.Io));
        Assert.True(Totals(deep, PressureResource.Io).Some < deep.NowNs / 1000);
    }

    /// <summary>A heap beyond memory.high makes its writer sleep; a neighbour on the same CPU goes on with what it has.</summary>
    [Fact]
    public void A_neighbour_on_the_same_CPU_that_runs_keeps_pressure_from_being_full()
    {
        var alone = Plans.Finished(Throttled(cpus: 1, neighbour: false));
        var beside = Plans.Finished(Throttled(cpus: 1, neighbour: true));

        var (some, full) = Totals(alone, PressureResource.Memory);
        Assert.True(some > 1_000_000);
        Assert.Equal(some, full);
        (some, full) = Totals(beside, PressureResource.Memory);
        Assert.True(some > 1_000_000);
        Assert.InRange(full, 0, Spent(beside, 0, "reclaim") + Spent(beside, 1, "reclaim"));
    }

    /// <summary>The kernel looks at each CPU by itself.</summary>
    [Fact]
    public void A_neighbour_on_another_CPU_halves_pressure_but_what_there_is_is_full()
    {
        var container = Plans.Finished(Throttled(cpus: 2, neighbour: true));

        var (some, full) = Totals(container, PressureResource.Memory);
        var slept = Spent(container, 0, "high_throttle");
        Assert.InRange(some, slept * 4 / 10, slept * 6 / 10);
        Assert.Equal(some, full);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void Jobs_lack_CPU_where_they_share_one(int cpus, bool lacks)
    {
        var container = Plans.Finished(Plans.Of(4000, 3000, Plans.Reading(0, [.. Scan(3000)]), Plans.Reading(1, [.. Scan(3000)])) with { Cpus = cpus });

        var (some, full) = Totals(container, PressureResource.Cpu);
        Assert.Equal(0, full);
        Assert.InRange(some, lacks ? container.NowNs / 1000 * 9 / 10 : 0, lacks ? container.NowNs / 1000 : 0);
    }

    [Fact]
    public void Jobs_that_take_turns_wait_for_their_turn_and_not_for_a_CPU()
    {
        var container = Plans.Finished(Plans.Of(1000, 3000, Plans.Reading(0, [.. Scan(3000)]), Plans.Reading(1, [.. Scattered(3000)])) with { Turns = true });

        Assert.Equal((0, 0), Totals(container, PressureResource.Cpu));
        var reclaim = container.Loop.Jobs.Sum(job => job.Counts.ReclaimNs) / 1000;
        Assert.Equal((reclaim, reclaim), Totals(container, PressureResource.Memory));
    }

    public static TheoryData<string, int, int> Mixtures
    {
        get
        {
            var data = new TheoryData<string, int, int>();
            foreach (var policy in new[] { "mglru", "classic" })
            {
                foreach (var cpus in new[] { 1, 2, 3, 8 })
                {
                    data.Add(policy, cpus, 1);
                    data.Add(policy, cpus, 100);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Mixtures))]
    public void How_a_run_is_cut_into_steps_does_not_matter(string policy, int cpus, int accesses)
    {
        var whole = Plans.Dump(Plans.Finished(Mixture(policy, cpus)));
        foreach (var pages in new[] { Plans.AllPages, 64 })
        {
            var cut = new Container(Mixture(policy, cpus));
            while (cut.Run(Plans.Forever, pages, accesses) != StopReason.Done)
            {
                // Looking leaves no trace.
                new ContainerFigures(cut).Pressure(PressureResource.Memory);
            }

            Assert.Equal(whole, Plans.Dump(cut));
        }
    }

    [Theory]
    [MemberData(nameof(Mixtures))]
    public void What_is_read_on_the_way_only_grows_and_full_is_never_more_than_some(string policy, int cpus, int every)
    {
        ControlFile[] files = [ControlFile.IoPressure, ControlFile.MemoryPressure, ControlFile.CpuPressure];
        var controls = Enumerable.Range(1, 400).Select(i => new ControlAccess(i * Math.Min(every, 10) * 20_000L, files[i % 3], null));
        var container = Plans.Finished(Mixture(policy, cpus) with { Controls = [.. controls] });

        var last = new Dictionary<ControlFile, (long Some, long Full)>();
        var outcomes = new ContainerFigures(container).Controls;
        Assert.True(outcomes.Count > 20);
        foreach (var outcome in outcomes)
        {
            var lines = outcome.Text!.TrimEnd('\n').Split('\n').Select(line => long.Parse(line.Split("total=")[1])).ToList();
            var (some, full) = last.GetValueOrDefault(outcome.File);
            Assert.InRange(lines[0], some, outcome.AtNs / 1000);
            Assert.InRange(lines[1], full, lines[0]);
            last[outcome.File] = (lines[0], lines[1]);
        }

        Assert.All(files.Zip([PressureResource.Io, PressureResource.Memory, PressureResource.Cpu]), pair =>
        {
            Assert.InRange(Totals(container, pair.Second).Some, last[pair.First].Some, container.NowNs / 1000);
            Assert.InRange(Totals(container, pair.Second).Full, last[pair.First].Full, Totals(container, pair.Second).Some);
        });
    }

    /// <summary>On one CPU there is nothing to weigh, so it does not matter how often it is collected.</summary>
    [Theory]
    [MemberData(nameof(Policies))]
    public void A_file_shows_what_has_happened_by_the_time_it_is_read_however_often_that_is(string policy)
    {
        ControlFile[] files = [ControlFile.IoPressure, ControlFile.MemoryPressure, ControlFile.CpuPressure];
        var times = Enumerable.Range(1, 300).Select(i => i * 100_003L).ToList();
        var often = Read(times);
        foreach (var at in times.Where((_, i) => i % 23 == 0))
        {
            Assert.Equal(often.Where(outcome => outcome.AtNs == at), Read([at]));
        }

        List<ControlOutcome> Read(IReadOnlyList<long> times)
        {
            var controls = times.SelectMany(at => files.Select(file => new ControlAccess(at, file, null)));
            return [.. new ContainerFigures(Plans.Finished(Mixture(policy, cpus: 1) with { Controls = [.. controls] })).Controls];
        }
    }

    /// <summary>Readers and writers of all kinds, thinking, waiting and reclaiming.</summary>
    private static ContainerPlan Mixture(string policy, int cpus)
    {
        var disk = Nvme();
        return Under(policy, Plans.Of(
            700,
            4000,
            Plans.Reading(0, disk, [.. Scattered(1500)]) with { Depth = 4, ThinkNs = 3000 },
            Plans.Reading(1, [.. Scattered(3000)]),
            Plans.Writing(2, disk, [.. Scattered(1500)]),
            Ahead(3, disk, [.. Scan(1500)]) with { StartNs = 2_000_000 },
            new JobPlan { Workload = 4, Streams = [Heap([.. Scan(400).Select(page => page | Store), .. Scattered(900).Select(page => page % 400)], disk)] })) with
        {
            Cpus = cpus,
            HeapPages = [400],
            SwapPages = 1000,
            SwapAreas = [new SwapAreaPlan { Pages = 1000, Device = disk, InNs = 1700, OutNs = 3000 }],
            HighPages = 690,
        };
    }

    private static JobPlan Ahead(int workload, Device device, uint[] pages)
    {
        var plan = Plans.Reading(workload, device, pages);
        return plan with { Streams = [plan.Streams[0] with { ReadAheadPages = 32 }] };
    }

    private static ContainerPlan Throttled(int cpus, bool neighbour)
    {
        var heap = new JobPlan { Workload = 0, EndNs = 6_000_000_000, Streams = [Heap([.. Scan(1500).Select(page => page | Store)], new Device(DeviceType.Of("brd")))] };
        var reader = Plans.Reading(1, [.. Enumerable.Repeat(0u, 100_000)]);
        return Plans.Of(4000, 64, neighbour ? [heap, reader] : [heap]) with
        {
            Cpus = cpus,
            HeapPages = [1500],
            HighPages = 1000,
            Costs = CostTable.Default.With("hit", 100_000),
        };
    }

    private static StreamPlan Heap(uint[] pages, Device device) => new() { Source = new ListedSource(pages), File = 0, Device = device, Path = AccessPath.Anonymous };

    private static ContainerPlan Under(string policy, ContainerPlan plan) => plan with { Kernel = new KernelChoice { Policy = policy, Swappiness = 60 } };

    private static Device Nvme() => new(DeviceType.Of("nvme"));

    private static IEnumerable<uint> Scan(int pages) => Enumerable.Range(0, pages).Select(page => (uint)page);

    private static IEnumerable<uint> Scattered(int count) => Enumerable.Range(0, count).Select(i => (uint)((i * 7919L + i / 3) % 2000));

    /// <summary>Some pages often, most of them seldom.</summary>
    private static IEnumerable<uint> Skewed(int count)
    {
        var random = 1UL;
        for (var i = 0; i < count; i++)
        {
            random = random * 6364136223846793005 + 1442695040888963407;
            yield return (uint)(4000 * Math.Pow((random >> 11) / (double)(1UL << 53), 3));
        }
    }

    private static (long Some, long Full) Totals(Container container, PressureResource resource)
    {
        var figures = new ContainerFigures(container).Pressure(resource);
        return (figures.Some.Total, figures.Full.Total);
    }

    private static long Spent(Container container, int job, string name) => new ContainerFigures(container).Job(job).CpuNs.Single(item => item.Name == name).Ns / 1000;
}
