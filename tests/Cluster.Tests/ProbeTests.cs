using System.Diagnostics;

namespace Reclaim.Cluster.Tests;

/// <summary>Whoever asks a silo how it is gets an answer, however much it has to do.</summary>
public sealed class ProbeTests(Fleet fleet)
{
    private const int Probes = 20;

    /// <summary>What an orchestrator waits for at least.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Probes_are_answered_within_a_second_while_all_compute_threads_are_busy()
    {
        await using var cluster = await ClusterFolder.UpAsync(silos: 1);
        var reclaim = cluster.Program;
        await using var run = await ClusterRun.StartAsync(reclaim, fleet.Scenario, Fleet.Long);
        var silo = (await reclaim.MembersAsync())[0];
        using var http = new HttpClient();
        var before = (await run.ProgressAsync()).Accesses;

        var longest = TimeSpan.Zero;
        for (var i = 0; i < Probes; i++)
        {
            var clock = Stopwatch.StartNew();
            Assert.Equal("live\n", await http.GetStringAsync(new Uri($"http://{silo.Http}/health/live"), Cancellation));
            longest = clock.Elapsed > longest ? clock.Elapsed : longest;
            clock.Restart();
            Assert.Equal("ready, silos: 1\n", await http.GetStringAsync(new Uri($"http://{silo.Http}/health/ready"), Cancellation));
            longest = clock.Elapsed > longest ? clock.Elapsed : longest;
            await Task.Delay(100, Cancellation);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"longest answer: {longest.TotalMilliseconds:0} ms");
        Assert.InRange(longest, TimeSpan.Zero, Limit);
        Assert.True((await run.ProgressAsync()).Accesses > before, "it did compute");
    }
}
