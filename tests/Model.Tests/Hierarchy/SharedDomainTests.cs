using System.Collections.Immutable;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Readahead;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Steps;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Hierarchy;

/// <summary>Containers below one limit, run step by step.</summary>
public sealed class SharedDomainTests
{
    private const long Limit = 1500;

    public static TheoryData<string, string, bool> Kernels() => new()
    {
        { "mglru", "v6.1.192", true }, { "mglru", "v6.12.117", true }, { "classic", "v6.12.117", true }, { "mglru", "v6.19", false }, { "mglru", "v6.8", false }, { "classic", "v6.8", false },
    };

    [Theory]
    [MemberData(nameof(Kernels))]
    public void What_they_hold_together_stays_within_the_limit_at_every_step(string policy, string variant, bool turns)
    {
        var (steps, containers) = Host(policy, variant, turns);
        while (!steps.Coordinator.Done)
        {
            steps.Step(97);
            var held = containers.Sum(container => container.PagesHeld);
            var domain = steps.Coordinator.Domains[0];

            // An access may charge a node of the page-cache tree beside its page.
            Assert.InRange(held, 0, Limit + 3);
            Assert.Equal(held - domain.PendingStock, domain.Tree.Nodes[0].Usage);
            Assert.Equal(domain.Tree.Nodes[0].Usage, domain.Tree.Nodes.Skip(1).Sum(node => node.Usage));
        }

        Assert.True(Plans.Stat(containers[0], "pgsteal") > 0 && Plans.Stat(containers[1], "pgsteal") > 0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void How_a_run_is_cut_into_steps_does_not_matter(string policy, string variant, bool turns)
    {
        var whole = Host(policy, variant, turns);
        var cut = Host(policy, variant, turns);
        Finish(whole.Steps, long.MaxValue);
        Finish(cut.Steps, 61);

        Assert.Equal(whole.Containers.Select(Plans.Dump), cut.Containers.Select(Plans.Dump));
    }

    [Theory]
    [InlineData("mglru", "v6.8")]
    [InlineData("mglru", "v6.12.117")]
    [InlineData("classic", "v6.8")]
    [InlineData("classic", "v6.12.117")]
    public void Alone_below_a_limit_is_as_good_as_with_a_limit_of_its_own(string policy, string variant)
    {
        var shared = Host(policy, variant, turns: true, members: 1);
        var own = Plans.Finished(Plan(0, policy, variant, turns: true) with { MaxPages = Limit });
        Finish(shared.Steps, 1000);

        // But for reclaim that follows the access instead of coming between a page and its tree node.
        var (one, other) = (Plans.Stat(shared.Containers[0], "workingset_refault_file"), Plans.Stat(own, "workingset_refault_file"));
        Assert.InRange(Math.Abs(one - other), 0, other / 50);
        Assert.Equal(new ContainerFigures(own).MemoryEvents.Single(item => item.Name == "max").Value, shared.Steps.Coordinator.Domains[0].Tree.Nodes[0].EventsMax, other / 50.0);
    }

    /// <summary>Requests of one page and of four, with readahead and without: what they wait for reclaim is a part of their latency, whoever is reclaimed for.</summary>
    [Theory]
    [InlineData(true, 1, 0)]
    [InlineData(false, 1, 0)]
    [InlineData(false, 4, 0)]
    [InlineData(true, 4, 0)]
    [InlineData(false, 1, 32)]
    [InlineData(false, 4, 32)]
    public void Requests_take_as_long_below_a_limit_as_with_a_limit_of_their_own(bool turns, int block, int ahead)
    {
        var own = Plans.Finished(Random() with { MaxPages = Limit });
        var shared = Host(Random());
        Finish(shared.Steps, 1000);

        Assert.Equal(own.Accesses, shared.Container.Accesses);
        Assert.All([0.5, 0.9, 0.99, 0.999], share =>
            Assert.Equal(new ContainerFigures(own).Workload(0).Latencies.Percentile(share), new ContainerFigures(shared.Container).Workload(0).Latencies.Percentile(share), 2000.0));

        ContainerPlan Random()
        {
            var plan = Plan(0, "mglru", "v6.12.117", turns);
            var stream = plan.Jobs[0].Streams[0] with
            {
                Device = new Device(DeviceType.Of("nvme")),
                BlockBytes = 4096 * block,
                ReadAheadPages = ahead,
                Advice = ahead == 0 ? ReadaheadAdvice.Random : ReadaheadAdvice.Normal,
                Source = new ListedSource([.. Enumerable.Range(0, 8000).Select(i => (uint)((long)i * 7919 % (2000 / block)))]),
            };
            return plan with { Jobs = [plan.Jobs[0] with { Streams = [stream] }] };
        }
    }

    [Theory]
    [InlineData("mglru", "v6.8")]
    [InlineData("mglru", "v6.12.117")]
    [InlineData("classic", "v6.8")]
    [InlineData("classic", "v6.12.117")]
    public void A_limit_above_that_is_never_reached_changes_nothing(string policy, string variant)
    {
        var shared = Host(policy, variant, turns: false, limit: 100_000, ownLimit: Limit / 2);
        Finish(shared.Steps, 1000);

        Assert.All(shared.Containers, (container, member) =>
            Assert.Equal(Plans.Dump(Plans.Finished(Plan(member, policy, variant, turns: false) with { MaxPages = Limit / 2 })), Plans.Dump(container)));
    }

    [Theory]
    [InlineData("v6.1.192")]
    [InlineData("v6.8")]
    public void A_refault_is_judged_by_the_lists_of_the_cgroup_that_had_the_page_evicted(string variant)
    {
        // Alone below a limit that leaves less than its own: the limit above has all its pages evicted, and its age is the one that counts. The other way round, its own.
        var above = Host("classic", variant, turns: true, members: 1, limit: Limit / 2, ownLimit: Limit);
        var own = Host("classic", variant, turns: true, members: 1, limit: Limit, ownLimit: Limit / 2);
        Finish(above.Steps, 1000);
        Finish(own.Steps, 1000);

        var (one, other) = (Plans.Stat(above.Containers[0], "workingset_activate_file"), Plans.Stat(own.Containers[0], "workingset_activate_file"));
        Assert.True(other > 0);
        Assert.InRange(Math.Abs(one - other), 0, other / 50);
    }

    [Fact]
    public void Halving_the_quantum_hardly_matters()
    {
        var (coarse, fine) = (Host("mglru", "v6.12.117", turns: false, quantumNs: 100_000), Host("mglru", "v6.12.117", turns: false, quantumNs: 50_000));
        Finish(coarse.Steps, 10_000);
        Finish(fine.Steps, 10_000);

        for (var i = 0; i < 2; i++)
        {
            var (one, other) = (Plans.Stat(coarse.Containers[i], "workingset_refault_file"), Plans.Stat(fine.Containers[i], "workingset_refault_file"));
            Assert.InRange(Math.Abs(one - other), 0, other / 100);
        }
    }

    [Fact]
    public void Memory_low_keeps_a_neighbours_scan_out()
    {
        var (open, kept) = (Host("mglru", "v6.12.117", turns: true), Host("mglru", "v6.12.117", turns: true, low: 1000));
        Finish(open.Steps, 10_000);
        Finish(kept.Steps, 10_000);

        Assert.True(Plans.Stat(kept.Containers[0], "pgsteal") < Plans.Stat(open.Containers[0], "pgsteal"));
        Assert.True(new ContainerFigures(kept.Containers[0]).Workload(0).DeviceReads < new ContainerFigures(open.Containers[0]).Workload(0).DeviceReads);
    }

    private static void Finish(HostSteps steps, long accesses)
    {
        while (!steps.Coordinator.Done)
        {
            steps.Step(accesses);
        }
    }

    /// <summary>One reads 2000 pages at random, the first few hundred of them more often; the other reads 3000 in order, again and again.</summary>
    private static ContainerPlan Plan(int member, string policy, string variant, bool turns)
    {
        uint[] pages = member == 0
            ? [.. Enumerable.Range(0, 12_000).Select(i => (uint)((long)i * 7919 % 3001 * ((long)i * 104_729 % 1009) / 1009 % 2000))]
            : [.. Enumerable.Range(0, 9000).Select(i => (uint)(i % 3000))];
        return Plans.Of(1L << 40, 3000, Plans.Reading(0, pages)) with { Kernel = new KernelChoice { Policy = policy, Variant = variant }, Turns = turns };
    }

    private static (HostSteps Steps, Container Container) Host(ContainerPlan alone)
    {
        var (container, tree) = (new Container(alone), new MemcgTree());
        tree.Charge(tree.Add("/pod/0", tree.Add("/pod", -1, new MemcgLimits(Limit, 0, 0)), new MemcgLimits(long.MaxValue, 0, 0), 0), container.PagesHeld);
        return (new HostSteps([container], ["/pod/0"], new NodeMemory(100_000), null, [new SharedDomain(tree, [0], alone.Kernel, alone.Turns, 100_000, long.MaxValue)]), container);
    }

    private static (HostSteps Steps, ImmutableArray<Container> Containers) Host(
        string policy, string variant, bool turns, int members = 2, long low = 0, long quantumNs = 100_000, long limit = Limit, long ownLimit = 1L << 40)
    {
        ImmutableArray<Container> containers = [.. Enumerable.Range(0, members).Select(member => new Container(Plan(member, policy, variant, turns) with { MaxPages = ownLimit }))];
        var tree = new MemcgTree();
        var root = tree.Add("/pod", -1, new MemcgLimits(limit, 0, 0));
        for (var member = 0; member < members; member++)
        {
            tree.Charge(tree.Add($"/pod/{member}", root, new MemcgLimits(long.MaxValue, member == 0 ? low : 0, 0), member), containers[member].PagesHeld);
        }

        var domain = new SharedDomain(tree, Enumerable.Range(0, members), new KernelChoice { Policy = policy, Variant = variant }, turns, quantumNs, long.MaxValue);
        return (new HostSteps(containers, [.. Enumerable.Range(0, members).Select(member => $"/pod/{member}")], new NodeMemory(100_000), null, [domain]), containers);
    }
}
