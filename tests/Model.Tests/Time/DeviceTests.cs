using CsCheck;
using Reclaim.Model.Time;
using Xunit;

namespace Reclaim.Model.Tests.Time;

/// <summary>A device by its three figures.</summary>
public class DeviceTests
{
    public static TheoryData<string> Names() => [.. DeviceType.Names];

    [Theory, MemberData(nameof(Names))]
    public void Every_type_has_figures(string name) => Assert.True(DeviceType.Of(name).QueueDepth >= 1);

    [Fact]
    public void A_type_that_does_not_exist_is_answered_with_those_that_do()
    {
        var error = Assert.Throws<ArgumentException>(() => DeviceType.Of("tape"));
        Assert.All(DeviceType.Names, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Memory_is_done_when_the_call_returns()
    {
        var device = new Device(DeviceType.Of("brd"));
        Assert.True(device.IsMemory);
        Assert.Equal(77, device.Submit(77, 1 << 20));
    }

    [Fact]
    public void An_idle_device_takes_its_latency()
    {
        var device = new Device(new DeviceType(LatencyNs: 100_000, BytesPerSecond: 0, QueueDepth: 1));

        Assert.Equal(100_000, device.Submit(0, 4096));
        Assert.Equal(1_100_000, device.Submit(1_000_000, 4096));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(32)]
    public void Throughput_is_bounded_by_queue_depth_over_latency(int depth)
    {
        var device = new Device(new DeviceType(LatencyNs: 100_000, BytesPerSecond: 0, QueueDepth: depth));
        var last = Enumerable.Range(0, 3200).Max(_ => device.Submit(0, 4096));

        Assert.Equal(3200L / depth * 100_000, last);
    }

    [Fact]
    public void Throughput_is_bounded_by_bandwidth()
    {
        var device = new Device(new DeviceType(LatencyNs: 100_000, BytesPerSecond: 409_600_000, QueueDepth: 64));
        var last = Enumerable.Range(0, 1000).Max(_ => device.Submit(0, 4096));

        // 10 µs for each 4 KiB; the latency is hidden behind the others' transfers.
        Assert.InRange(last, 1000 * 10_000L, 1000 * 10_000L + 100_000);
    }

    [Fact]
    public void No_request_is_done_before_its_latency_and_no_more_run_at_once_than_the_depth() =>
        Gen.Select(Gen.Int[1, 8], Gen.Int[0, 200].Array[1, 200]).Sample((depth, gaps) =>
        {
            var device = new Device(new DeviceType(LatencyNs: 1000, BytesPerSecond: 0, QueueDepth: depth));
            var (now, running) = (0L, new List<long>());
            foreach (var gap in gaps)
            {
                now += gap;
                var done = device.Submit(now, 4096);
                Assert.True(done >= now + 1000);

                // Starts are done − latency: at each start at most depth − 1 others are underway.
                Assert.InRange(running.Count(other => other > done - 1000), 0, depth - 1);
                running.Add(done);
            }
        });
}
