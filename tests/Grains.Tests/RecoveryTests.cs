using Reclaim.Contracts;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Grains.Storage;
using Reclaim.Silo.Embedded;

namespace Reclaim.Grains.Tests;

/// <summary>What is lost of a run is taken up from its checkpoints, and comes to the same.</summary>
public sealed class RecoveryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Short steps, and a checkpoint after each few of them.</summary>
    private static RunOptions Options(bool spread) => new() { SpreadHosts = spread, AccessesPerStep = 2_000, CheckpointEvery = TimeSpan.FromMilliseconds(20), CheckpointShare = 0.9 };

    public static TheoryData<string, bool> Hosts => new()
    {
        { "patterns", false }, { "patterns", true }, { "limit", false }, { "limit", true }, { "short", false }, { "short", true }, { "together", false }, { "together", true }, { "numa", false }, { "spread pages", false }, { "spread pages", true }, { "spread pages, classic", false },
    };

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_run_that_loses_grains_again_and_again_has_the_same_digest(string kind, bool spread)
    {
        var spec = Spec(kind);
        var expected = await Reference.Sequential(spec);
        await using var cluster = await EmbeddedCluster.StartAsync(2, Options(spread), Cancellation, new MemoryRunStore());
        var run = cluster.Grains.GetGrain<IRunGrain>("run");
        await run.Create(spec);
        await run.Start();

        var random = new Random(1);
        var (lost, reached) = (0, -1L);
        for (var progress = await run.Progress(); progress.Phase == RunPhase.Running; progress = await run.Wait(TimeSpan.FromMilliseconds(30)))
        {
            // Each life gets a step further than the last; where none does a run gives up.
            if (progress.Accesses <= reached)
            {
                continue;
            }

            reached = progress.Accesses;
            var host = random.Next(spec.Hosts.Length);
            var paths = spec.Hosts[host].Cgroups;
            await (random.Next(3) switch
            {
                0 => cluster.Grains.GetGrain<IMemcgGrain>(GrainKeys.Memcg("run", host, paths[random.Next(paths.Length)].Path)).Release(),
                1 => cluster.Grains.GetGrain<INumaNodeGrain>(GrainKeys.Node("run", host, random.Next(spec.Hosts[host].Nodes.Length))).Release(),
                _ => cluster.Grains.GetGrain<IReclaimCoordinatorGrain>(GrainKeys.Host("run", host)).Release(),
            });
            lost++;
        }

        var end = await run.Progress();
        Assert.True(end.Error is null, string.Join('\n', [end.Error, .. end.Notes]));
        Assert.Equal(RunPhase.Done, end.Phase);
        Assert.InRange(end.Recoveries, 1, lost + 20);
        Assert.Equal(expected.Digest, (await run.Results()).Digest);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_checkpoint_that_breaks_off_leaves_the_one_before_it_as_it_was(bool spread)
    {
        var store = new MemoryRunStore();
        await using var cluster = await EmbeddedCluster.StartAsync(2, Options(spread), Cancellation, store);
        var spec = Spec("spread pages");
        var host = cluster.Grains.GetGrain<IReclaimCoordinatorGrain>(GrainKeys.Host("run", 0));
        await host.Create(spec, 0);
        await host.Step(new StepId(1, 1), 2_000);
        await host.Checkpoint();
        var before = await ItemsAsync();
        await host.Step(new StepId(1, 2), 2_000);

        // Its nodes are asked when its memcgs have been written.
        await cluster.Grains.GetGrain<INumaNodeGrain>(GrainKeys.Node("run", 0, 1)).Release();
        await Assert.ThrowsAsync<StepRefusedException>(host.Checkpoint);

        Assert.NotEmpty(before);
        var after = await ItemsAsync();
        Assert.All(before, item => Assert.Equal(item.Value, after[item.Key]));

        async Task<Dictionary<string, byte[]>> ItemsAsync()
        {
            var items = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            foreach (var item in await store.ItemsAsync("run", Cancellation))
            {
                items[item] = (await store.ReadAsync("run", item, Cancellation))!.Value.ToArray();
            }

            return items;
        }
    }

    [Fact]
    public async Task A_checkpoint_that_is_damaged_is_refused_and_the_one_before_it_is_used()
    {
        var spec = Spec("short");
        var expected = await Reference.Sequential(spec);
        var store = new MemoryRunStore();
        await using (var cluster = await EmbeddedCluster.StartAsync(1, Options(spread: false), Cancellation, store))
        {
            await Begin(cluster, spec, checkpoints: 3);
        }

        var checkpoints = (await store.ItemsAsync("run", Cancellation)).Where(item => item.StartsWith("host0.", StringComparison.Ordinal)).ToList();
        var last = (await store.ReadAsync("run", checkpoints[^1], Cancellation))!.Value.ToArray();
        last[^10] ^= 1;
        await store.WriteAsync("run", checkpoints[^1], last, Cancellation);

        await using var again = await EmbeddedCluster.StartAsync(1, Options(spread: false), Cancellation, store);
        var run = again.Grains.GetGrain<IRunGrain>("run");
        await run.Resume();
        var end = await run.Wait(TimeSpan.FromMinutes(1));

        Assert.True(checkpoints.Count > 1);
        Assert.Equal(RunPhase.Done, end.Phase);
        Assert.Contains(end.Notes, note => note.Contains(checkpoints[^1], StringComparison.Ordinal) && note.Contains("checksum", StringComparison.Ordinal));
        Assert.Equal(expected.Digest, (await run.Results()).Digest);
    }

    [Fact]
    public async Task Checkpoints_of_another_build_are_refused_with_the_reason()
    {
        var store = new MemoryRunStore();
        await using (var cluster = await EmbeddedCluster.StartAsync(1, Options(spread: false), Cancellation, store))
        {
            await Begin(cluster, Spec("short"), checkpoints: 2);
        }

        foreach (var item in (await store.ItemsAsync("run", Cancellation)).Where(item => item.StartsWith("host", StringComparison.Ordinal)))
        {
            await store.WriteAsync("run", item, AnotherBuild((await store.ReadAsync("run", item, Cancellation))!.Value.ToArray()), Cancellation);
        }

        await using var again = await EmbeddedCluster.StartAsync(1, Options(spread: false), Cancellation, store);
        var end = await again.Grains.GetGrain<IRunGrain>("run").Wait(TimeSpan.FromMinutes(1));

        Assert.Equal(RunPhase.Failed, end.Phase);
        Assert.Contains("another build", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_goes_on_by_itself_when_all_silos_were_lost_and_new_ones_start()
    {
        var spec = Spec("limit");
        var expected = await Reference.Sequential(spec);
        var store = new MemoryRunStore();
        await using (var cluster = await EmbeddedCluster.StartAsync(2, Options(spread: false), Cancellation, store))
        {
            await Begin(cluster, spec, checkpoints: 2);
        }

        await using var again = await EmbeddedCluster.StartAsync(2, Options(spread: false), Cancellation, store);
        var runs = again.Grains.GetGrain<IRunsGrain>(GrainKeys.Runs);
        var entry = (await runs.List()).Single();
        while (entry.Phase == RunPhase.Running)
        {
            await Task.Delay(20, Cancellation);
            entry = (await runs.List()).Single();
        }

        Assert.Equal((RunPhase.Done, "run", spec.Scenario), (entry.Phase, entry.Run, entry.Scenario));
        Assert.Equal(expected.Digest, (await again.Grains.GetGrain<IRunGrain>("run").Results()).Digest);
        Assert.DoesNotContain(await store.ItemsAsync("run", Cancellation), item => item.StartsWith("host", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_written_to_a_control_file_on_the_way_is_written_again_at_the_same_time()
    {
        var spec = Spec("patterns");
        await using var cluster = await EmbeddedCluster.StartAsync(1, Options(spread: false), Cancellation, new MemoryRunStore());
        var run = cluster.Grains.GetGrain<IRunGrain>("run");
        await run.Create(spec);
        await run.Checkpoint();
        var written = await run.Control(new ControlRequest("halve", 0, "/memcg0", EventFile.MemoryMax, "8M"));
        var lost = cluster.Grains.GetGrain<IReclaimCoordinatorGrain>(GrainKeys.Host("run", 0));
        await lost.Release();
        await run.Start();
        await run.Wait(TimeSpan.FromMinutes(1));

        var change = Assert.Single((await run.Results()).Hosts[0].Cgroups["/memcg0"].Events);
        Assert.Equal((written.AtNs, "8M"), (change.AtNs, change.Write));
        Assert.True((await run.Progress()).Recoveries > 0);
    }

    public static TheoryData<bool> WaysToFail => [false, true];

    /// <param name="cancels">As Orleans cancels a call when a silo dies that was being asked where a grain is: nobody wanted that.</param>
    [Theory]
    [MemberData(nameof(WaysToFail))]
    public async Task A_store_that_fails_for_a_while_delays_checkpoints_and_nothing_else(bool cancels)
    {
        var spec = Spec("short");
        var expected = await Reference.Sequential(spec);
        var store = new FailingStore(new MemoryRunStore(), cancels);
        await using var cluster = await EmbeddedCluster.StartAsync(2, Options(spread: false), Cancellation, store);
        var run = cluster.Grains.GetGrain<IRunGrain>("run");
        await run.Create(spec);
        await run.Start();
        await run.Checkpoint();
        store.Fails = true;
        var failed = await Assert.ThrowsAnyAsync<Exception>(() => run.Checkpoint());
        await cluster.Grains.GetGrain<IMemcgGrain>(GrainKeys.Memcg("run", 0, "/memcg0")).Release();
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
        store.Fails = false;
        var end = await run.Wait(TimeSpan.FromMinutes(1));

        Assert.Equal(FailingStore.Failure, failed.Message);
        Assert.Equal(RunPhase.Done, end.Phase);
        Assert.Contains(end.Notes, note => note.Contains("out of order", StringComparison.Ordinal));
        Assert.Equal(expected.Digest, (await run.Results()).Digest);
    }

    /// <summary>Runs until there have been so many checkpoints of its first host.</summary>
    private static async Task Begin(EmbeddedCluster cluster, RunSpec spec, int checkpoints)
    {
        var run = cluster.Grains.GetGrain<IRunGrain>("run");
        await run.Create(spec);
        await run.Start();
        for (var i = 0; i < checkpoints; i++)
        {
            await run.Checkpoint();
        }

        Assert.Equal(RunPhase.Running, (await run.Progress()).Phase);
    }

    /// <summary>Takes nothing and gives nothing while it fails.</summary>
    private sealed class FailingStore(MemoryRunStore store, bool cancels) : IRunStore
    {
        public const string Failure = "the store is out of order";

        public volatile bool Fails;

        private MemoryRunStore Store => !Fails ? store : throw (cancels ? new OperationCanceledException(Failure) : new IOException(Failure));

        public async Task WriteAsync(string run, string item, ReadOnlyMemory<byte> content, CancellationToken cancellation = default) => await Store.WriteAsync(run, item, content, cancellation);

        public async Task<ReadOnlyMemory<byte>?> ReadAsync(string run, string item, CancellationToken cancellation = default) => await Store.ReadAsync(run, item, cancellation);

        public async Task<IReadOnlyList<string>> RunsAsync(CancellationToken cancellation = default) => await Store.RunsAsync(cancellation);

        public async Task<IReadOnlyList<string>> ItemsAsync(string run, CancellationToken cancellation = default) => await Store.ItemsAsync(run, cancellation);

        public async Task DeleteAsync(string run, IReadOnlyCollection<string> items, CancellationToken cancellation = default) => await Store.DeleteAsync(run, items, cancellation);

        public async Task DeleteRunAsync(string run, CancellationToken cancellation = default) => await Store.DeleteRunAsync(run, cancellation);
    }

    private static byte[] AnotherBuild(byte[] snapshot)
    {
        // The version is text behind the name and its own length; the checksum covers it.
        snapshot[8 + 4] ^= 1;
        var version = snapshot.AsSpan(12, BitConverter.ToInt32(snapshot, 8));
        var rest = 12 + version.Length;
        var hash = new System.IO.Hashing.XxHash128();
        hash.Append(version);
        hash.Append(snapshot.AsSpan(rest + 16));
        hash.GetCurrentHash(snapshot.AsSpan(rest, 16));
        return snapshot;
    }

    private static RunSpec Spec(string kind) => kind switch
    {
        "limit" => Scenarios.SharedLimit(hosts: 2, "mglru", TurnSchedule.VirtualTime),
        "together" => Scenarios.Together(hosts: 2, "mglru", "v6.12.117"),
        "short" => Scenarios.ShortNode(hosts: 2, "mglru", "v6.12.117", TurnSchedule.VirtualTime),
        "numa" => Scenarios.Numa(hosts: 2, "mglru", 20),
        "spread pages" => Scenarios.SpreadPages(hosts: 2, "mglru"),
        "spread pages, classic" => Scenarios.SpreadPages(hosts: 2, "classic"),
        _ => Scenarios.Patterns(hosts: 2, memcgs: 3),
    };
}
