using System.Text.Json;
using Reclaim.Contracts;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Grains.Checkpoints;
using Reclaim.Grains.Placement;
using Reclaim.Grains.Storage;
using Reclaim.Silo.Embedded;

namespace Reclaim.Grains.Tests;

/// <summary>A silo that is about to stop gives its hosts away, and nothing is done twice.</summary>
public sealed class LeaveTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Nothing but leaving writes checkpoints, so that a host that is lost begins at its beginning.</summary>
    private static RunOptions Options => new() { AccessesPerStep = 2_000, CheckpointEvery = TimeSpan.Zero, BalanceEvery = TimeSpan.FromHours(1) };

    [Theory]
    [InlineData("patterns")]
    [InlineData("numa")]
    [InlineData("spread pages")]
    public async Task Hosts_of_a_silo_that_leaves_go_on_elsewhere_where_they_stood(string kind)
    {
        var spec = Spec(kind);
        var expected = await Reference.Sequential(spec);
        await using var cluster = await EmbeddedCluster.StartAsync(3, Options, Cancellation, new MemoryRunStore());
        var run = await BeginAsync(cluster, spec);
        var leaving = (await GrainsAsync(cluster)).Select(grain => grain.SiloAddress).Distinct().Order().Last();
        var before = await run.Progress();

        await cluster.StopAsync(leaving);

        var after = await TakenUpAsync(run);
        Assert.All(before.Cgroups.Zip(after.Cgroups), cgroup => Assert.InRange(cgroup.Second.Accesses, cgroup.First.Accesses, long.MaxValue));
        while ((await GrainsAsync(cluster)).Any(grain => grain.SiloAddress.Equals(leaving)))
        {
            Cancellation.ThrowIfCancellationRequested();
        }

        var end = await run.Wait(TimeSpan.FromMinutes(5));
        Assert.Equal((RunPhase.Done, null), (end.Phase, end.Error));
        Assert.Equal(expected.Digest, (await run.Results()).Digest);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_all_silos_leave_the_run_goes_on_in_the_next_ones_where_it_stood(bool paused)
    {
        var spec = Spec("patterns");
        var expected = await Reference.Sequential(spec);
        var store = new MemoryRunStore();
        RunProgress before;
        await using (var cluster = await EmbeddedCluster.StartAsync(2, Options, Cancellation, store))
        {
            var run = await BeginAsync(cluster, spec);
            if (paused)
            {
                await run.Pause();
            }

            before = await run.Progress();
            foreach (var silo in (await cluster.Grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true, Cancellation)).Keys)
            {
                await run.Leave(silo);
            }
        }

        await using var next = await EmbeddedCluster.StartAsync(2, Options, Cancellation, store);
        var again = next.Grains.GetGrain<IRunGrain>("run");
        await again.Resume();
        var after = await TakenUpAsync(again);
        Assert.All(before.Cgroups.Zip(after.Cgroups), cgroup => Assert.InRange(cgroup.Second.Accesses, cgroup.First.Accesses, long.MaxValue));
        await again.Wait(TimeSpan.FromMinutes(5));
        Assert.Equal(expected.Digest, (await again.Results()).Digest);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hosts_that_are_done_or_wait_for_their_time_are_kept_when_their_silo_leaves(bool all)
    {
        var spec = Lasting(3_000_000_000);
        var expected = await Reference.Sequential(Lasting(ShortAccesses));
        var store = new MemoryRunStore();
        await using var cluster = await EmbeddedCluster.StartAsync(3, Options, Cancellation, store);
        var run = await BeginAsync(cluster, spec);
        while ((await run.Progress()).Cgroups.Skip(1).Any(cgroup => cgroup.Accesses < ShortAccesses))
        {
            Cancellation.ThrowIfCancellationRequested();
        }

        await run.Pace(1e-6);
        var coordinators = (await GrainsAsync(cluster)).Where(IsCoordinator).OrderBy(Host).ToList();
        foreach (var coordinator in all ? coordinators : coordinators[..2])
        {
            await run.Leave(coordinator.SiloAddress).WaitAsync(TimeSpan.FromMinutes(1), Cancellation);
            Assert.NotEmpty(CheckpointItems.Numbers(await store.ItemsAsync("run", Cancellation), Host(coordinator)));
        }

        await run.Stop();
        Assert.Equal(expected.Hosts.Skip(1).Select(Json), (await run.Results()).Hosts.Skip(1).Select(Json));
    }

    [Fact]
    public async Task A_silo_that_leaves_takes_no_hosts()
    {
        var spec = Spec("numa");
        await using var cluster = await EmbeddedCluster.StartAsync(2, Options, Cancellation, new MemoryRunStore());
        var silos = (await cluster.Grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true, Cancellation)).Keys.Order().ToList();
        await cluster.LeaveAsync(silos[1]);

        foreach (var (silo, host) in silos.Zip([0, 1]))
        {
            HostPlaces.At(silo);
            var coordinator = cluster.Grains.GetGrain<IReclaimCoordinatorGrain>(GrainKeys.Host("run", host));
            var refused = await Record.ExceptionAsync(() => coordinator.Create(spec, host));
            Assert.Equal(silo == silos[1] ? StepRefusal.GivenUp : null, (refused as StepRefusedException)?.Reason);
        }
    }

    private const long ShortAccesses = 20_000;

    /// <summary>Three hosts, of which two are soon done.</summary>
    /// <param name="accesses">Of the first.</param>
    private static RunSpec Lasting(long accesses) => With(Scenarios.Patterns(hosts: 3), (host, _) => host == 0 ? accesses : ShortAccesses);

    private static RunSpec With(RunSpec spec, Func<int, PatternSpec, long> accesses) => spec with
    {
        Hosts = [.. spec.Hosts.Select((host, i) => host with
        {
            Cgroups = [.. host.Cgroups.Select(cgroup => cgroup with
            {
                Workloads = [.. cgroup.Workloads.Select(WorkloadSpec (workload) => (PatternSpec)workload with { Acc = accesses(i, (PatternSpec)workload) })],
            })],
        })],
    };

    private static string Json(HostResult host) => JsonSerializer.Serialize(host, ResultDigest.Json);

    private static int Host(DetailedGrainStatistic coordinator) => GrainKeys.HostOf(coordinator.GrainId.Key.ToString()!).Host;

    private static bool IsCoordinator(DetailedGrainStatistic grain) => grain.GrainType.Contains(nameof(ReclaimCoordinatorGrain), StringComparison.Ordinal);

    /// <summary>Where it stands when it has found all of its hosts.</summary>
    private static async Task<RunProgress> TakenUpAsync(IRunGrain run)
    {
        for (; ; )
        {
            var progress = await run.Progress();
            if (progress.Phase == RunPhase.Done || progress.Cgroups.All(cgroup => cgroup.Accesses > 0))
            {
                return progress;
            }

            Cancellation.ThrowIfCancellationRequested();
        }
    }

    private static async Task<IRunGrain> BeginAsync(EmbeddedCluster cluster, RunSpec spec)
    {
        var run = cluster.Grains.GetGrain<IRunGrain>("run");
        await run.Create(spec);
        await run.Start();
        while ((await run.Progress()).Cgroups.Any(cgroup => cgroup.Accesses < 10_000))
        {
            Cancellation.ThrowIfCancellationRequested();
        }

        return run;
    }

    /// <summary>Long enough not to be over before anybody leaves.</summary>
    private static RunSpec Spec(string kind) => With(
        kind switch
        {
            "numa" => Scenarios.Numa(hosts: 3, "mglru", 20),
            "spread pages" => Scenarios.SpreadPages(hosts: 3, "mglru"),
            _ => Scenarios.Patterns(hosts: 3, memcgs: 2),
        },
        (_, pattern) => 10 * pattern.Acc);

    /// <summary>Those that hosts consist of.</summary>
    private static async Task<IReadOnlyList<DetailedGrainStatistic>> GrainsAsync(EmbeddedCluster cluster) =>
        [.. (await cluster.Grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics())
            .Where(grain => ((string[])[nameof(ReclaimCoordinatorGrain), nameof(MemcgGrain), nameof(NumaNodeGrain)]).Any(name => grain.GrainType.Contains(name, StringComparison.Ordinal)))];
}
