using CsCheck;
using Reclaim.Model.Kernels;
using Reclaim.Model.Memcg;
using Reclaim.Model.Reference;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Memcg;
using Reclaim.Model.Time;
using Xunit;

namespace Reclaim.Model.Tests.Steps;

/// <summary>A container: whose turn it is, when it stops, and that stopping changes nothing.</summary>
public class ContainerTests
{
    private static readonly long HitNs = CostTable.Default.HitNs;

    private static readonly Gen<uint[]> Traces = Gen.Frequency((1, Gen.UInt[0, 1499]), (2, Gen.UInt[0, 150])).Array[1, 1500];

    private static readonly Gen<string> PolicyNames = Gen.Int[0, KernelChoice.Policies.Count - 2].Select(i => KernelChoice.Policies[i]);

    [Fact]
    public void It_is_done_when_every_access_is_made()
    {
        var container = new Container(Plans.Of(1000, 100, Plans.Reading(0, 1, 2, 3)));

        Assert.Equal(StopReason.Done, container.Run(Plans.Forever, Plans.AllPages, long.MaxValue));
        Assert.Equal((3L, 3L), (container.Accesses, container.Misses));
        Assert.Equal(3, container.TotalAccesses);
    }

    [Fact]
    public void It_stops_at_the_access_it_was_allowed_last()
    {
        var container = new Container(Plans.Of(1000, 100, Plans.Reading(0, 1, 2, 3)));

        Assert.Equal(StopReason.Accesses, container.Run(Plans.Forever, Plans.AllPages, 2));
        Assert.Equal(2, container.Accesses);
        Assert.Equal(StopReason.Done, container.Run(Plans.Forever, Plans.AllPages, 2));
    }

    [Fact]
    public void No_access_begins_at_or_after_the_horizon()
    {
        var container = new Container(Plans.Of(1000, 100, Plans.Reading(0, [1, .. Enumerable.Repeat(1u, 100)])));

        Assert.Equal(StopReason.Horizon, container.Run(HitNs + CostTable.Default.MissNs + 10 * HitNs, Plans.AllPages, long.MaxValue));
        Assert.Equal(11, container.Accesses);
        Assert.Equal(StopReason.Horizon, container.Run(container.NowNs + 1, Plans.AllPages, long.MaxValue));
        Assert.Equal(12, container.Accesses);
    }

    [Fact]
    public void It_takes_no_more_pages_than_it_was_granted()
    {
        var container = new Container(Plans.Of(10_000, 4000, Plans.Reading(0, [.. Cgroup.Pages(0, 4000)])));

        for (StopReason stop; (stop = container.Run(Plans.Forever, 200, long.MaxValue)) != StopReason.Done;)
        {
            Assert.Equal(StopReason.Pages, stop);
        }

        Assert.Equal(4000, container.Accesses);
        var held = new Container(Plans.Of(10_000, 4000, Plans.Reading(0, [.. Cgroup.Pages(0, 4000)])));
        held.Run(Plans.Forever, 200, long.MaxValue);
        Assert.InRange(held.PagesHeld, 1, 200);
    }

    [Fact]
    public void How_many_accesses_it_is_allowed_budget_changes_nothing() =>
        Gen.Select(Traces, Traces, Gen.Int[1, 700], Gen.Bool, PolicyNames).Sample((one, other, budget, turns, policy) =>
        {
            var plan = Two(one, other, turns, policy);
            var container = new Container(plan());
            while (container.Run(Plans.Forever, Plans.AllPages, budget) != StopReason.Done)
            {
            }

            Assert.Equal(Plans.Dump(Plans.Finished(plan())), Plans.Dump(container));
        });

    [Fact]
    public void Neither_do_horizons() =>
        Gen.Select(Traces, Traces, Gen.Long[5_000, 3_000_000], PolicyNames).Sample((one, other, step, policy) =>
        {
            var plan = Two(one, other, turns: false, policy);
            var container = new Container(plan());
            for (var horizon = step; container.Run(horizon, Plans.AllPages, long.MaxValue) != StopReason.Done; horizon += step)
            {
            }

            Assert.Equal(Plans.Dump(Plans.Finished(plan())), Plans.Dump(container));
        });

