using Reclaim.Contracts.Steps;
using Reclaim.Silo.Embedded;

namespace Reclaim.Grains.Tests;

public class TraceFeedTests(ClusterFixture fixture)
{
    private const int Batches = 24;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Batches_out_of_order_and_twice_replay_as_the_trace_in_order()
    {
        var spec = Scenarios.Trace(Batches);
        var inOrder = Enumerable.Range(0, Batches).Select(i => Scenarios.Batch(i)).ToArray();
        var expected = await Reference.Sequential(spec, inOrder);
        var jumbled = inOrder.Concat(inOrder).ToArray();
        new Random(1).Shuffle(jumbled);

        var results = await Reference.Finish(new EmbeddedRunHost(fixture.Cluster), spec, jumbled);

        Assert.Equal(expected.Digest, results.Digest);
        Assert.Equal(spec.Hosts[0].Cgroups[0].Workloads[0] is Contracts.Spec.TraceSpec trace ? trace.Accesses : 0, results.Accesses);
    }

    [Fact]
    public async Task A_run_waits_for_a_batch_that_is_missing_and_says_for_whom()
    {
        var spec = Scenarios.Trace(Batches);
        var batches = Enumerable.Range(0, Batches).Select(i => Scenarios.Batch(i)).ToArray();
        var expected = await Reference.Sequential(spec, batches);
        await using var run = await new EmbeddedRunHost(fixture.Cluster).CreateAsync(spec, Cancellation);
        foreach (var batch in batches.Where(batch => batch.Sequence != 3))
        {
            await run.FeedAsync(0, 0, batch);
        }

        await run.StartAsync();
        RunProgress progress;
        do
        {
            progress = await run.ProgressAsync();
        }
        while (progress.WaitsFor is null);

        Assert.Equal((RunPhase.Running, "/memcg0", 3L), (progress.Phase, progress.WaitsFor, (await run.FedAsync(0, 0, 0)).Next));
        await run.FeedAsync(0, 0, batches[3]);
        await run.WaitAsync(Cancellation);
        Assert.Equal(expected.Digest, (await run.ResultsAsync()).Digest);
    }

    [Fact]
    public async Task A_trace_is_taken_from_one_client_at_a_time()
    {
        await using var run = await new EmbeddedRunHost(fixture.Cluster).CreateAsync(Scenarios.Trace(Batches), Cancellation);

        await run.FeedAsync(0, 0, Scenarios.Batch(0) with { Feeder = "first" });
        var refused = await Assert.ThrowsAsync<FeedRefusedException>(() => run.FeedAsync(0, 0, Scenarios.Batch(1) with { Feeder = "second" }));
        var reply = await run.FeedAsync(0, 0, Scenarios.Batch(1) with { Feeder = "first" });

        Assert.Contains("another client", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, reply.Next);
    }

    [Fact]
    public async Task Credits_shrink_with_what_waits_to_be_used()
    {
        await using var run = await new EmbeddedRunHost(fixture.Cluster).CreateAsync(Scenarios.Trace(Batches), Cancellation);

        var first = await run.FeedAsync(0, 0, Scenarios.Batch(0));
        var third = (await run.FeedAsync(0, 0, Scenarios.Batch(1)), await run.FeedAsync(0, 0, Scenarios.Batch(2))).Item2;

        Assert.Equal(first.Credits - 2, third.Credits);
    }
}
