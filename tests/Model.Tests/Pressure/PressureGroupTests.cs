using CsCheck;
using Reclaim.Model.Pressure;
using Xunit;

namespace Reclaim.Model.Tests.Pressure;

/// <summary>What tasks are at, and what pressure comes of it.</summary>
public sealed class PressureGroupTests
{
    private const long Ms = 1_000_000;
    private const long Period = PressureGroup.PeriodNs;

    /// <summary>A task's states from a time on.</summary>
    private sealed record Step(int Task, int Cpu, long Ns, byte Kind);

    [Fact]
    public void A_task_that_runs_lacks_nothing()
    {
        var group = new PressureGroup(1);
        new PressureTask(group, 0).Run(0, 0);

        Assert.Equal(("0 0", "0 0", "0 0"), Totals(group, 10 * Ms));
    }

    [Fact]
    public void A_task_in_reclaim_is_full_memory_pressure()
    {
        var group = new PressureGroup(1);
        Running(group, 0).Stall(2 * Ms, 5 * Ms);

        Assert.Equal(("0 0", "3000 3000", "0 0"), Totals(group, 10 * Ms));
    }

    [Fact]
    public void A_task_that_waits_for_a_page_it_had_lacks_memory_and_io()
    {
        var group = new PressureGroup(1);
        Running(group, 0).Sleep(2 * Ms, 5 * Ms, TaskStates.IoWait | TaskStates.MemStall);

        Assert.Equal(("3000 3000", "3000 3000", "0 0"), Totals(group, 10 * Ms));
    }

    [Fact]
    public void As_long_as_another_runs_on_the_same_CPU_nothing_is_full()
    {
        var group = new PressureGroup(1);
        Running(group, 0).Sleep(0, 10 * Ms, TaskStates.IoWait | TaskStates.MemStall);
        Running(group, 0);

        Assert.Equal(("9000 0", "9000 0", "0 0"), Totals(group, 9 * Ms));
    }

    /// <summary>A task in reclaim keeps others from the CPU: nothing productive could run.</summary>
    [Fact]
    public void Reclaim_on_the_CPU_is_full_whoever_waits_for_it()
    {
        var group = new PressureGroup(1);
        Running(group, 0).Stall(0, 4 * Ms);
        var other = new PressureTask(group, 0);
        other.WaitForCpu(0, 0);
        other.Run(4 * Ms, 0);

        Assert.Equal(("0 0", "4000 4000", "4000 0"), Totals(group, 4 * Ms));
    }

    /// <summary>One CPU stalls for the only millisecond it is busy, the other runs for three: 1 × 1 / (1 + 3).</summary>
    [Fact]
    public void CPUs_are_weighted_by_the_time_they_are_busy()
    {
        var group = new PressureGroup(2);
        var stalls = Running(group, 0);
        stalls.Stall(0, Ms);
        stalls.Exit(Ms);
        Running(group, 1);

        Assert.Equal(("0 0", "250 250", "0 0"), Totals(group, 3 * Ms));
    }

    [Fact]
    public void Sleep_without_want_is_no_pressure_and_no_weight()
    {
        var group = new PressureGroup(2);
        Running(group, 0).Sleep(0, 8 * Ms, TaskStates.None);
        Running(group, 1).Sleep(0, 8 * Ms, TaskStates.IoWait);

        Assert.Equal(("8000 8000", "0 0", "0 0"), Totals(group, 8 * Ms));
    }

    [Fact]
    public void The_text_is_the_kernels()
    {
        var group = new PressureGroup(1);
        Running(group, 0).Stall(0, Period);
        group.Collect(Period);

        Assert.Equal(
            "some avg10=18.11 avg60=3.27 avg300=0.68 total=2004000\nfull avg10=18.11 avg60=3.27 avg300=0.68 total=2004000\n",
            group.Figures(PressureResource.Memory).Text);
        Assert.Equal(
            "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
            group.Figures(PressureResource.Cpu).Text);
    }

    /// <summary>As in RunningAverageTests: a period of stall, and one without.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(Period - 1)]
    public void Averages_change_with_the_period_only(long since)
    {
        var group = new PressureGroup(1);
        Running(group, 0).Stall(0, Period);
        group.Collect(Period + since);
        Assert.Equal(1811, group.Figures(PressureResource.Memory).Some.Avg10);
        group.Collect(2 * Period);
        Assert.Equal(1483, group.Figures(PressureResource.Memory).Some.Avg10);
    }

    /// <summary>The work that averages stops, and the averages fade all the same.</summary>
    [Fact]
    public void A_group_that_sleeps_for_long_has_no_pressure_left_but_its_totals()
    {
        var group = new PressureGroup(1);
        var task = Running(group, 0);
        task.Stall(0, 20 * Period);
        task.Exit(20 * Period);
        group.Collect(20 * Period);
        var then = group.Figures(PressureResource.Memory).Some;
        Assert.True(then.Avg10 > 9000);

        group.Collect(2000 * Period);
        Assert.Equal(new PressureLine(0, 0, 0, then.Total), group.Figures(PressureResource.Memory).Some);

        // It wakes: a period later its stall is one period's.
        task.Stall(2000 * Period, 2002 * Period);
        group.Collect(2001 * Period);
        Assert.InRange(group.Figures(PressureResource.Memory).Some.Avg10, 1811, 1812);
    }

