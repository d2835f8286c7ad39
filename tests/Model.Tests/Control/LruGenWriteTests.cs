using Reclaim.Model.Control;
using Reclaim.Model.Kernels;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Steps;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Control;

/// <summary>Commands written to lru_gen, and the multi-gen LRU switched on and off.</summary>
public sealed class LruGenWriteTests
{
    private const long AtNs = 150_000_000;

    /// <summary>124 pages, four batches of v6.12, are read once, a page each millisecond; then the last one goes on being read.</summary>
    private static ContainerPlan Hundred(params string?[] writes) =>
        Plans.Of(10_000, 124, Plans.Reading(0, [.. Enumerable.Range(0, 200).Select(i => (uint)Math.Min(i, 123))]) with { ThinkNs = 1_000_000 }) with
        {
            MemcgId = 7,
            Kernel = new KernelChoice { Variant = "v6.12.117", LruGenStats = false },
            Controls = [.. writes.Select(text => new ControlAccess(AtNs, ControlFile.LruGen, text))],
        };

    private static IReadOnlyList<ControlOutcome> Outcomes(params string?[] writes) => new ContainerFigures(Plans.Finished(Hundred(writes))).Controls;

    /// <summary>File pages of each generation in the text of lru_gen, oldest first.</summary>
    private static (ulong Seq, long File)[] Sizes(ControlOutcome outcome) =>
        [.. outcome.Text!.Split('\n').Skip(2).Where(line => line.Length != 0).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(fields => (ulong.Parse(fields[0], null), long.Parse(fields[3], null)))];

    [Fact]
    public void A_young_cgroup_has_its_pages_in_the_second_generation() =>
        Assert.Equal([(0ul, 0L), (1, 124), (2, 0), (3, 0)], Sizes(Outcomes((string?)null)[0]));

    [Fact]
    public void Aging_makes_a_generation_and_moves_no_page_of_page_cache() =>
        Assert.Equal([(1ul, 124L), (2, 0), (3, 0), (4, 0)], Sizes(Outcomes("+ 7 0 3", null)[1]));

    [Fact]
    public void Eviction_takes_whole_rounds_of_the_generations_asked_for()
    {
        var outcomes = Outcomes("+ 7 0 3", "- 7 0 1 0 50", null);

        Assert.Equal([0, 0, 0], outcomes.Select(outcome => outcome.Errno));
        Assert.Equal([(1ul, 60L), (2, 0), (3, 0), (4, 0)], Sizes(outcomes[2]));
    }

    [Fact]
    public void Commands_in_one_write_are_carried_out_until_the_first_that_fails()
    {
        var outcomes = Outcomes("+ 7 0 3; - 7 0 1 0 50, - 7 0 3", null);

        Assert.Equal(ControlOutcome.Einval, outcomes[0].Errno);
        Assert.Equal(60, Sizes(outcomes[1])[0].File);
    }

    [Theory]
    [InlineData("- 7 0 3", ControlOutcome.Einval)]
    [InlineData("+ 7 0 2", 0)]
    [InlineData("+ 7 0 4", ControlOutcome.Einval)]
    [InlineData("+ 7 0 3 0 0", ControlOutcome.Erange)]
    [InlineData("+ 8 0 3", ControlOutcome.Einval)]
    [InlineData("+ 7 1 3", ControlOutcome.Einval)]
    [InlineData("+ 7 0", ControlOutcome.Einval)]
    public void A_command_that_makes_no_sense_changes_nothing(string text, int errno)
    {
        var outcomes = Outcomes(text, null);

        Assert.Equal(errno, outcomes[0].Errno);
        Assert.Equal([(0ul, 0L), (1, 124), (2, 0), (3, 0)], Sizes(outcomes[1]));
    }

