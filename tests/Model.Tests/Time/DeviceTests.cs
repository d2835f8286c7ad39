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

    [Fact]
    public void Requests_in_the_order_of_their_times_are_served_first_come_first_served() =>
        Gen.Select(AnyDevice, Gen.Select(Gen.Int[0, 3000], Gen.Int[1, 8]).Array[1, 200]).Sample((type, requests) =>
        {
            var (device, channels) = (new Device(type), new long[type.QueueDepth]);
            var (now, transferFree) = (0L, 0L);
            foreach (var (gap, pages) in requests)
            {
                now += gap;
                var channel = Array.IndexOf(channels, channels.Min());
                var start = Math.Max(now, channels[channel]);
                transferFree = Math.Max(transferFree, start) + NsOf(type, pages);
                channels[channel] = type.BytesPerSecond == 0 ? start + type.LatencyNs : Math.Max(start + type.LatencyNs, transferFree);
                Assert.Equal(channels[channel], device.Submit(now, pages * 4096L));
            }
        });

    [Fact]
    public void A_request_that_comes_before_all_others_does_not_wait_for_them_though_they_were_made_before() =>
        Gen.Select(AnyDevice, Gen.Int[0, 100].Array[1, 40], Gen.Int[1, 8]).Sample((type, gaps, pages) =>
        {
            var (device, alone) = (new Device(type) { IsShared = true }, new Device(type));
            var now = alone.Submit(0, pages * 4096L);
            foreach (var gap in gaps)
            {
                device.Submit(now += gap, 4096);
            }

            Assert.Equal(new Device(type).Submit(0, pages * 4096L), device.Submit(0, pages * 4096L));
        });

    [Fact]
    public void In_whatever_order_requests_are_made_one_transfer_goes_on_at_a_time_and_none_is_lost() =>
        Gen.Select(AnyDevice, Gen.Select(Gen.Int[0, 20_000], Gen.Int[1, 8]).Array[1, 200]).Sample((type, requests) =>
        {
            var device = new Device(type) { IsShared = true };
            foreach (var (at, pages) in requests)
            {
                var done = device.Submit(at, pages * 4096L);
                Assert.InRange(done, at + Math.Max(type.LatencyNs, NsOf(type, pages)), long.MaxValue);
            }

            var times = device.State.Transferring;
            Assert.Equal(requests.Sum(request => NsOf(type, request.Item2)), times.Sum(time => time.ToNs - time.FromNs));
            Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.First.ToNs < pair.Second.FromNs));
        });

    [Fact]
    public void Two_that_hand_on_what_is_in_the_queue_are_one_device() =>
        Gen.Select(AnyDevice, Gen.Select(Gen.Int[-500, 3000], Gen.Int[1, 8], Gen.Bool, Gen.Bool).Array[1, 200]).Sample((type, requests) =>
        {
            var (one, halves) = (new Device(type) { IsShared = true }, new[] { new Device(type) { IsShared = true }, new Device(type) { IsShared = true } });
            var now = 1000L;
            var state = one.State;
            foreach (var (gap, pages, second, forget) in requests)
            {
                now = Math.Max(0, now + gap);
                var half = halves[second ? 1 : 0];
                half.State = state;

                // What is over before the earliest that may still come is nothing to anybody.
                half.SinceNs = forget ? Math.Max(0, now - 500L * requests.Length) : 0;
                Assert.Equal(one.Submit(now, pages * 4096L), half.Submit(now, pages * 4096L));
                state = half.State;
            }
        });

    private static Gen<DeviceType> AnyDevice { get; } = Gen.Select(Gen.Int[0, 3000], Gen.Int[1, 8], Gen.Int[1, 8],
        (latency, depth, usAPage) => new DeviceType(latency, 4096L * 1_000_000 / usAPage, depth));

    private static long NsOf(DeviceType type, int pages) => (long)(pages * 4096L * (1e9 / type.BytesPerSecond));
}
