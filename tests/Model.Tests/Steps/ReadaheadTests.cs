using CsCheck;
using Reclaim.Model.Folios;
using Reclaim.Model.Kernels;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Readahead;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Memcg;
using Reclaim.Model.Time;
using Xunit;

namespace Reclaim.Model.Tests.Steps;

/// <summary>Containers that read files with readahead.</summary>
public class ReadaheadTests
{
    private static readonly Gen<uint[]> Traces =
        Gen.OneOf(Gen.UInt[0, 300], Gen.UInt[0, 60]).SelectMany(start => Gen.UInt[1, 60].Select(count => (start, count))).Array[1, 60]
            .Select(runs => runs.SelectMany(run => Cgroup.Pages((int)run.start, (int)run.count)).ToArray());

    public static TheoryData<string, string> Kernels() =>
        [.. from policy in new[] { KernelChoice.MultiGen, KernelChoice.Classic } from variant in KernelChoice.Variants select (policy, variant)];

    [Theory, MemberData(nameof(Kernels))]
    public void A_file_larger_than_memory_is_read_once_and_a_window_at_a_time(string policy, string variant)
    {
        var (device, alone) = (Ssd(), Ssd());
        uint[] pages = [.. Cgroup.Pages(0, 4000)];
        var kernel = new KernelChoice { Policy = policy, Variant = variant };
        var ahead = Finished(Plans.Of(2000, 4000, Reading(device, pages)) with { Kernel = kernel });
        var without = Finished(Plans.Of(2000, 4000, Plans.Reading(0, alone, pages)) with { Kernel = kernel });

        // 4, 8 and 16 pages, and then 32 each.
        Assert.Equal((4000L, 3 + 125L), (ahead.Workload(0).DeviceReads, device.Transfers));
        Assert.Equal((4000L, 4000L), (without.Workload(0).DeviceReads, alone.Transfers));
        Assert.Equal((4000L, 1L), (ahead.Workload(0).Accesses, ahead.Workload(0).Misses));
    }

    [Fact]
    public void A_sequential_reader_gets_all_of_the_bandwidth_and_no_more()
    {
        const int Pages = 20_000;
        var fast = CostTable.Default.With("hit", 500).With("miss", 500);
        var plan = Plans.Of(100_000, Pages, Reading(Ssd(), [.. Cgroup.Pages(0, Pages)])) with { Costs = fast };
        var transferNs = Pages * 4096L * 1_000_000_000 / 550_000_000;

        Assert.InRange(Plans.Finished(plan).NowNs, transferNs, transferNs * 11 / 10);
    }

    [Fact]
    public void Sequential_advice_reads_twice_as_much_at_once()
    {
        var device = Ssd();
        var job = Reading(device, [.. Cgroup.Pages(0, 4000)]);
        Plans.Finished(Plans.Of(2000, 4000, job with { Streams = [job.Streams[0] with { Advice = ReadaheadAdvice.Sequential }] }));

        // 4, 8, 16 and 32 pages, and then 64 each.
        Assert.Equal(4 + 62, device.Transfers);
    }

    [Fact]
    public void Pages_read_ahead_are_charged_and_not_accessed()
    {
        var container = Plans.Finished(Plans.Of(1000, 64, Reading(Ssd(), 0)));

        Assert.Equal([0u, 1, 2, 3], Resident(container));
        Assert.Equal(4 * 4096, Plans.Stat(container, "file"));
        Assert.Equal([true, false, false, false], container.Memcg!.Folios.State[..4].Select(state => (state & FolioFlags.Referenced) != 0));
    }

    [Fact]
    public void The_marked_page_brings_in_the_next_window()
    {
        Assert.Equal(Cgroup.Pages(0, 4), Resident(Plans.Finished(Plans.Of(1000, 64, Reading(Ssd(), 0)))));
        Assert.Equal(Cgroup.Pages(0, 12), Resident(Plans.Finished(Plans.Of(1000, 64, Reading(Ssd(), 0, 1)))));
        Assert.Equal(Cgroup.Pages(0, 12), Resident(Plans.Finished(Plans.Of(1000, 64, Reading(Ssd(), 0, 1, 2, 3)))));
        Assert.Equal(Cgroup.Pages(0, 28), Resident(Plans.Finished(Plans.Of(1000, 64, Reading(Ssd(), 0, 1, 2, 3, 4)))));
    }

    [Fact]
    public void It_does_so_once() =>
        Assert.Equal(Cgroup.Pages(0, 12), Resident(Plans.Finished(Plans.Of(1000, 64, Reading(Ssd(), 0, 1, 3, 1, 3, 1)))));

    [Fact]
    public void Nobody_waits_for_the_next_window_before_it_is_needed()
    {
        long Took(params uint[] pages) => Finished(Plans.Of(1000, 64, Reading(new Device(DeviceType.Of("hdd")), pages))).Workload(0).CpuNs.Single(cpu => cpu.Name == "device_wait").Ns;

        Assert.Equal(Took(0), Took(0, 1, 2, 3));
        Assert.True(Took(0, 1, 2, 3, 4) > Took(0, 1, 2, 3));
    }

    [Fact]
    public void A_marked_page_that_is_written_is_marked_no_more()
    {
        var plan = Plans.Of(1000, 64, Reading(Ssd(), 0, 1) with { Turn = 1 }, Plans.Writing(1, Ssd(), 1) with { Turn = 1 }) with { Turns = true };

        Assert.Equal(Cgroup.Pages(0, 4), Resident(Plans.Finished(plan)));
    }

