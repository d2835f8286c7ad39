using System.Collections.Immutable;
using CsCheck;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Kernels;
using Reclaim.Model.Nodes;
using Reclaim.Model.Steps;
using Reclaim.Model.Tests.Steps;
using Reclaim.Model.Time;
using Xunit;

namespace Reclaim.Model.Tests.Hierarchy;

/// <summary>Containers that read from one disk.</summary>
public sealed class SharedDevicesTests
{
    private const int Reads = 1000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void A_disk_of_one_channel_serves_all_at_the_rate_at_which_it_serves_one(int readers)
    {
        var disk = new DeviceType(LatencyNs: 1_000_000, BytesPerSecond: 0, QueueDepth: 1);
        var ends = Ends(disk, shared: true, Enumerable.Repeat(0L, readers));

        Assert.InRange(ends.Max(), Reads * readers * disk.LatencyNs, Reads * readers * disk.LatencyNs * 1.02);
        Assert.True(ends.Min() > 0.98 * ends.Max(), string.Join(' ', ends));
    }

    [Fact]
    public void Bandwidth_is_divided_too()
    {
        var disk = new DeviceType(LatencyNs: 10_000, BytesPerSecond: 4096 * 20_000, QueueDepth: 64);
        var ends = Ends(disk, shared: true, [0, 0, 0]);

        // 50 µs a page, whoever reads it.
        Assert.InRange(ends.Max(), 3L * Reads * 50_000, 3L * Reads * 50_000 * 1.02);
        Assert.True(ends.Min() > 0.98 * ends.Max(), string.Join(' ', ends));
    }

    [Fact]
    public void Who_comes_when_the_others_have_gone_has_it_alone()
    {
        var disk = DeviceType.Of("hdd");
        var late = Reads * 4 * disk.LatencyNs;
        var ends = Ends(disk, shared: true, [0, 0, late]);

        Assert.True(ends[..2].Max() < late);
        Assert.Equal(Ends(disk, shared: false, [late])[0], ends[2]);
    }

    [Fact]
    public void Channels_and_bandwidth_for_all_are_as_if_each_had_it_alone() => Gen.Select(Gen.Int[2, 6], Gen.Int[10, 200], Gen.Long[0, 400_000].Array[2, 6]).Sample(
        (depth, latencyUs, starts) =>
        {
            var disk = new DeviceType(latencyUs * 1000L, BytesPerSecond: starts.Length * 4096L * 1_000_000 / latencyUs + 1, Math.Max(depth, starts.Length));
            Assert.Equal(Ends(disk, shared: false, starts), Ends(disk, shared: true, starts));
        },
        iter: 60);

    [Fact]
    public void Requests_wait_for_who_may_make_one_before_and_hits_do_not()
    {
        // Each reads its eight pages over and over, and now and then one that it has not.
        var disk = new DeviceType(LatencyNs: 100_000, BytesPerSecond: 0, QueueDepth: 2);
        var sequence = Enumerable.Range(0, 20_000).Select(i => i % 500 == 499 ? 8 + (uint)i / 500 : (uint)i % 8).ToArray();
        var (containers, domain) = Host(disk, shared: true, [0, 0, 0, 0], sequence);
        domain.Begin(long.MaxValue);
        var (waited, hitsAhead) = (0, 0);
        while (domain.Next() is { } call)
        {
            var (shared, container) = (call.Grant!.Value.Shared!, containers[call.Member]);
            var report = container.Step(call.Grant.Value);
            if (report.Stop == StopReason.Request)
            {
                waited++;
                Assert.True(container.NowNs >= shared.RequestsUntilNs);
                hitsAhead += container.NowNs > shared.RequestsUntilNs + disk.LatencyNs ? 1 : 0;
            }

            // Two channels and no bandwidth: the last to get one has it by when it was asked for, or two that came before are done.
            foreach (var start in report.Devices?[0]?.StartsNs ?? [])
            {
                Assert.True(start - 4 * disk.LatencyNs < shared.RequestsUntilNs);
            }

            domain.Ran(report);
        }

        Assert.True(domain.Done);
        Assert.True(waited > 40, $"{waited}");
        Assert.True(hitsAhead > 40, $"{hitsAhead}");
        Assert.All(containers, container => Assert.Equal(48, container.Misses));
    }

    /// <summary>Where the clocks of containers stand when all have read what they were to read, none of it in memory.</summary>
    private static ImmutableArray<long> Ends(DeviceType type, bool shared, IEnumerable<long> starts)
    {
        var (containers, domain) = Host(type, shared, starts, [.. Enumerable.Range(0, Reads).Select(i => (uint)i)]);
        var steps = new HostSteps(containers, [.. containers.Select((_, i) => $"/{i}")], new NodeMemory(100_000), null, [domain]);
        while (!steps.Coordinator.Done)
        {
            steps.Step(300);
        }

        return [.. containers.Select(container => container.NowNs)];
    }

    private static (ImmutableArray<Container> Containers, SharedDomain Domain) Host(DeviceType type, bool shared, IEnumerable<long> starts, uint[] sequence)
    {
        var kernel = new KernelChoice { Policy = KernelChoice.MultiGen, Variant = "v6.12.117" };
        ImmutableArray<Container> containers =
        [
            .. starts.Select(start =>
            {
                var disk = new Device(type);
                return new Container(Plans.Of(1L << 40, Reads, Plans.Reading(0, disk, sequence) with { StartNs = start }) with { Kernel = kernel, SharedDevices = shared ? [disk] : [] });
            }),
        ];
        var node = new NumaNode(100_000, 100, new Watermarks(Min: 100, Low: 150, High: 200, Promo: 250), seed: 1);
        var tree = new MemcgTree();
        var root = tree.Add("/", -1, new MemcgLimits(long.MaxValue, 0, 0));
        for (var i = 0; i < containers.Length; i++)
        {
            tree.Charge(tree.Add($"/{i}", root, new MemcgLimits(long.MaxValue, 0, 0), i), containers[i].PagesHeld);
        }

        var domain = new SharedDomain(tree, Enumerable.Range(0, containers.Length), kernel, turns: false, 1_000_000, long.MaxValue, node) { Devices = shared ? new SharedDevices([type]) : null };
        return (containers, domain);
    }
}
