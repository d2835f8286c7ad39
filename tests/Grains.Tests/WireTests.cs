using System.Diagnostics.Metrics;
using Reclaim.Contracts;
using Reclaim.Contracts.Steps;
using Reclaim.Silo.Embedded;

namespace Reclaim.Grains.Tests;

/// <summary>What a run costs on the wire between silos. Apart from the others: it counts all messages of the process.</summary>
[CollectionDefinition(nameof(WireTests), DisableParallelization = true)]
[Collection(nameof(WireTests))]
public sealed class WireTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A host elsewhere takes a call and its answer for a step, however many memcgs it has; the rest of the cluster's talk is little beside them.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task A_step_of_a_host_on_another_silo_is_two_messages(int memcgs)
    {
        const int hosts = 8;
        const long budget = 20_000;
        await using var cluster = await EmbeddedCluster.StartAsync(2, new RunOptions { AccessesPerStep = budget }, Cancellation);
        var run = cluster.Grains.GetGrain<IRunGrain>("wire");
        await run.Create(Scenarios.Patterns(hosts, memcgs, accesses: 2_000_000));
        using var wire = new Wire();
        await run.Start();
        while ((await run.Wait(TimeSpan.FromSeconds(20))).Phase == RunPhase.Running)
        {
        }

        // Memcg m makes 2,000,000 / (m + 1) accesses, at most the budget in a step; half of the hosts are with the run's grain.
        var steps = hosts / 2 * 2_000_000 / budget;
        var accesses = (await run.Progress()).Accesses / 2;
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{memcgs} memcgs a host: {wire.Messages / (double)steps:0.00} messages and {wire.Bytes / (double)steps:0} bytes a step, {wire.Bytes / (double)accesses:0.0000} bytes an access");
        // Probes, and answers that were given up, go by the clock: on a busy machine there are more of them for a step.
        Assert.InRange(wire.Messages / (double)steps, 2, 5);
        Assert.InRange(wire.Bytes / (double)steps, 100, 2 * (400 + 150 * memcgs));
    }

    /// <summary>Counts what silos of this process send to each other.</summary>
    private sealed class Wire : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _messages;
        private long _bytes;

        public Wire()
        {
            _listener.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "orleans-messaging-sent-messages-size")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<int>((_, size, _, _) => Count(size));
            _listener.SetMeasurementEventCallback<long>((_, size, _, _) => Count(size));
            _listener.Start();
        }

        public long Messages => Interlocked.Read(ref _messages);

        public long Bytes => Interlocked.Read(ref _bytes);

        public void Dispose() => _listener.Dispose();

        private void Count(long size)
        {
            Interlocked.Increment(ref _messages);
            Interlocked.Add(ref _bytes, size);
        }
    }
}
