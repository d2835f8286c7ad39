using Reclaim.Contracts.Spec;
using Reclaim.Silo;

namespace Reclaim.Grains.Tests;

/// <summary>The same scenario and seed give the same digest, however the run is carried out.</summary>
public class DigestTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    [InlineData(4, false)]
    [InlineData(4, true)]
    public async Task Silos_give_the_digest_of_the_sequential_reference(int silos, bool spreadHosts)
    {
        var spec = Scenarios.Patterns(hosts: 3, memcgs: 3);
        var expected = await Reference.Sequential(spec);

        await using var host = await RunHosts.EmbeddedAsync(silos, new RunOptions { SpreadHosts = spreadHosts }, TestContext.Current.CancellationToken);
        var results = await Reference.Finish(host, spec);

        Assert.Equal(expected.Digest, results.Digest);
        Assert.Equal(3 * (300_000 + 150_000 + 100_000), results.Accesses);
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(17_389)]
    [InlineData(10_000_000)]
    public async Task The_access_budget_of_a_step_changes_no_result(long accessesPerStep)
    {
        var spec = Scenarios.Patterns(hosts: 2, memcgs: 2);
        var expected = await Reference.Sequential(spec);

        var results = await Reference.Sequential(spec, options: new RunOptions { AccessesPerStep = accessesPerStep });

        Assert.Equal(expected.Digest, results.Digest);
    }

    [Fact]
    public async Task A_run_that_ends_by_duration_gives_the_same_digest_everywhere()
    {
        var spec = Scenarios.Patterns(hosts: 2, memcgs: 2);
        var whole = await Reference.Sequential(spec);
        var half = spec with { DurationNs = (long)(whole.VirtualSeconds * 1e9 / 2) };
        var expected = await Reference.Sequential(half, options: new RunOptions { AccessesPerStep = 7_001 });

        await using var host = await RunHosts.EmbeddedAsync(2, new RunOptions { SpreadHosts = true }, TestContext.Current.CancellationToken);
        var results = await Reference.Finish(host, half);

        Assert.Equal(expected.Digest, results.Digest);
        Assert.Equal(half.DurationNs / 1e9, results.VirtualSeconds);
        Assert.InRange(results.Accesses, 1, whole.Accesses - 1);
    }

    [Theory]
    [InlineData("mglru", TurnSchedule.Turns)]
    [InlineData("mglru", TurnSchedule.VirtualTime)]
    [InlineData("classic", TurnSchedule.Turns)]
    public async Task Memcgs_that_share_a_limit_give_the_same_digest_everywhere(string policy, TurnSchedule schedule)
    {
        var spec = Scenarios.SharedLimit(hosts: 2, policy, schedule);
        var expected = await Reference.Sequential(spec, options: new RunOptions { AccessesPerStep = 5_003 });
        Assert.Equal(expected.Digest, (await Reference.Sequential(spec)).Digest);

        foreach (var silos in (int[])[1, 2, 4])
        {
            await using var host = await RunHosts.EmbeddedAsync(silos, new RunOptions { SpreadHosts = silos == 4 }, TestContext.Current.CancellationToken);
            Assert.Equal(expected.Digest, (await Reference.Finish(host, spec)).Digest);
        }

        var matrix = expected.Hosts[0].ReclaimMatrix;
        Assert.Contains(matrix, entry => entry.Aggressor != entry.Victim);
        Assert.Equal(expected.Hosts[0].Cgroups["/pods"].MemoryStat.Single(counter => counter.Name == "pgscan").Value, matrix.Sum(entry => entry.Scanned));
    }

    [Theory]
    [InlineData("mglru", TurnSchedule.VirtualTime, false)]
    [InlineData("mglru", TurnSchedule.Turns, false)]
    [InlineData("classic", TurnSchedule.VirtualTime, false)]
    [InlineData("mglru", TurnSchedule.VirtualTime, true)]
    [InlineData("classic", TurnSchedule.Turns, true)]
    public async Task Memcgs_that_share_a_file_give_the_same_digest_everywhere(string policy, TurnSchedule schedule, bool shortNode)
    {
        var spec = Scenarios.SharedFile(hosts: 2, policy, schedule, shortNode);
        var expected = await Reference.Sequential(spec, options: new RunOptions { AccessesPerStep = 5_003 });
        foreach (var options in (RunOptions[])[new(), new() { AccessesPerStep = 997, StepsPerLife = 3 }])
        {
            Assert.Equal(expected.Digest, (await Reference.Sequential(spec, options: options)).Digest);
        }

        foreach (var (silos, spread) in new[] { (1, false), (2, false), (4, true) })
        {
            await using var host = await RunHosts.EmbeddedAsync(silos, new RunOptions { SpreadHosts = spread }, TestContext.Current.CancellationToken);
            Assert.Equal(expected.Digest, (await Reference.Finish(host, spec)).Digest);
        }

        // Of what is in memory each page is charged to one, and all have had to do with what others pay for.
        var file = Assert.Single(expected.Hosts[0].SharedFiles);
        Assert.Equal(("image", file.Cgroups.Values.Sum(use => use.Charged)), (file.File, file.Resident));
        Assert.InRange(file.Resident, 1, file.Pages);
        Assert.All(file.Cgroups.Values, use => Assert.True(use is { Charged: > 0, OthersAccessed: > 0, LostByOthers: > 0 } && use.BroughtIn > use.LostByOthers, use.ToString()));
    }

    [Theory]
    [InlineData("mglru")]
    [InlineData("classic")]
    public async Task A_file_of_the_host_that_one_memcg_uses_is_as_if_it_were_its_own(string policy)
    {
        var shared = Scenarios.SharedFile(hosts: 1, policy, TurnSchedule.VirtualTime, shortNode: false);
        var alone = shared with { Hosts = [.. shared.Hosts.Select(host => host with { Cgroups = host.Cgroups[..1] })] };

        Assert.Equal((await Reference.Sequential(alone with { Hosts = [.. alone.Hosts.Select(host => host with { Files = [] })] })).Digest, (await Reference.Sequential(alone)).Digest);
    }

    [Theory]
    [InlineData("mglru", 20)]
    [InlineData("mglru", 64)]
    [InlineData("classic", 20)]
    public async Task Memcgs_on_several_nodes_give_the_same_digest_everywhere(string policy, int nodeMebibytes)
    {
        var spec = Scenarios.Numa(hosts: 2, policy, nodeMebibytes);
        var expected = await Reference.Sequential(spec, options: new RunOptions { AccessesPerStep = 5_003 });
        Assert.Equal(expected.Digest, (await Reference.Sequential(spec)).Digest);

        foreach (var silos in (int[])[1, 2])
        {
            await using var host = await RunHosts.EmbeddedAsync(silos, new RunOptions { SpreadHosts = silos == 2 }, TestContext.Current.CancellationToken);
            Assert.Equal(expected.Digest, (await Reference.Finish(host, spec)).Digest);
        }

        // Each memcg has its pages on the node that it is bound to, and what is taken from it is taken there.
        var one = expected.Hosts[0];
        Assert.Equal([0, 1, 2], one.Nodes.Select(node => node.Id));
        Assert.All(one.ReclaimMatrix, entry => Assert.Equal(entry.Victim.EndsWith('2') ? 2 : 0, entry.Node));
        Assert.Contains(one.ReclaimMatrix, entry => entry.Node == 2);
        Assert.Equal(one.Nodes[1].MemTotalPages, one.Nodes[1].FreePages);
        Assert.All((int[])[0, 2], node => Assert.InRange(one.Nodes[node].FreePages, 1, one.Nodes[node].MemTotalPages - 1));
    }

    [Theory]
    [InlineData("mglru")]
    [InlineData("classic")]
    public async Task Memcgs_with_pages_on_several_nodes_give_the_same_digest_everywhere(string policy)
    {
        var spec = Scenarios.SpreadPages(hosts: 2, policy);
        var expected = await Reference.Sequential(spec, options: new RunOptions { AccessesPerStep = 5_003 });
        Assert.Equal(expected.Digest, (await Reference.Sequential(spec, options: new RunOptions { AccessesPerStep = 1_009, StepsPerLife = 5 })).Digest);

        foreach (var silos in (int[])[1, 2])
        {
            await using var host = await RunHosts.EmbeddedAsync(silos, new RunOptions { SpreadHosts = silos == 2 }, TestContext.Current.CancellationToken);
            Assert.Equal(expected.Digest, (await Reference.Finish(host, spec)).Digest);
        }

        // Each memcg has pages on both nodes, and is reclaimed from on both.
        var one = expected.Hosts[0];
        Assert.All(one.Cgroups, cgroup => Assert.All(cgroup.Value.MemoryNumaStat.Single(counter => counter.Name == "file").Nodes, bytes => Assert.True(bytes > 0, cgroup.Key)));
        Assert.All(one.Cgroups, cgroup => Assert.Equal([0, 1], one.ReclaimMatrix.Where(entry => entry.Victim == cgroup.Key && entry.Reclaimed > 0).Select(entry => entry.Node).Distinct().Order()));
    }

    [Theory]
    [InlineData("mglru", "v6.12.117", TurnSchedule.VirtualTime)]
    [InlineData("mglru", "v6.1.192", TurnSchedule.VirtualTime)]
    [InlineData("mglru", "v6.8", TurnSchedule.Turns)]
    [InlineData("classic", "v6.12.117", TurnSchedule.VirtualTime)]
    public async Task Memcgs_that_share_a_node_which_is_short_give_the_same_digest_everywhere(string policy, string variant, TurnSchedule schedule)
    {
        var spec = Scenarios.ShortNode(hosts: 2, policy, variant, schedule);
        var expected = await Reference.Sequential(spec, options: new RunOptions { AccessesPerStep = 5_003 });
        foreach (var accesses in (long[])[40_009, 10_000_000])
        {
            Assert.Equal(expected.Digest, (await Reference.Sequential(spec, options: new RunOptions { AccessesPerStep = accesses })).Digest);
        }

        foreach (var (silos, spread) in new[] { (1, false), (2, false), (4, false), (4, true) })
        {
            // With its grains on one silo a host's steps need no messages; spread, they do.
            await using var host = await RunHosts.EmbeddedAsync(silos, new RunOptions { SpreadHosts = spread }, TestContext.Current.CancellationToken);
            Assert.Equal(expected.Digest, (await Reference.Finish(host, spec)).Digest);
        }

        Assert.Contains(expected.Hosts[0].ReclaimMatrix, entry => entry.Kind == "kswapd" && entry.Aggressor != entry.Victim);
    }

    [Theory]
    [InlineData("mglru", "v6.12.117")]
    [InlineData("mglru", "v6.1.192")]
    [InlineData("classic", "v6.12.117")]
    public async Task Memcgs_that_run_at_the_same_time_give_the_same_digest_everywhere(string policy, string variant)
    {
        var spec = Scenarios.Together(hosts: 2, policy, variant);
        var expected = await Reference.Sequential(spec, options: new RunOptions { AccessesPerStep = 5_003 });
        foreach (var options in (RunOptions[])[new(), new() { AccessesPerStep = 97, StepsPerLife = 50 }])
        {
            Assert.Equal(expected.Digest, (await Reference.Sequential(spec, options: options)).Digest);
        }

        foreach (var (silos, spread) in new[] { (1, false), (2, false), (4, false), (2, true), (4, true) })
        {
            await using var host = await RunHosts.EmbeddedAsync(silos, new RunOptions { SpreadHosts = spread }, TestContext.Current.CancellationToken);
            Assert.Equal(expected.Digest, (await Reference.Finish(host, spec)).Digest);
        }

        // Their memory is short, and they do run in batches.
        Assert.Contains(expected.Hosts[0].ReclaimMatrix, entry => entry.Kind == "kswapd" && entry.Aggressor != entry.Victim);
        var steps = Reference.Steps(spec);
        while (!steps.Coordinator.Done)
        {
            steps.Step(5_003);
        }

        Assert.InRange(steps.Coordinator.Domains[0].Batches, steps.Coordinator.Domains[0].Turns / 20, long.MaxValue);
    }

    [Theory]
    [InlineData("mglru")]
    [InlineData("classic")]
    public async Task Memcgs_that_share_a_disk_give_the_same_digest_everywhere(string policy)
    {
        var spec = Scenarios.SharedDisk(hosts: 2, policy);
        var expected = await Reference.Sequential(spec, options: new RunOptions { AccessesPerStep = 503 });
        Assert.Equal(expected.Digest, (await Reference.Sequential(spec)).Digest);
        foreach (var (silos, spread) in new[] { (1, false), (2, true) })
        {
            await using var host = await RunHosts.EmbeddedAsync(silos, new RunOptions { SpreadHosts = spread }, TestContext.Current.CancellationToken);
            Assert.Equal(expected.Digest, (await Reference.Finish(host, spec)).Digest);
        }

        // Every read has the disk to itself for as long as it takes.
        var reads = expected.Hosts[0].Cgroups.Values.Sum(cgroup => cgroup.Workloads.Sum(workload => workload.DeviceReads - workload.ReadaheadPages));
        Assert.InRange(expected.VirtualSeconds, reads * 200e-6, double.MaxValue);
    }
}