    [Theory]
    [InlineData((int)(WritebackFlags.Dirty | WritebackFlags.Reclaim), 10)]
    [InlineData((int)(WritebackFlags.Writeback | WritebackFlags.Reclaim), 4)]
    [InlineData((int)WritebackFlags.Dirty, 4)]
    public void A_page_that_reclaim_met_dirty_is_a_marked_page_to_its_reader_until_it_is_being_written(int flags, int pages)
    {
        var container = new Container(Plans.Of(1000, 64, Reading(Ssd(), 0, 2), Plans.Writing(1, Ssd(), 50)));
        container.Run(Plans.Forever, Plans.AllPages, 1);
        container.Memcg!.Folios.Writeback[2] = (WritebackFlags)flags;
        container.Run(Plans.Forever, Plans.AllPages, long.MaxValue);

        Assert.Equal([.. Cgroup.Pages(0, pages), 50], Resident(container));
    }

    [Fact]
    public void A_reader_that_comes_back_to_where_pages_are_in_memory_reads_ahead_from_there()
    {
        Assert.Equal([30u, 50, 100, 101], Resident(Plans.Finished(Plans.Of(1000, 200, Reading(Ssd(), 100, 50, 101, 30)))));
        Assert.Equal([30u, 50, 100, 101, 102, 103, 104], Resident(Plans.Finished(Plans.Of(1000, 200, Reading(Ssd(), 100, 50, 101, 30, 102)))));
    }

    [Fact]
    public void Nothing_is_read_beyond_the_end_of_a_file() =>
        Assert.Equal(Cgroup.Pages(0, 6), Resident(Plans.Finished(Plans.Of(1000, 6, Reading(Ssd(), 0, 1, 2, 3, 4, 5)))));

    [Theory, MemberData(nameof(Kernels))]
    public void Pages_read_ahead_may_refault(string policy, string variant)
    {
        uint[] pages = [.. Cgroup.Pages(0, 4000)];
        var job = Reading(Ssd(), [.. pages, .. pages]);
        var container = Plans.Finished(Plans.Of(3000, 4000, job) with { Kernel = new KernelChoice { Policy = policy, Variant = variant } });

        Assert.InRange(container.Misses, 1, 100);
        Assert.True(container.Refaults > container.Misses);
    }

    [Fact]
    public void A_request_of_many_pages_is_one_transfer()
    {
        var device = Ssd();
        var job = Reading(device, 10);
        var figures = Finished(Plans.Of(1000, 400, job with { Streams = [job.Streams[0] with { BlockBytes = 16 * 4096, Advice = ReadaheadAdvice.Random }] }));

        Assert.Equal((16L, 16L, 1L), (figures.Workload(0).Misses, figures.Workload(0).DeviceReads, device.Transfers));
    }

    [Fact]
    public void With_random_advice_requests_of_a_page_go_as_without_readahead() =>
        Gen.Select(Traces, Policies, Gen.Bool).Sample((trace, policy, isMemory) =>
        {
            Assert.Equal(Of(0), Of(32));

            string Of(int readAheadPages)
            {
                var job = Plans.Reading(0, isMemory ? new Device(DeviceType.Of("brd")) : Ssd(), trace);
                var stream = job.Streams[0] with { ReadAheadPages = readAheadPages, Advice = ReadaheadAdvice.Random };
                return Plans.Dump(Plans.Finished(Plans.Of(200, 400, job with { Streams = [stream] }) with { Kernel = ReadaheadTests.Of(policy) }));
            }
        });

    [Fact]
    public void Pages_read_ahead_and_missed_are_the_pages_read() =>
        Gen.Select(Traces, Policies).Sample((trace, policy) =>
        {
            var container = Plans.Finished(Plans.Of(200, 400, Reading(Ssd(), trace)) with { Kernel = Of(policy) });
            var counts = container.Loop.Jobs[0].Counts;

            Assert.Equal(trace.Length, counts.Accesses);
            Assert.Equal(counts.DeviceReads, counts.Misses + counts.ReadaheadPages);
            Assert.Equal(counts.DeviceReads, Resident(container).Length + container.Reclaimed);
        });

    [Fact]
    public void How_the_run_is_cut_into_steps_changes_nothing() =>
        Gen.Select(Traces, Traces, Gen.Long[64, 200], Gen.Int[1, 300], Gen.Bool, Policies).Sample((one, other, grant, budget, turns, policy) =>
        {
            var container = new Container(Two());
            while (container.Run(Plans.Forever, grant, budget) != StopReason.Done)
            {
            }

            Assert.Equal(Plans.Dump(Plans.Finished(Two())), Plans.Dump(container));

            ContainerPlan Two()
            {
                // Turns are cut between accesses, not between requests.
                var pages = turns ? 1u : 4;
                var large = Reading(Ssd(), [.. one.Select(page => page / pages)]);
                large = large with { Streams = [large.Streams[0] with { BlockBytes = (int)pages * 4096 }] };
                var deep = Reading(Ssd(), other) with { Workload = 1, Depth = 8, Turn = 17 };
                return Plans.Of(300, 400, large, deep) with { Turns = turns, Cpus = 2, Kernel = Of(policy) };
            }
        });

    private static Gen<string> Policies => Gen.Bool.Select(classic => classic ? KernelChoice.Classic : KernelChoice.MultiGen);

    private static KernelChoice Of(string policy) => new() { Policy = policy };

    private static Device Ssd() => new(DeviceType.Of("ssd"));

    private static JobPlan Reading(Device device, params uint[] pages)
    {
        var job = Plans.Reading(0, device, pages);
        return job with { Streams = [job.Streams[0] with { ReadAheadPages = 32 }] };
    }

    private static ContainerFigures Finished(ContainerPlan plan) => new(Plans.Finished(plan));

    private static uint[] Resident(Container container) => [.. Enumerable.Range(0, container.Pages).Select(page => (uint)page).Where(container.IsResident)];
}
