using System.Collections.Immutable;
using CsCheck;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Steps;
using Xunit;

namespace Reclaim.Model.Tests.Hierarchy;

/// <summary>What holds after every step of a host that is short of memory, whatever runs on it.</summary>
public sealed class NodePressurePropertyTests
{
    private const int Runs = 60;

    [Fact]
    public void Every_page_of_the_node_is_free_or_somebodys() => AfterEveryStep(at =>
    {
        foreach (var node in at.Domain.Nodes)
        {
            Assert.Equal(node.Size, node.Free + node.Used + node.Taken);
            Assert.True(node.Free >= 0, $"{node.Free} pages are free");
            Assert.Equal(at.Containers.Sum(container => container.PagesByNode?[node.Id] ?? container.PagesAllocated), node.Taken);
        }

        Assert.Equal(at.Containers.Sum(container => container.PagesAllocated), at.Domain.Nodes.Sum(node => node.Taken));
    });

    [Fact]
    public void What_a_cgroup_has_on_a_node_is_what_its_lists_there_have_and_what_is_on_none() => AfterEveryStep(at =>
    {
        foreach (var container in at.Containers.Where(container => container.PagesByNode is not null))
        {
            var (memcg, pages) = (container.Memcg!, container.PagesByNode!);
            for (var node = 0; node < pages.Length; node++)
            {
                var listed = Enumerable.Range(0, memcg.Folios.Pages).Count(page => memcg.Folios.State[page] != 0 && memcg.Nodes!.NodeOf[page] == node);
                Assert.Equal(pages[node], listed + memcg.Nodes!.OtherOn(node));
                Assert.True(pages[node] == 0 || memcg.Nodes.Plan.Reach.Contains(node), $"{pages[node]} pages on node {node}");
            }
        }
    });

    [Fact]
    public void What_a_cgroup_has_charged_is_what_those_below_it_have_and_within_its_limit() => AfterEveryStep(at =>
    {
        var nodes = at.Domain.Tree.Nodes;
        for (var i = 0; i < nodes.Count; i++)
        {
            var below = nodes.Where(node => node.Parent == i).Sum(node => node.Usage);
            Assert.True(nodes[i].Member >= 0 || nodes[i].Usage == below, $"{nodes[i].Path}: {nodes[i].Usage}, below it {below}");
            Assert.InRange(nodes[i].Usage, 0, nodes[i].Limits.Max == long.MaxValue ? long.MaxValue : nodes[i].Limits.Max + RandomHost.MostChargedAtOnce);
        }

        Assert.Equal(at.Containers.Sum(container => container.PagesCharged), nodes[0].Usage + at.Domain.PendingStock);


        // Where everything is dirty, and nobody is left to be killed, a limit that was lowered has no effect.
        Assert.All(at.Containers, container => Assert.InRange(container.PagesCharged, 0, container.Cache is { Dirty: 0, UnderWriteback: 0 } ? container.Memcg!.Charge.Max : long.MaxValue));
    });

    [Fact]
    public void Nobody_takes_swap_that_others_have_or_that_a_limit_above_forbids() => AfterEveryStep(at =>
    {
        var nodes = at.Domain.Tree.Nodes;
        Assert.InRange(at.Containers.Sum(container => container.Memcg!.SwapUsed), 0, RandomHost.SwapPages);
        for (var i = 0; i < nodes.Count; i++)
        {
            Assert.Equal(at.Domain.Tree.Subtree(i).Where(node => nodes[node].Member >= 0).Sum(node => at.Containers[nodes[node].Member].Memcg!.SwapUsed), nodes[i].SwapUsage);
            Assert.InRange(nodes[i].SwapUsage, 0, nodes[i].Limits.SwapMax);
        }
    });

