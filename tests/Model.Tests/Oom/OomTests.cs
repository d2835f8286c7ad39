using Reclaim.Model.Control;
using Reclaim.Model.Kernels;
using Reclaim.Model.Memcg;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Steps;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Oom;

/// <summary>Containers that run out of memory by a limit of their own.</summary>
public sealed class OomTests
{
    private const uint Store = AccessSource.WriteBit;
    private const long Later = 1_000_000_000;

    public static TheoryData<string, string, bool, long> Kernels
    {
        get
        {
            var data = new TheoryData<string, string, bool, long>();
            foreach (var (policy, variant) in new[] { ("mglru", "v6.1.192"), ("mglru", "v6.8"), ("mglru", "v6.12.117"), ("mglru", "v6.19"), ("classic", "v6.1.192"), ("classic", "v6.12.117") })
            {
                foreach (var turns in new[] { true, false })
                {
                    data.Add(policy, variant, turns, 0);
                    data.Add(policy, variant, turns, 100);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void The_largest_process_is_killed_and_not_the_one_that_needed_the_page(string policy, string variant, bool turns, long swap)
    {
        var container = Run(Plan(policy, variant, turns, swap, 1000, Filling(0, 700), Filling(1, 600) with { StartNs = Later }));

        Assert.Equal([0], Killed(container));
        Assert.Equal(600, container.Memcg!.AnonPages + container.Memcg.SwapUsed);
        Assert.Equal((1, 1, 0), OomEvents(container));
        Assert.Equal((700, 600), (Accesses(container, 0), Accesses(container, 1)));
        AssertConserved(container);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_process_that_is_the_largest_itself_ends_in_the_access_that_ran_out(string policy, string variant, bool turns, long swap)
    {
        var container = Run(Plan(policy, variant, turns, swap, 1000, Filling(0, 300), Filling(1, 2000) with { StartNs = Later }, Filling(2, 400) with { StartNs = 2 * Later }));

        Assert.Equal([1], Killed(container));
        Assert.InRange(Accesses(container, 1), 690 + swap - 64, 700 + swap);
        Assert.Equal((300, 400), (Accesses(container, 0), Accesses(container, 2)));
        Assert.Equal(700, container.Memcg!.AnonPages + container.Memcg.SwapUsed);
        AssertConserved(container);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void How_a_run_is_cut_into_steps_does_not_matter(string policy, string variant, bool turns, long swap)
    {
        ContainerPlan Busy() => Plan(policy, variant, turns, swap, 1000, Filling(0, 500), Filling(1, 800), Plans.Reading(2, [.. Numbers(3000)]), Filling(3, 900) with { StartNs = Later / 10_000 });

        var (whole, cut) = (Run(Busy()), new Container(Busy()));
        while (cut.Run(Plans.Forever, Plans.AllPages, 61) != StopReason.Done)
        {
            AssertConserved(cut);
        }

        Assert.NotEmpty(Killed(whole));
        Assert.Equal(Plans.Dump(whole), Plans.Dump(cut));
        Assert.Equal(Kills(whole), Kills(cut));
    }

    [Fact]
    public void Oom_score_adj_moves_the_choice_and_minus_1000_forbids_it()
    {
        JobPlan[] Jobs(int adj) => [Filling(0, 700) with { OomScoreAdj = adj }, Filling(1, 400) with { StartNs = Later }];

        Assert.Equal([0], Killed(Run(Plan("mglru", "v6.8", false, 0, 1000, Jobs(0)))));
        Assert.Equal([0], Killed(Run(Plan("mglru", "v6.8", false, 0, 1000, Jobs(-300)))));
        Assert.Equal([1], Killed(Run(Plan("mglru", "v6.8", false, 0, 1000, Jobs(-500)))));
        Assert.Equal([1], Killed(Run(Plan("mglru", "v6.8", false, 0, 1000, Jobs(-1000)))));
    }

    [Fact]
    public void Who_must_not_be_killed_leaves_nobody_to_kill_and_the_message_has_the_time()
    {
        var run = () => Run(Plan("mglru", "v6.8", false, 0, 1000, Filling(0, 2000) with { OomScoreAdj = -1000, StartNs = Later }));

        Assert.Contains("at 1.00", Assert.Throws<MemcgOutOfMemoryException>(run).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_group_dies_together_but_for_who_must_not(bool turns)
    {
        var container = Run(Plan("mglru", "v6.8", turns, 0, 1000, Filling(0, 300), Filling(1, 100) with { OomScoreAdj = -1000 }, Filling(2, 2000)) with { OomGroup = true });

        Assert.Equal([0, 2], Killed(container));
        Assert.Equal((1, 2, 1), OomEvents(container));
        Assert.Equal(100, container.Memcg!.AnonPages);
        Assert.Equal(100, Accesses(container, 1));
        AssertConserved(container);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Threads_die_with_their_process(bool turns)
    {
        var container = Run(Plan("mglru", "v6.8", turns, 0, 1000,
            Filling(0, 600) with { Process = 0 }, Filling(1, 600) with { Process = 0 }, Filling(2, 50) with { Process = 0, StartNs = 100 * Later }));

        Assert.Equal((1, 1, 0), OomEvents(container));
        Assert.Equal([0, 1, 2], new ContainerFigures(container).OomKills.Single().Workloads);
        Assert.Equal((0, 0), (container.Memcg!.AnonPages, Accesses(container, 2)));
    }

    [Fact]
    public void The_page_cache_of_a_process_that_is_killed_stays()
    {
        var container = Run(Plan("mglru", "v6.8", false, 0, 1000, Filling(0, 800), Filling(1, 500) with { StartNs = Later }, Plans.Reading(2, [.. Numbers(150)]) with { StartNs = 2 * Later }));

        Assert.Equal([0], Killed(container));
        Assert.Equal(150, container.Memcg!.FilePages);
    }

    [Fact]
    public void A_process_without_memory_of_its_own_is_killed_if_there_is_no_other()
    {
        var reader = Plans.Reading(1, [.. Numbers(3000)]) with { StartNs = Later };
        var container = Run(Plan("mglru", "v6.8", false, 0, 1000, Filling(0, 997) with { OomScoreAdj = -1000 }, reader));

        Assert.Equal([1], Killed(container));
        Assert.Equal(0, new ContainerFigures(container).OomKills.Single().Points);
        Assert.True(Accesses(container, 1) < 3000);
    }

    [Fact]
    public void Memory_outside_workloads_is_the_first_processs_and_goes_with_it()
    {
        var container = Run(Plan("mglru", "v6.8", false, 0, 1000, Plans.Reading(0, 1, 2, 3), Filling(1, 600) with { StartNs = Later }) with { ProcessAnonPages = 700 });

        Assert.Equal([0], Killed(container));
        Assert.Equal(700, new ContainerFigures(container).OomKills.Single().Points);
        Assert.Equal((600L << 12, 0L), (Plans.Stat(container, "anon"), container.Memcg!.ProcessAnon));
        container.Memcg.Lruvec.Drain();
        Assert.Equal(600L << 12, Plans.Stat(container, "inactive_anon") + Plans.Stat(container, "active_anon"));
        AssertConserved(container);
    }

    [Fact]
    public void Pages_in_swap_count_and_their_slots_are_freed()
    {
        var plan = Plan("mglru", "v6.8", false, 500, 1000, Filling(0, 800), Filling(1, 1200) with { StartNs = Later });
        var container = Run(plan);

        Assert.Equal([0], Killed(container));
        Assert.InRange(new ContainerFigures(container).OomKills.Single().Points, 800, 810);
        Assert.Equal(1200, container.Memcg!.AnonPages + container.Memcg.SwapUsed - container.Memcg.SwapCached);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_lower_limit_kills_until_what_is_left_fits(string policy, string variant, bool turns, long swap)
    {
        var container = Run(Plan(policy, variant, turns, swap, 3000, Filling(0, 600), Filling(1, 500), Filling(2, 700), Plans.Reading(3, [.. Numbers(3000)]) with { StartNs = Later }) with
        {
            Controls = [new ControlAccess(Later, ControlFile.MemoryMax, $"{1000 << 12}")],
        });

        Assert.Equal([2, 0], Killed(container));
        Assert.Equal((2, 2, 0), OomEvents(container));
        Assert.InRange(container.PagesCharged, 500, 1000);
    }

    private static Container Run(ContainerPlan plan) => Plans.Finished(plan);

    private static ContainerPlan Plan(string policy, string variant, bool turns, long swap, long max, params JobPlan[] jobs) => Plans.Of(max, 3000, jobs) with
    {
        Kernel = new KernelChoice { Policy = policy, Variant = variant, Swappiness = swap > 0 ? 60 : 0 },
        HeapPages = [2000, 2000, 2000, 2000],
        SwapPages = swap,
        SwapDevice = swap > 0 ? new Device(DeviceType.Of("brd")) : null,
        Turns = turns,
        Cpus = 4,
    };

    /// <summary>Stores to so many pages of a heap of its own, and keeps them.</summary>
    private static JobPlan Filling(int number, int pages) => new()
    {
        Workload = number,
        Streams =
        [
            new StreamPlan { Source = new ListedSource([.. Numbers(pages).Select(page => page | Store)]), File = number, Path = AccessPath.Anonymous, Device = new Device(DeviceType.Of("brd")) },
        ],
    };

    private static IEnumerable<uint> Numbers(int count) => Enumerable.Range(0, count).Select(page => (uint)page);

    private static IEnumerable<int> Killed(Container container) => new ContainerFigures(container).OomKills.SelectMany(kill => kill.Workloads);

    private static string Kills(Container container) =>
        string.Join('\n', new ContainerFigures(container).OomKills.Select(kill => $"{kill.AtNs} {string.Join(',', kill.Workloads)} {kill.Points} {kill.For}"));

    private static long Accesses(Container container, int workload) => new ContainerFigures(container).Workload(workload).Accesses;

    private static (long Oom, long Kill, long GroupKill) OomEvents(Container container)
    {
        var events = new ContainerFigures(container).MemoryEvents.ToDictionary(item => item.Name, item => item.Value);
        return (events["oom"], events["oom_kill"], events["oom_group_kill"]);
    }

    private static void AssertConserved(Container container)
    {
        var memcg = container.Memcg!;
        Assert.Equal(memcg.Charge.Usage, memcg.FilePages + memcg.AnonPages + memcg.ProcessAnon + memcg.Kernel.Pages + memcg.Charge.Stock);
    }
}