    [Fact]
    public void Nor_do_grants_of_pages_as_long_as_there_are_some() =>
        Gen.Select(Traces, Traces, Gen.Long[64, 200], Gen.Bool).Sample((one, other, grant, turns) =>
        {
            var plan = Two(one, other, turns, KernelChoice.MultiGen);
            var container = new Container(plan());
            while (container.Run(Plans.Forever, grant, long.MaxValue) != StopReason.Done)
            {
            }

            Assert.Equal(Plans.Dump(Plans.Finished(plan())), Plans.Dump(container));
        });

    [Fact]
    public void Jobs_that_take_turns_are_one_job_that_reads_their_pages_in_turn() =>
        Gen.Select(Traces, Traces, Gen.Int[1, 100]).Sample((one, other, turn) =>
        {
            // Even and odd pages, none twice in a row: an immediate read of the same page would not be counted.
            uint[] even = [.. Distinct(one).Select(page => page & ~1u)];
            uint[] odd = [.. Distinct(other).Select(page => page | 1)];
            (even, odd) = (Distinct(even), Distinct(odd));
            var apart = Plans.Finished(Plans.Of(300, 1500, Plans.Reading(0, even) with { Turn = turn }, Plans.Reading(1, odd) with { Turn = turn }) with { Turns = true });
            var together = Plans.Finished(Plans.Of(300, 1500, Plans.Reading(0, InTurn(even, odd, turn))));

            Assert.Equal(new ContainerFigures(together).MemoryStat, new ContainerFigures(apart).MemoryStat);
            Assert.Equal(new ContainerFigures(together).Residency(0).Bitmap, new ContainerFigures(apart).Residency(0).Bitmap);
        });

    [Fact]
    public void In_virtual_time_a_job_that_thinks_makes_fewer_accesses()
    {
        var busy = Plans.Reading(0, [.. Enumerable.Repeat(1u, 10_000)]) with { EndNs = 1000 * HitNs };
        var thinking = Plans.Reading(1, [.. Enumerable.Repeat(1u, 10_000)]) with { EndNs = 1000 * HitNs, ThinkNs = 9 * HitNs };
        var figures = new ContainerFigures(Plans.Finished(Plans.Of(1000, 64, busy, thinking) with { Cpus = 2 }));

        Assert.InRange(figures.Workload(0).Accesses, 990, 1000);
        Assert.InRange(figures.Workload(1).Accesses, 98, 101);
    }

    [Fact]
    public void Two_jobs_on_one_processor_do_what_one_does()
    {
        var jobs = Enumerable.Range(0, 2).Select(job => Plans.Reading(job, [.. Enumerable.Repeat(1u, 10_000)]) with { EndNs = 1000 * HitNs }).ToArray();
        var one = Plans.Finished(Plans.Of(1000, 64, jobs));
        var two = Plans.Finished(Plans.Of(1000, 64, jobs[0] with { Streams = Plans.Reading(0, [.. Enumerable.Repeat(1u, 10_000)]).Streams },
            jobs[1] with { Streams = Plans.Reading(1, [.. Enumerable.Repeat(1u, 10_000)]).Streams }) with
        { Cpus = 2 });

        Assert.InRange(one.Accesses, 980, 1002);
        Assert.InRange(two.Accesses, 1970, 2002);
    }

    [Fact]
    public void A_page_read_again_at_once_through_the_same_open_file_counts_as_one_access()
    {
        var once = Plans.Finished(Plans.Of(1000, 64, Plans.Reading(0, 1, 2)));
        var again = Plans.Finished(Plans.Of(1000, 64, Plans.Reading(0, 1, 1, 1, 2, 2)));
        var back = Plans.Finished(Plans.Of(1000, 64, Plans.Reading(0, 1, 2, 1)));

        Assert.Equal(once.Memcg!.Folios.State, again.Memcg!.Folios.State);
        Assert.NotEqual(once.Memcg!.Folios.State, back.Memcg!.Folios.State);
    }