    /// <summary>
    /// Protection that comes from a parent is that of the beginning of a pass (lru_gen_age_node since v6.11). Where others run while kswapd is
    /// about it, a cgroup may outgrow that.
    /// </summary>
    [Fact]
    public void Who_is_below_memory_min_with_all_above_loses_nothing_to_others() => AfterEveryStep(at =>
    {
        for (var victim = 0; victim < at.Containers.Length; victim++)
        {
            if (at.Host.IsProtected(victim) && at.Containers[victim].Memcg is { IsOffline: false })
            {
                Assert.InRange(at.Containers[victim].PagesCharged, 0, at.Host.Leaves[victim].MostPages);
                Assert.All(
                    Enum.GetValues<ReclaimReason>().Where(reason => at.Host.Turns || at.Host.IsTop(victim) || reason is ReclaimReason.Limit or ReclaimReason.High),
                    reason => Assert.Equal((0, 0), Taken(at.Domain, reason, victim, byOthers: reason == ReclaimReason.High)));
            }
        }
    });

    [Fact]
    public void The_counters_of_a_cgroup_are_what_the_reclaim_matrix_has_of_it() => AfterEveryStep(at =>
    {
        for (var victim = 0; victim < at.Containers.Length; victim++)
        {
            var (stat, own) = (at.Containers[victim].Memcg!.Stat, at.Steps.Coordinator.Memcgs[victim]);
            var others = Enum.GetValues<ReclaimReason>().Select(reason => Taken(at.Domain, reason, victim)).ToList();

            Assert.Equal((stat.PgscanKswapd, stat.PgstealKswapd), Taken(at.Domain, ReclaimReason.Kswapd, victim));
            Assert.Equal(stat.Pgscan, own.Scanned + others.Sum(entry => entry.Scanned));
            Assert.Equal(stat.Pgsteal, own.Reclaimed + others.Sum(entry => entry.Freed));
            Assert.InRange(stat.Pgsteal, 0, stat.Pgscan);
        }
    });

    /// <summary>Else properties of hosts with tiers would show little of them.</summary>
    [Fact]
    public void Most_hosts_with_tiers_demote_and_some_promote()
    {
        // One in fifteen promotes.
        const int Hosts = 4 * Runs;
        var (demoted, promoted) = (0, 0);
        RandomHost.AnyWithTiers.Sample(
            any =>
            {
                var host = any with { Promotion = true, ThinkUs = 3000 };
                var containers = Finished(host).Containers;
                _ = containers.Any(container => container.Memcg!.Stat.Pgdemote > 0) ? Interlocked.Increment(ref demoted) : 0;
                _ = containers.Any(container => container.Memcg!.Stat.PgpromoteSuccess > 0) ? Interlocked.Increment(ref promoted) : 0;
            },
            iter: Hosts);

        Assert.InRange(demoted, Hosts / 3, Hosts);
        Assert.InRange(promoted, 1, Hosts);
    }

    [Fact]
    public void Pages_go_down_and_come_up_and_none_is_lost_on_the_way() => AfterEveryStep(
        RandomHost.AnyWithTiers,
        at =>
        {
            foreach (var (container, i) in at.Containers.Select((container, i) => (container, i)))
            {
                var (memcg, plan) = (container.Memcg!, at.Host.NumaOf(i)!);
                var resident = Enumerable.Range(0, memcg.Folios.Pages).Count(page => memcg.Folios.State[page] != 0);
                Assert.Equal(memcg.FilePages + memcg.AnonPages, resident);
                Assert.InRange(memcg.Stat.Pgdemote, 0, memcg.Stat.Pgsteal);
                Assert.InRange(memcg.Stat.PgpromoteSuccess, 0, memcg.Stat.NumaHintFaults);
                Assert.InRange(memcg.Stat.NumaHintFaults, 0, memcg.Stat.NumaPteUpdates);
                Assert.True(memcg.Stat.Pgdemote == 0 || plan.Mems.Any(plan.Topology.HasCpus), "nothing goes down from the lowest tier");
            }
        });

