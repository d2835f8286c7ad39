using System.Collections.Immutable;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Nodes;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Steps;
using Xunit;

namespace Reclaim.Model.Tests.Hierarchy;

/// <summary>Containers that have more jobs than their host has CPUs.</summary>
public sealed class SharedCpusTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_run_takes_as_long_as_its_CPU_time_takes_on_the_CPUs_there_are(int cpus)
    {
        var alone = Ends(cpus: 0);
        var shared = Ends(cpus);

        // Five jobs alike that never wait for anything but a CPU.
        Assert.All(alone, end => Assert.Equal(alone[0], end));
        Assert.InRange(shared.Max(), 5.0 / cpus * alone[0], 5.0 / cpus * alone[0] * 1.3);
    }

    [Fact]
    public void None_is_favoured()
    {
        var ends = Ends(cpus: 1);

        Assert.True(ends.Min() > 0.9 * ends.Max(), string.Join(' ', ends));
    }

    [Fact]
    public void CPUs_for_all_are_as_if_nobody_shared_them() => Assert.Equal(Ends(cpus: 0), Ends(cpus: 5));

    [Fact]
    public void A_CPU_that_somebody_has_is_nobody_elses()
    {
        var cpus = new SharedCpus(2);
        cpus.Take(fromNs: 0, cpuNs: 100, elapsedNs: 100);
        Assert.Equal(0, cpus.FreeNs);
        cpus.Take(fromNs: 50, cpuNs: 30, elapsedNs: 1000);
        Assert.Equal(80, cpus.FreeNs);

        // Two threads of one container that ran beside each other.
        cpus.Take(fromNs: 100, cpuNs: 80, elapsedNs: 40);
        Assert.Equal(140, cpus.FreeNs);
    }

    [Fact]
    public void Kswapd_takes_CPU_time_that_workloads_then_lack()
    {
        var roomy = Ends(cpus: 1, size: 100_000);
        var tight = Ends(cpus: 1, size: 2000);
        var tightButEnoughCpus = Ends(cpus: 6, size: 2000);

        Assert.True(tight.Max() > roomy.Max() * 1.05, $"{tight.Max()} {roomy.Max()}");
        Assert.True(tightButEnoughCpus.Max() < tight.Max() / 2, $"{tightButEnoughCpus.Max()} {tight.Max()}");
    }

    /// <summary>Where the clocks of five containers stand when all are done.</summary>
    private static ImmutableArray<long> Ends(int cpus, long size = 100_000)
    {
        var kernel = new KernelChoice { Policy = KernelChoice.MultiGen, Variant = "v6.12.117" };
        ImmutableArray<Container> containers =
        [
            .. Enumerable.Range(0, 5).Select(_ => new Container(
                Plans.Of(1L << 40, 3000, Plans.Reading(0, [.. Enumerable.Range(0, 20_000).Select(i => (uint)((long)i * 7919 % 700))])) with { Kernel = kernel })),
        ];
        var node = new NumaNode(size, 100, new Watermarks(Min: 100, Low: 150, High: 200, Promo: 250), seed: 1);
        var tree = new MemcgTree();
        var root = tree.Add("/", -1, new MemcgLimits(long.MaxValue, 0, 0));
        for (var i = 0; i < containers.Length; i++)
        {
            tree.Charge(tree.Add($"/{i}", root, new MemcgLimits(long.MaxValue, 0, 0), i), containers[i].PagesHeld);
        }

        var domain = new SharedDomain(tree, Enumerable.Range(0, containers.Length), kernel, turns: false, 50_000, long.MaxValue, node, cpus);
        var steps = new HostSteps(containers, [.. containers.Select((_, i) => $"/{i}")], new NodeMemory(size), null, [domain]);
        while (!steps.Coordinator.Done)
        {
            steps.Step(long.MaxValue);
        }

        return [.. containers.Select(container => container.NowNs)];
    }
}
