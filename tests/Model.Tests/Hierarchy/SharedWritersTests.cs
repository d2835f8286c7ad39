using System.Collections.Immutable;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Nodes;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Sharing;
using Reclaim.Model.Tests.Steps;
using Reclaim.Model.Time;
using Xunit;

namespace Reclaim.Model.Tests.Hierarchy;

/// <summary>Containers that write more than fits, below a limit that they share or on a short node: they wait for the flushers, for so much may be dirty and no more.</summary>
public sealed class SharedWritersTests
{
    private const int Pages = 2000;
    private const int Writers = 3;

    /// <summary>Pages that a writer may make dirty before it looks at the limits again.</summary>
    private const int Between = 64;

    private static readonly long[] _strides = [7, 11, 13];

    public static TheoryData<string, string, bool> Hosts()
    {
        var data = new TheoryData<string, string, bool>();
        foreach (var (policy, variant) in SharingHost.Kernels)
        {
            data.Add(policy, variant, true);
            data.Add(policy, variant, false);
        }

        return data;
    }

    /// <summary>
    /// Even under kernels whose reclaim never wakes a flusher. vm.dirty_ratio is 20 % of what could be dirty: on a node for all of them together; below a limit
    /// for each, of its own pages and of the room that is left, until it is full.
    /// </summary>
    [Theory]
    [MemberData(nameof(Hosts))]
    public void So_much_is_dirty_and_no_more_and_nobody_is_killed(string policy, string variant, bool node)
    {
        var (steps, containers, domain) = Host(policy, variant, node);
        var most = 0L;
        while (!steps.Coordinator.Done)
        {
            steps.Step(50);
            most = Math.Max(most, containers.Sum(container => container.Cache.Dirty + container.Cache.UnderWriteback));
        }

        Assert.Equal(Writers * 6000, containers.Sum(container => container.Accesses));
        Assert.InRange(most, Pages / 20, (Pages * (node ? 1 : Writers) / 5) + (Writers * Between));
        Assert.All(containers, container => Assert.True(Plans.Stat(container, "pgsteal") > 1000));
        Assert.Equal(0, domain.Tree.Nodes.Sum(cgroup => cgroup.EventsOom));
    }

    private static (HostSteps Steps, ImmutableArray<Container> Containers, SharedDomain Domain) Host(string policy, string variant, bool isShort)
    {
        var kernel = new KernelChoice { Policy = policy, Variant = variant };
        var device = new Device(DeviceType.Of("nvme"));
        ImmutableArray<Container> containers =
        [
            .. Enumerable.Range(0, Writers).Select(member => new Container(
                Plans.Of(1L << 30, 3000, Plans.Writing(0, device, [.. Enumerable.Range(0, 6000).Select(i => (uint)(i * _strides[member] % 3000))])) with
                {
                    Kernel = kernel, Number = (ushort)member, HostPages = Pages,
                })),
        ];
        var (tree, node) = (new MemcgTree(), new NumaNode(Pages, used: 0, new Watermarks(10, 20, 30, 40), seed: 1));
        tree.Add("/pod", -1, new MemcgLimits(isShort ? long.MaxValue : Pages, 0, 0));
        for (var i = 0; i < Writers; i++)
        {
            tree.Charge(tree.Add($"/pod/{i}", 0, new MemcgLimits(long.MaxValue, 0, 0), i), containers[i].PagesHeld);
            node.Take(containers[i].PagesAllocated);
        }

        var domain = new SharedDomain(tree, Enumerable.Range(0, Writers), kernel, turns: false, quantumNs: 50_000, long.MaxValue, isShort ? node : null) { SharesDirtyLimits = isShort };
        return (new HostSteps(containers, [.. Enumerable.Range(0, Writers).Select(i => $"/pod/{i}")], new NodeMemory(isShort ? Pages : 100_000), null, [domain]), containers, domain);
    }
}