    [Theory]
    [InlineData(false, "one node")]
    [InlineData(true, "one node")]
    [InlineData(false, "several nodes")]
    [InlineData(false, "tiers")]
    [InlineData(false, "a shared file")]
    [InlineData(false, "a disk")]
    public void How_a_run_is_cut_into_steps_does_not_matter(bool enoughMemory, string memory) =>
        (memory switch
        {
            "tiers" => RandomHost.AnyWithTiers,
            "several nodes" => RandomHost.AnyWithNodes,
            "a shared file" => RandomHost.AnyWithSharedFile,
            "a disk" => RandomHost.AnyWithDisk,
            _ => RandomHost.Any,
        }).Sample(
        any =>
        {
            var host = any with { Size = enoughMemory ? 100_000 : any.Size };
            Assert.Equal(Shown(host with { Step = int.MaxValue }), Shown(host));
        },
        iter: Runs);

    /// <summary>All that is to be seen of a run at its end, or why it broke off.</summary>
    private static IEnumerable<string> Shown(RandomHost host)
    {
        var (containers, stalled) = Finished(host);
        return stalled is null ? containers.Select(Plans.Dump) : [stalled];
    }

    private static (ImmutableArray<Container> Containers, string? Stalled) Finished(RandomHost host)
    {
        var (steps, containers, _) = host.Build();
        try
        {
            while (!steps.Coordinator.Done)
            {
                steps.Step(host.Step);
            }
        }
        catch (StalledException stalled)
        {
            return (containers, stalled.Message);
        }

        return (containers, null);
    }

    /// <summary>Where jobs go by their clocks: in turns the others' time passes too. Whoever was killed has lost some.</summary>
    [Fact]
    public void The_time_of_every_job_went_into_something_and_into_nothing_twice() => Gen.OneOf(RandomHost.Any, RandomHost.AnyWithNodes, RandomHost.AnyWithTiers, RandomHost.AnyWithSharedFile, RandomHost.AnyWithDisk).Sample(
        any =>
        {
            foreach (var container in Finished(any with { Turns = false }).Containers)
            {
                var figures = new ContainerFigures(container);
                Assert.All(
                    Enumerable.Range(0, figures.OomKills.Count == 0 ? container.Plan.Jobs.Count : 0),
                    job => Assert.Equal(figures.Job(job).SteadyNs, figures.Job(job).SteadySpentNs.Sum(kind => kind.Ns)));
            }
        },
        iter: Runs);

    private static (long Scanned, long Freed) Taken(SharedDomain domain, ReclaimReason reason, int victim, bool byOthers = false)
    {
        var entries = domain.Members.Select((_, aggressor) => byOthers && aggressor == victim ? default : domain.Reclaimed(reason, aggressor, victim)).ToList();
        return (entries.Sum(entry => entry.Scanned), entries.Sum(entry => entry.Freed));
    }

    private static void AfterEveryStep(Action<At> holds)
    {
        AfterEveryStep(RandomHost.Any, holds);
        AfterEveryStep(RandomHost.AnyWithNodes, holds);
        AfterEveryStep(RandomHost.AnyWithTiers, holds);
        AfterEveryStep(RandomHost.AnyWithSharedFile, holds);
        AfterEveryStep(RandomHost.AnyWithDisk, holds);
    }

    private static void AfterEveryStep(Gen<RandomHost> hosts, Action<At> holds)
    {
        var (pressed, brokeOff) = (0, 0);
        hosts.Sample(
            host =>
            {
                var (steps, containers, domain) = host.Build();
                try
                {
                    while (!steps.Coordinator.Done)
                    {
                        steps.Step(host.Step);
                        holds(new At(host, steps, containers, domain));
                    }
                }
                catch (StalledException)
                {
                    // Nothing to reclaim, and nobody to kill.
                    Interlocked.Increment(ref brokeOff);
                }

                _ = domain.Nodes.Any(node => node.Rounds > 0) ? Interlocked.Increment(ref pressed) : 0;
            },
            iter: Runs);

        // Else these runs would show little.
        Assert.InRange(pressed, Runs / 6, int.MaxValue);
        Assert.InRange(brokeOff, 0, Runs / 10);
    }

    private sealed record At(RandomHost Host, HostSteps Steps, ImmutableArray<Container> Containers, SharedDomain Domain);
}