    [Fact]
    public void Looking_at_a_copy_leaves_no_trace()
    {
        var group = new PressureGroup(1);
        var task = Running(group, 0);
        task.Stall(Ms, 3 * Ms);
        task.Stall(5 * Ms, 2 * Period);
        group.Copy().Collect(2 * Ms);
        group.Copy().Collect(Period);
        group.Collect(6 * Ms);

        Assert.Equal(3000, group.Figures(PressureResource.Memory).Some.Total);
    }

    [Fact]
    public void Totals_are_those_of_states_looked_at_nanosecond_by_nanosecond() => Sample((steps, cpus) =>
    {
        const int Until = 400;
        var group = new PressureGroup(cpus);
        Play(group, steps);
        group.Collect(Until);
        var naive = Naive(steps, cpus, Until);
        foreach (var resource in Enum.GetValues<PressureResource>())
        {
            // Shown in microseconds, of which there is none in so short a time.
            Assert.Equal((naive[2 * (int)resource], naive[2 * (int)resource + 1]), group.TotalsNs(resource));
        }
    });

    [Fact]
    public void Full_is_never_more_than_some_and_neither_ever_shrinks() => Sample((steps, cpus) =>
    {
        var group = new PressureGroup(cpus);
        Play(group, steps);
        var last = new (long Some, long Full)[3];
        for (var now = 0; now <= 400; now += 7)
        {
            group.Collect(now);
            foreach (var resource in Enum.GetValues<PressureResource>())
            {
                var (some, full) = group.TotalsNs(resource);
                Assert.InRange(full, last[(int)resource].Full, some);
                Assert.InRange(some, last[(int)resource].Some, now);
                last[(int)resource] = (some, full);
            }
        }
    });

    /// <summary>Tasks are played one after the other, each to its end, or by time: their clocks need not agree.</summary>
    [Fact]
    public void In_which_order_tasks_report_does_not_matter() => Sample((steps, cpus) =>
    {
        var (byTime, byTask) = (new PressureGroup(cpus), new PressureGroup(cpus));
        Play(byTime, steps);
        Play(byTask, [.. steps.OrderBy(step => step.Task)]);
        byTime.Collect(400);
        byTask.Collect(400);
        Assert.All(Enum.GetValues<PressureResource>(), resource => Assert.Equal(byTime.TotalsNs(resource), byTask.TotalsNs(resource)));
    });

    private static void Sample(Action<List<Step>, int> test) =>
        Gen.Select(
                Gen.Int[1, 3],
                Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Long[0, 300], Gen.Byte[0, 5], (task, cpu, ns, kind) => new Step(task, cpu, ns, kind)).List[0, 40])
            .Sample((cpus, steps) => test([.. steps.OrderBy(step => step.Ns).Select(step => step with { Cpu = step.Cpu % cpus })], cpus), iter: 100);

    private static void Play(PressureGroup group, List<Step> steps)
    {
        var tasks = Enumerable.Range(0, 4).Select(_ => new PressureTask(group, 0)).ToArray();
        foreach (var step in steps)
        {
            tasks[step.Task].Set(step.Ns, Kinds[step.Kind], step.Cpu);
        }
    }

    private static TaskStates[] Kinds { get; } =
    [
        TaskStates.None, TaskStates.Running, TaskStates.Running | TaskStates.OnCpu, TaskStates.Running | TaskStates.OnCpu | TaskStates.MemStall,
        TaskStates.IoWait, TaskStates.IoWait | TaskStates.MemStall,
    ];

    private static long[] Naive(List<Step> steps, int cpus, int until)
    {
        var times = new long[cpus, 7];
        for (var now = 0; now < until; now++)
        {
            for (var cpu = 0; cpu < cpus; cpu++)
            {
                var here = Enumerable.Range(0, 4).Select(task => steps.LastOrDefault(step => step.Task == task && step.Ns <= now))
                    .Where(step => step is not null && step.Cpu == cpu).Select(step => Kinds[step!.Kind]).ToList();
                bool Any(TaskStates states) => here.Exists(task => (task & states) == states);
                var running = here.Where(task => (task & TaskStates.Running) != 0).ToList();
                var stalled = Any(TaskStates.MemStall);
                bool[] states =
                [
                    Any(TaskStates.IoWait),
                    Any(TaskStates.IoWait) && running.Count == 0,
                    stalled,
                    stalled && (running.TrueForAll(task => (task & TaskStates.MemStall) != 0) || Any(TaskStates.OnCpu | TaskStates.MemStall)),
                    running.Count > (Any(TaskStates.OnCpu) ? 1 : 0),
                    running.Count > 0 && !Any(TaskStates.OnCpu),
                    here.Exists(task => task != TaskStates.None),
                ];
                for (var state = 0; state < 7; state++)
                {
                    times[cpu, state] += states[state] ? 1 : 0;
                }
            }
        }

        var all = Enumerable.Range(0, cpus).ToList();
        var busy = Math.Max(1, all.Sum(cpu => times[cpu, 6]));
        return [.. Enumerable.Range(0, 6).Select(state => all.Sum(cpu => times[cpu, state] * times[cpu, 6]) / busy)];
    }

    private static PressureTask Running(PressureGroup group, int cpu)
    {
        var task = new PressureTask(group, cpu);
        task.Run(0, cpu);
        return task;
    }

    private static (string Io, string Memory, string Cpu) Totals(PressureGroup group, long nowNs)
    {
        group.Collect(nowNs);
        return (Of(PressureResource.Io), Of(PressureResource.Memory), Of(PressureResource.Cpu));

        string Of(PressureResource resource) => $"{group.Figures(resource).Some.Total} {group.Figures(resource).Full.Total}";
    }
}
