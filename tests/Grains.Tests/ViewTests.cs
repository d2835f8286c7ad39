using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Silo;

namespace Reclaim.Grains.Tests;

/// <summary>A run can be looked at while it goes on, and does not notice.</summary>
public class ViewTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Kinds => ["own limits", "shared limit", "short node", "several nodes", "shared file", "classic"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Looking_changes_no_result(string kind)
    {
        var spec = Spec(kind);
        var expected = await Reference.Sequential(spec);
        await using var sequential = RunHosts.Sequential(new RunOptions { AccessesPerStep = 10_007 });
        await using var silos = await RunHosts.EmbeddedAsync(2, new RunOptions { AccessesPerStep = 10_007, SpreadHosts = true }, Cancellation);

        foreach (var host in new[] { sequential, silos })
        {
            await using var run = await host.CreateAsync(spec, Cancellation);
            var seen = await LookUntilTheEnd(run, spec.Hosts[0].Cgroups[0].Path);

            Assert.Equal(expected.Digest, (await run.ResultsAsync()).Digest);
            Assert.True(seen.Select(view => view.Hosts[0].NowNs).Distinct().Count() > 2, $"on {host.GetType().Name} it was looked at on the way");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_seen_at_the_end_is_what_came_of_it(string kind)
    {
        var spec = Spec(kind);
        await using var host = await RunHosts.EmbeddedAsync(1, Cancellation);
        await using var run = await host.CreateAsync(spec, Cancellation);
        await run.StartAsync();
        await run.WaitAsync(Cancellation);

        var results = (await run.ResultsAsync()).Hosts[0];
        var view = (await run.ViewAsync(new ViewRequest())).Hosts[0];

        Assert.Equal(results.ReclaimMatrix.AsEnumerable(), view.Figures.ReclaimMatrix);
        Assert.Equal(results.Nodes.AsEnumerable(), view.Figures.Nodes);
        Assert.Equal(results.Cgroups.Keys.Order(StringComparer.Ordinal), view.Cgroups.Select(cgroup => cgroup.Path).Order(StringComparer.Ordinal));
        Assert.All(results.Cgroups, cgroup =>
        {
            var figures = view.Figures.Cgroups[cgroup.Key];
            Assert.Equal(cgroup.Value.MemoryStat.AsEnumerable(), figures.MemoryStat);
            Assert.Equal(cgroup.Value.MemoryEvents.AsEnumerable(), figures.MemoryEvents);
            Assert.Equal(cgroup.Value.MemoryPressure, figures.MemoryPressure);
        });
        Assert.All(view.Cgroups.Where(cgroup => !cgroup.IsParent), cgroup =>
        {
            var result = results.Cgroups[cgroup.Path];
            Assert.Equal(result.Workloads.Sum(workload => workload.DeviceReads), cgroup.DeviceReads);
            Assert.Equal(result.Workloads.Sum(workload => workload.Accesses), cgroup.Accesses);
        });
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_lists_that_are_seen_add_up_to_memory_stat(string kind)
    {
        await using var host = RunHosts.Sequential(new RunOptions { AccessesPerStep = 10_007 });
        await using var run = await host.CreateAsync(Spec(kind), Cancellation);

        var cgroups = (await LookUntilTheEnd(run, null)).SelectMany(view => view.Hosts).SelectMany(seen => seen.Cgroups.Select(cgroup => (cgroup, seen.Figures.Cgroups[cgroup.Path])));

        Assert.All(cgroups.Where(pair => !pair.cgroup.IsParent), pair =>
        {
            var (cgroup, figures) = pair;
            long Of(params string[] names) => figures.MemoryStat.Where(counter => names.Contains(counter.Name)).Sum(counter => counter.Value) / 4096;
            var generations = cgroup.Lruvecs.SelectMany(lruvec => lruvec.Generations).ToList();
            Assert.Equal(Of("inactive_file", "active_file"), generations.Sum(generation => generation.File));
            Assert.Equal(Of("inactive_anon", "active_anon"), generations.Sum(generation => generation.Anon));
            Assert.InRange(figures.MemoryCurrent, 0, cgroup.MemoryMax ?? long.MaxValue);
            Assert.All(cgroup.Lruvecs, lruvec => Assert.Equal(lruvec.MultiGen, lruvec is { FileTiers.Total.Length: 4, AnonTiers.Total.Length: 4 }));
        });
    }

    [Fact]
    public async Task Only_of_the_cgroup_that_is_asked_for_is_everything_seen()
    {
        await using var host = await RunHosts.EmbeddedAsync(1, Cancellation);
        await using var run = await host.CreateAsync(Scenarios.Patterns(hosts: 2, memcgs: 3), Cancellation);
        await run.StartAsync();
        await run.WaitAsync(Cancellation);

        var path = (await run.ViewAsync(new ViewRequest())).Hosts[0].Cgroups[1].Path;
        var view = await run.ViewAsync(new ViewRequest(Host: 1, path));

        var seen = Assert.Single(view.Hosts);
        Assert.Equal(1, seen.Number);
        Assert.All(seen.Figures.Cgroups, cgroup =>
        {
            Assert.Equal(cgroup.Key == path, cgroup.Value.LruGenFull.Length > 0);
            Assert.Equal(cgroup.Key == path, cgroup.Value.Workloads.Length > 0);
        });
        await Assert.ThrowsAsync<ArgumentException>(() => run.ViewAsync(new ViewRequest(Host: 2)));
    }

    [Fact]
    public async Task A_run_that_was_steered_says_so_and_the_same_events_in_the_scenario_give_the_same_digest()
    {
        var spec = Scenarios.Patterns(hosts: 2, memcgs: 2, accesses: 60_000);
        var path = spec.Hosts[1].Cgroups[0].Path;
        await using var host = await RunHosts.EmbeddedAsync(1, Cancellation);
        await using var run = await host.CreateAsync(spec, Cancellation);
        var step = (long)((await Reference.Sequential(spec)).VirtualSeconds * 1e9 / 5);

        await run.AdvanceAsync(step);
        await Phase(run, RunPhase.Paused);
        Assert.InRange((await run.ProgressAsync()).NowNs, step, 2 * step);
        var value = (spec.Hosts[1].Cgroups[0].MemoryMax!.Value / 2).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var reply = await run.ControlAsync(new ControlRequest("one", 1, path, EventFile.MemoryMax, value));
        Assert.Null(reply.Result);
        await run.PaceAsync(1000);
        await run.StartAsync();
        await run.WaitAsync(Cancellation);
        var steered = await run.ResultsAsync();

        Assert.Equal(new InterventionResult(spec.Hosts[1].Name, path, reply.AtNs, "memory.max", value), Assert.Single(steered.Interventions));
        var planned = spec with
        {
            Hosts = spec.Hosts.SetItem(1, spec.Hosts[1] with
            {
                Cgroups = spec.Hosts[1].Cgroups.SetItem(0, spec.Hosts[1].Cgroups[0] with { Events = [new EventSpec(reply.AtNs, EventFile.MemoryMax, value)] }),
            }),
        };
        var repeated = await Reference.Sequential(planned);
        Assert.Equal(repeated.Digest, steered.Digest);
        Assert.True(repeated.Interventions.IsDefault);
        Assert.NotEqual((await Reference.Sequential(spec)).Digest, steered.Digest);
    }

    [Fact]
    public async Task Steps_and_speed_change_no_result()
    {
        var spec = Scenarios.ShortNode(hosts: 2, "mglru", "v6.8", TurnSchedule.VirtualTime);
        var expected = await Reference.Sequential(spec);
        await using var host = await RunHosts.EmbeddedAsync(2, Cancellation);
        await using var run = await host.CreateAsync(spec, Cancellation);
        var step = (long)(expected.VirtualSeconds * 1e9 / 7);

        var stops = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            await run.AdvanceAsync(step);
            await Phase(run, RunPhase.Paused);
            stops.Add((await run.ProgressAsync()).NowNs);
        }

        await run.PaceAsync(expected.VirtualSeconds * 2);
        await run.StartAsync();
        await run.WaitAsync(Cancellation);

        Assert.Equal(stops.Order().Distinct(), stops);
        Assert.Equal(expected.Digest, (await run.ResultsAsync()).Digest);
        await Assert.ThrowsAsync<ArgumentException>(() => run.PaceAsync(0));
        await Assert.ThrowsAsync<ArgumentException>(() => run.AdvanceAsync(0));
    }

    private static async Task Phase(IRun run, RunPhase wanted)
    {
        while ((await run.ProgressAsync()).Phase != wanted)
        {
            await Task.Delay(1, Cancellation);
        }
    }

    private static RunSpec Spec(string kind) => kind switch
    {
        "own limits" => Scenarios.Patterns(hosts: 2, memcgs: 2, accesses: 60_000),
        "shared limit" => Scenarios.SharedLimit(hosts: 1, "mglru", TurnSchedule.VirtualTime),
        "short node" => Scenarios.ShortNode(hosts: 1, "mglru", "v6.8", TurnSchedule.VirtualTime),
        "several nodes" => Scenarios.SpreadPages(hosts: 1, "mglru"),
        "shared file" => Scenarios.SharedFile(hosts: 1, "mglru", TurnSchedule.VirtualTime, shortNode: false),
        _ => Scenarios.SharedLimit(hosts: 1, "classic", TurnSchedule.Turns),
    };

    private static async Task<List<RunView>> LookUntilTheEnd(IRun run, string? cgroup)
    {
        var seen = new List<RunView>();
        await run.StartAsync();
        do
        {
            seen.Add(await run.ViewAsync(new ViewRequest(Cgroup: cgroup) { IsWatching = true }));
        }
        while (seen[^1].Progress.Phase == RunPhase.Running);
        await run.WaitAsync(Cancellation);
        return seen;
    }
}