    [Fact]
    public void The_optimal_policy_in_a_container_is_the_optimal_policy() =>
        Gen.Select(Traces, Gen.Int[1, 400]).Sample((trace, capacity) =>
        {
            var plan = Plans.Of(capacity, 1500, Plans.Reading(0, trace));
            var container = Plans.Finished(plan with { Kernel = new KernelChoice { Policy = ReferencePolicies.Opt } });
            var hits = ReferencePolicies.Create(ReferencePolicies.Opt, 1536, capacity, trace).Replay(trace, new bool[trace.Length]);

            Assert.Equal(trace.Length - hits, container.Misses);
        });

    [Fact]
    public void The_optimal_policy_knows_the_order_in_which_jobs_take_turns() =>
        Gen.Select(Traces, Traces, Gen.Int[1, 100]).Sample((one, other, turn) =>
        {
            var plan = Plans.Of(100, 1500, Plans.Reading(0, one) with { Turn = turn }, Plans.Reading(1, other) with { Turn = turn });
            var container = Plans.Finished(plan with { Kernel = new KernelChoice { Policy = ReferencePolicies.Opt } });
            var trace = InTurn(one, other, turn);
            var hits = ReferencePolicies.Create(ReferencePolicies.Opt, 1536, 100, trace).Replay(trace, new bool[trace.Length]);

            Assert.Equal(trace.Length - hits, container.Misses);
        });

    [Fact]
    public void Processes_that_exceed_the_limit_are_refused() =>
        Assert.Throws<MemcgOutOfMemoryException>(() => new Container(Plans.Of(100, 64, Plans.Reading(0, 1)) with { ProcessAnonPages = 101 }));

    [Fact]
    public void A_policy_that_does_not_exist_is_refused() =>
        Assert.Throws<ArgumentException>(() => new Container(Plans.Of(100, 64, Plans.Reading(0, 1)) with { Kernel = new KernelChoice { Policy = "lfu" } }));

    private static Func<ContainerPlan> Two(uint[] one, uint[] other, bool turns, string policy) => () =>
        Plans.Of(300, 1500, Plans.Reading(0, one), Plans.Reading(1, new Device(DeviceType.Of("ssd")), other) with { Turn = 17 })
            with
        { Turns = turns, Cpus = 2, Kernel = new KernelChoice { Policy = policy } };

    private static uint[] Distinct(uint[] trace) => [.. trace.Where((page, i) => i == 0 || page != trace[i - 1])];

    private static uint[] InTurn(uint[] one, uint[] other, int turn)
    {
        var trace = new List<uint>();
        for (var at = 0; at < Math.Max(one.Length, other.Length); at += turn)
        {
            trace.AddRange(one.Skip(at).Take(turn));
            trace.AddRange(other.Skip(at).Take(turn));
        }

        return [.. trace];
    }

    [Fact]
    public void Jobs_that_want_one_CPU_share_it_alike()
    {
        var jobs = Enumerable.Range(0, 3).Select(job => Plans.Reading(job, [.. Enumerable.Range(0, 1000).Select(i => (uint)(i % 32))]) with { EndNs = 1_000_000 });
        var figures = new ContainerFigures(Plans.Finished(Plans.Of(1000, 64, [.. jobs]) with { Cpus = 1 }));

        var accesses = Enumerable.Range(0, 3).Select(job => figures.Job(job).Accesses).ToArray();
        Assert.True(accesses.Max() - accesses.Min() <= accesses.Max() / 4, string.Join(" ", accesses));
    }

    [Fact]
    public void Who_waits_for_a_device_lets_others_have_the_CPU()
    {
        var disk = new Device(DeviceType.Of("hdd"));
        var waiting = Plans.Reading(0, disk, [.. Enumerable.Range(0, 20).Select(i => (uint)i)]);
        var computing = Plans.Reading(1, [.. Enumerable.Range(0, 20000).Select(i => (uint)(32 + i % 16))]) with { EndNs = 60_000_000 };
        var alone = new ContainerFigures(Plans.Finished(Plans.Of(1000, 64, Plans.Reading(0, [.. Enumerable.Range(0, 20000).Select(i => (uint)(32 + i % 16))]) with { EndNs = 60_000_000 })));
        var together = new ContainerFigures(Plans.Finished(Plans.Of(1000, 64, waiting, computing) with { Cpus = 1 }));

        Assert.True(together.Job(1).Accesses > alone.Job(0).Accesses * 9 / 10);
    }
}