    [Fact]
    public void Placeholders_stand_for_the_numbers_of_the_moment()
    {
        var outcomes = Outcomes("+ $memcg 0 $max_seq", "+ $memcg 0 $max_seq", "- $memcg 0 $min_seq", null);

        Assert.Equal(["+ 7 0 3", "+ 7 0 4", "- 7 0 2", null], outcomes.Select(outcome => outcome.Value));
        Assert.Equal(0, Sizes(outcomes[3]).Sum(generation => generation.File));
    }

    [Fact]
    public void Forced_aging_finds_what_is_accessed_through_page_tables()
    {
        // Every page of the heap is stored to twice, and then the last of them for a while.
        static ContainerPlan Heap() => Plans.Of(4000, 64, new JobPlan
        {
            Workload = 0,
            Streams =
            [
                new StreamPlan
                {
                    Source = new ListedSource([.. Enumerable.Range(0, 2000).Select(i => (i < 600 ? (uint)(i % 300) : 299) | AccessSource.WriteBit)]), File = 0,
                    Device = new Device(DeviceType.Of("brd")), Path = AccessPath.Anonymous,
                },
            ],
        }) with
        {
            HeapPages = [300],
            SwapPages = 1000,
            SwapDevice = new Device(DeviceType.Of("brd")),
            MemcgId = 2,
            Kernel = new KernelChoice { Swappiness = 60 },
        };
        var late = Plans.Finished(Heap()).NowNs - 20_000;
        var outcomes = new ContainerFigures(Plans.Finished(Heap() with
        {
            Controls = [new(late, ControlFile.LruGen, "+ 2 0 $max_seq"), new(late, ControlFile.LruGen, "+ 2 0 $max_seq"), new(late, ControlFile.LruGen, null)],
        })).Controls;
        var anon = outcomes[2].Text!.Split('\n').Skip(2).Where(line => line.Length != 0)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(fields => (ulong.Parse(fields[0], null), long.Parse(fields[2], null))).ToArray();

        // Promoted by the first walk to what was then the youngest generation, 3; untouched since, the second leaves them there.
        Assert.Equal([(2ul, 0L), (3, 300), (4, 0), (5, 0)], anon);
    }

    [Theory]
    [InlineData("mglru", "n")]
    [InlineData("classic", "y")]
    [InlineData("classic", "7")]
    public void Switching_the_policy_loses_no_page(string policy, string enabled)
    {
        ContainerPlan Plan() => Plans.Of(1500, 3000, Plans.Reading(0, [.. Enumerable.Range(0, 6000).Select(i => (uint)(i * 7919 % 3001 % 3000))])) with
        {
            Kernel = new KernelChoice { Policy = policy },
        };
        var half = Plans.Finished(Plan()).NowNs / 2;
        var container = Plans.Finished(Plan() with { Controls = [new(half, ControlFile.LruGenEnabled, enabled), new(half + 1, ControlFile.MemoryStat, null)] });
        var figures = new ContainerFigures(container);

        var lists = Plans.Stat(container, "inactive_file") + Plans.Stat(container, "active_file");
        Assert.InRange(Plans.Stat(container, "file") - lists, 0, 15 * 4096);
        Assert.Equal(Plans.Stat(container, "file"), figures.Residency(0).Resident * 4096);
        Assert.Equal(policy == "classic", figures.LruGenFull(1, "/").Length != 0);
        Assert.Equal(6000, container.Accesses);
    }

    [Fact]
    public void Pages_of_the_two_youngest_generations_become_active()
    {
        var outcomes = Outcomes("+ 7 0 3", "- 7 0 1 0 50");
        Assert.All(outcomes, outcome => Assert.Equal(0, outcome.Errno));

        // All pages are in generation 1 of 1 to 4: inactive once the multi-gen LRU is off.
        var plan = Hundred("+ 7 0 3");
        var container = Plans.Finished(plan with { Controls = [.. plan.Controls, new(AtNs, ControlFile.LruGenEnabled, "n")] });
        Assert.Equal(124 * 4096, Plans.Stat(container, "inactive_file"));
        Assert.Equal(0, Plans.Stat(container, "active_file"));
    }
}
