using Reclaim.Grains.Runs;
using Reclaim.Silo;
using Reclaim.Silo.Embedded;

namespace Reclaim.Grains.Tests;

public class PlacementTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task Grains_of_one_host_are_together_unless_hosts_are_spread(bool spreadHosts, int silos)
    {
        var cluster = await EmbeddedCluster.StartAsync(2, new RunOptions { SpreadHosts = spreadHosts }, Cancellation);
        await using var host = new EmbeddedRunHost(cluster);
        await using var run = await host.CreateAsync(Scenarios.Patterns(memcgs: 6), Cancellation);

        Assert.Equal(silos, (await Activations(cluster)).Select(grain => grain.SiloAddress).Distinct().Count());
    }

    [Fact]
    public async Task Hosts_of_a_run_are_divided_among_the_silos()
    {
        var cluster = await EmbeddedCluster.StartAsync(2, new RunOptions(), Cancellation);
        await using var host = new EmbeddedRunHost(cluster);
        await using var run = await host.CreateAsync(Scenarios.Patterns(hosts: 4, memcgs: 2), Cancellation);

        var memcgs = (await Activations(cluster)).Where(grain => grain.GrainType.Contains(nameof(MemcgGrain), StringComparison.Ordinal));

        Assert.Equal([4, 4], memcgs.GroupBy(grain => grain.SiloAddress).Select(silo => silo.Count()));
    }

    [Fact]
    public async Task A_run_that_is_disposed_of_leaves_no_grain_behind()
    {
        var cluster = await EmbeddedCluster.StartAsync(1, new RunOptions(), Cancellation);
        await using var host = new EmbeddedRunHost(cluster);
        await Reference.Finish(host, Scenarios.Patterns(hosts: 2, memcgs: 2));

        // Grains deactivate after the call that releases them has returned.
        while ((await Activations(cluster)).Length > 0)
        {
            await Task.Yield();
            Cancellation.ThrowIfCancellationRequested();
        }
    }

    [Fact]
    public async Task A_run_may_be_disposed_of_after_its_silos()
    {
        var host = await RunHosts.EmbeddedAsync(1, Cancellation);
        var run = await host.CreateAsync(Scenarios.Patterns(), Cancellation);
        await run.StartAsync();

        await host.DisposeAsync();
        await run.DisposeAsync();
        await host.DisposeAsync();
    }

    private static async Task<DetailedGrainStatistic[]> Activations(EmbeddedCluster cluster)
    {
        var all = await cluster.Grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics();
        return [.. all.Where(grain => grain.GrainType.Contains("Reclaim.Grains", StringComparison.Ordinal) && !grain.GrainType.Contains(nameof(RunGrain), StringComparison.Ordinal))];
    }
}
