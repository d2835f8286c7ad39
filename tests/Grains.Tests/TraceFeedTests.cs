using Reclaim.Contracts.Steps;
using Reclaim.Silo.Embedded;

namespace Reclaim.Grains.Tests;

public class TraceFeedTests(ClusterFixture fixture)
{
    private const int Batches = 24;

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
    public async Task A_trace_with_a_batch_missing_fails_and_names_the_memcg()
    {
        await using var run = await new EmbeddedRunHost(fixture.Cluster).CreateAsync(Scenarios.Trace(Batches), TestContext.Current.CancellationToken);
        for (var i = 0; i < Batches; i++)
        {
            if (i != 3)
            {
                await run.FeedAsync(0, 0, Scenarios.Batch(i));
            }
        }

        await run.StartAsync();
        await run.WaitAsync(TestContext.Current.CancellationToken);
        var progress = await run.ProgressAsync();

        Assert.Equal(RunPhase.Failed, progress.Phase);
        Assert.Contains("/memcg0", progress.Error, StringComparison.Ordinal);
    }
}
