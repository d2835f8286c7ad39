using System.Collections.Immutable;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Nodes;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Steps;
using Reclaim.Model.Time;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Oom;

/// <summary>Containers that run out of a limit that they share, or of the host's memory.</summary>
public sealed class SharedOomTests
{
    private const uint Store = AccessSource.WriteBit;
    private const long Later = 1_000_000_000;
    private const long Limit = 1500;

    public static TheoryData<string, string, bool, bool> Kernels()
    {
        var data = new TheoryData<string, string, bool, bool>();
        foreach (var (policy, variant) in new[] { ("mglru", "v6.1.192"), ("mglru", "v6.8"), ("mglru", "v6.12.117"), ("classic", "v6.1.192"), ("classic", "v6.12.117") })
        {
            foreach (var turns in new[] { true, false })
            {
                data.Add(policy, variant, turns, true);
                data.Add(policy, variant, turns, false);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void The_largest_process_of_all_below_is_killed(string policy, string variant, bool turns, bool wholeHost)
    {
        var host = new Machine(policy, variant, turns, wholeHost, [Filling(900)], [Filling(400) with { StartNs = Later }], [Filling(500) with { StartNs = 2 * Later }]);
        host.Finish(1000);

        Assert.Equal(["/pods/inner/0"], host.Killed);
        Assert.Equal([0, 400, 500], host.Containers.Select(container => container.Memcg!.AnonPages));
        Assert.Equal((wholeHost ? "/" : "/pods", wholeHost ? 0 : 1), (host.Kills(0).Single().For, host.Tree.Nodes.Single(node => node.Path == "/pods").EventsOom));
    }

    [Theory]
    [InlineData("mglru", "v6.1.192", true)]
    [InlineData("mglru", "v6.8", false)]
    [InlineData("mglru", "v6.12.117", true)]
    [InlineData("classic", "v6.1.192", false)]
    [InlineData("classic", "v6.12.117", true)]
    public void How_a_run_is_cut_into_steps_does_not_matter(string policy, string variant, bool turns)
    {
        Machine Busy() => new(policy, variant, turns, wholeHost: false,
            [Filling(700), Plans.Reading(1, [.. Enumerable.Range(0, 4000).Select(i => (uint)(i * 7919L % 3000))])], [Filling(900)], [Filling(1000) with { StartNs = 100_000 }, Filling(400) with { Workload = 1 }]);
        var (whole, cut) = (Busy(), Busy());
        whole.Finish(long.MaxValue);
        cut.Finish(61);

        Assert.NotEmpty(whole.Killed);
        Assert.Equal(whole.Containers.Select(Plans.Dump), cut.Containers.Select(Plans.Dump));
        Assert.Equal(Enumerable.Range(0, 3).SelectMany(whole.Kills).Select(kill => (kill.AtNs, kill.Points)), Enumerable.Range(0, 3).SelectMany(cut.Kills).Select(kill => (kill.AtNs, kill.Points)));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Pages_are_conserved_while_processes_are_killed(string policy, string variant, bool turns, bool wholeHost)
    {
        var host = new Machine(policy, variant, turns, wholeHost,
            [Filling(700), Plans.Reading(1, [.. Enumerable.Range(0, 4000).Select(i => (uint)(i * 7919L % 3000))])], [Filling(900)], [Filling(1000) with { StartNs = 100_000 }]);
        host.Finish(61);

        Assert.NotEmpty(host.Killed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_highest_group_on_the_way_up_dies_together(bool wholeHost)
    {
        var host = new Machine("mglru", "v6.8", turns: false, wholeHost, 0, innerIsGroup: true, [Filling(900)], [Filling(300) with { StartNs = Later }], [Filling(600) with { StartNs = 2 * Later }]);
        host.Finish(1000);

        Assert.Equal(["/pods/inner/0", "/pods/inner/1"], host.Killed);
        Assert.Equal([0, 0, 600], host.Containers.Select(container => container.Memcg!.AnonPages));
        Assert.Equal(1, host.Tree.Nodes.Single(node => node.Path == "/pods/inner").EventsOomGroupKill);
        Assert.Equal([0, 0, 0], host.Containers.Select(container => Event(container, "oom_group_kill")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Where_nobody_may_be_killed_the_run_fails_and_says_when(bool wholeHost)
    {
        var host = new Machine("mglru", "v6.8", turns: false, wholeHost, [Filling(2000) with { OomScoreAdj = -1000, StartNs = Later }]);

        Assert.Contains("at 1.00", Assert.Throws<StalledException>(() => host.Finish(1000)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_min_ttl_kswapd_would_rather_kill_than_take_what_was_in_use_just_now()
    {
        // All pages are younger than a minute, some older than a microsecond.
        long Kills(long minTtlNs)
        {
            var reader = Plans.Reading(0, [.. Enumerable.Range(0, 60_000).Select(i => (uint)(i % 20_000))]);
            var host = new Machine("mglru", "v6.12.117", turns: false, wholeHost: true, minTtlNs, innerIsGroup: false, [reader], [Filling(700) with { StartNs = 1_000_000, ThinkNs = 100_000 }]);
            host.Finish(1000);
            return host.Killed.Count();
        }

        Assert.Equal((0, 0), (Kills(1), Kills(1000)));
        Assert.NotEqual(0, Kills(60 * Later));
    }

    private static long Event(Container container, string name) => new ContainerFigures(container).MemoryEvents.Single(item => item.Name == name).Value;

    private static JobPlan Filling(int pages) => new()
    {
        Workload = 0,
        Streams =
        [
            new StreamPlan
            {
                Source = new ListedSource([.. Enumerable.Range(0, pages).Select(page => (uint)page | Store)]), File = 0, Path = AccessPath.Anonymous, Device = new Device(DeviceType.Of("brd")),
            },
        ],
    };

    /// <summary>/pods with a limit, or on a host as large; below it /pods/inner with two containers, and a third beside that.</summary>
    private sealed class Machine
    {
        private readonly HostSteps _steps;
        private readonly NumaNode? _node;

        public Machine(string policy, string variant, bool turns, bool wholeHost, params JobPlan[][] jobs)
            : this(policy, variant, turns, wholeHost, 0, innerIsGroup: false, jobs)
        {
        }

        public Machine(string policy, string variant, bool turns, bool wholeHost, long minTtlNs, bool innerIsGroup, params JobPlan[][] jobs)
        {
            var kernel = new KernelChoice { Policy = policy, Variant = variant, MinTtlNs = minTtlNs };
            Containers = [.. jobs.Select(of => new Container(Plans.Of(Plans.AllPages, 20_000, of) with
            {
                Kernel = kernel,
                HeapPages = [2000],
                Turns = turns,
                Cpus = 4,
            }))];
            Tree = new MemcgTree();
            var unlimited = new MemcgLimits(long.MaxValue, 0, 0);
            var above = wholeHost ? Tree.Add("/", -1, unlimited) : -1;
            var pods = Tree.Add("/pods", above, wholeHost ? unlimited : new MemcgLimits(Limit, 0, 0));
            var inner = Tree.Add("/pods/inner", pods, unlimited with { OomGroup = innerIsGroup });
            for (var i = 0; i < jobs.Length; i++)
            {
                Tree.Add(i < 2 ? $"/pods/inner/{i}" : $"/pods/{i}", i < 2 ? inner : pods, unlimited, i);
            }

            _node = wholeHost ? new NumaNode((minTtlNs > 0 ? 10 : 1) * Limit + 100, 0, new Watermarks(100, 120, 140, 160), seed: 1) : null;
            var domain = new SharedDomain(Tree, Enumerable.Range(0, jobs.Length), kernel, turns, 100_000, long.MaxValue, _node);
            _steps = new HostSteps(Containers, [.. Containers.Select((_, i) => $"{i}")], new NodeMemory(100_000), null, [domain]);
        }

        public ImmutableArray<Container> Containers { get; }

        public MemcgTree Tree { get; }

        public IEnumerable<string> Killed => Containers.SelectMany((_, i) => Kills(i).Select(_ => Tree.Nodes.Single(node => node.Member == i).Path));

        public IReadOnlyList<Model.Oom.OomKill> Kills(int container) => new ContainerFigures(Containers[container]).OomKills;

        public void Finish(long accesses)
        {
            while (!_steps.Coordinator.Done)
            {
                _steps.Step(accesses);
                var held = Containers.Sum(container => container.PagesHeld);
                Assert.Equal(held - _steps.Coordinator.Domains[0].PendingStock, Tree.Nodes[0].Usage);
                Assert.Equal(_node?.Taken ?? 0, _node is null ? 0 : Containers.Sum(container => container.PagesAllocated));
            }
        }
    }
}
