using System.Globalization;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;
using Reclaim.Silo;

namespace Reclaim.Grains.Tests;

/// <summary>Limits of cgroups with others below them can be written while they run.</summary>
public class GroupControlTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Kinds => ["by clocks", "in turns", "short node", "classic"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_limit_that_is_written_on_the_way_has_the_effect_of_one_that_was_planned(string kind)
    {
        var spec = Spec(kind);
        var group = spec.Hosts[0].Groups[0];
        var value = Size(group.MemoryMax!.Value / 2);
        var undisturbed = await Reference.Sequential(spec);
        await using var host = await RunHosts.EmbeddedAsync(2, new RunOptions { AccessesPerStep = 5_003, SpreadHosts = true }, Cancellation);
        await using var run = await host.CreateAsync(spec, Cancellation);

        await run.AdvanceAsync((long)(undisturbed.VirtualSeconds * 1e9 / 3));
        while ((await run.ProgressAsync()).Phase != RunPhase.Paused)
        {
            await Task.Delay(1, Cancellation);
        }

        var reply = await run.ControlAsync(new ControlRequest("one", 0, group.Path, EventFile.MemoryMax, value));
        Assert.Equal(reply, await run.ControlAsync(new ControlRequest("one", 0, group.Path, EventFile.MemoryMax, value)));
        await run.StartAsync();
        await run.WaitAsync(Cancellation);
        var steered = await run.ResultsAsync();

        Assert.Equal(new InterventionResult(spec.Hosts[0].Name, group.Path, reply.AtNs, "memory.max", value), Assert.Single(steered.Interventions));
        Assert.InRange(steered.Hosts[0].Cgroups[group.Path].MemoryCurrent, 1, group.MemoryMax!.Value / 2 + Stocks(spec));
        Assert.NotEqual(undisturbed.Digest, steered.Digest);
        var planned = With(spec, new EventSpec(reply.AtNs, EventFile.MemoryMax, value));
        Assert.Equal((await Reference.Sequential(planned)).Digest, steered.Digest);
        foreach (var accesses in new[] { 777L, 1_000_000L })
        {
            await using var cut = RunHosts.Sequential(new RunOptions { AccessesPerStep = accesses, StepsPerLife = 3 });
            await using var again = await cut.CreateAsync(planned, Cancellation);
            await again.StartAsync();
            await again.WaitAsync(Cancellation);
            Assert.Equal(steered.Digest, (await again.ResultsAsync()).Digest);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_limit_of_a_group_can_be_planned_and_read(string kind)
    {
        var spec = Spec(kind);
        var group = spec.Hosts[0].Groups[0];
        var (at, half) = ((long)((await Reference.Sequential(spec)).VirtualSeconds * 1e9 / 3), group.MemoryMax!.Value / 2);
        EventFile[] files = [EventFile.MemoryHigh, EventFile.MemoryLow, EventFile.MemoryMin];

        var results = await Reference.Sequential(With(spec, [.. files.SelectMany((file, i) => new EventSpec[] { new(at + i, file, Size(half)), new(at + i, file, null) }), new(at + 3, EventFile.MemoryCurrent, null)]));
        var done = results.Hosts[0].Cgroups[group.Path].Events;

        Assert.Equal(7, done.Length);
        Assert.All(done.Where(one => one.Write is null).Take(3), one => Assert.Equal($"{half}\n", one.Read));
        Assert.InRange(long.Parse(done[6].Read!, CultureInfo.InvariantCulture), 1, half);
        Assert.Equal(done, done.OrderBy(one => one.AtNs));
    }

    [Fact]
    public async Task What_a_group_does_not_take_is_refused_before_anything_runs()
    {
        var spec = Spec("by clocks");
        await using var host = RunHosts.Sequential(new RunOptions());
        foreach (var item in new EventSpec[] { new(1, EventFile.MemoryMax, "much"), new(1, EventFile.MemoryReclaim, "1M"), new(1, EventFile.MemoryStat, null) })
        {
            await using var run = await host.CreateAsync(With(spec, item), Cancellation);
            Assert.Contains(run.Problems, problem => !problem.IsWarning && problem.Key.StartsWith("host.cgroups./pods.events[0].", StringComparison.Ordinal));
        }
    }

    /// <summary>Bytes in stocks that are counted with their cgroups until they hear that those are drained, MEMCG_CHARGE_BATCH pages each.</summary>
    private static long Stocks(RunSpec spec) => spec.Hosts[0].Cgroups.Length * (64L << 12);

    private static string Size(long bytes) => bytes.ToString(CultureInfo.InvariantCulture);

    private static RunSpec With(RunSpec spec, params EventSpec[] events) =>
        spec with { Hosts = [spec.Hosts[0] with { Groups = spec.Hosts[0].Groups.SetItem(0, spec.Hosts[0].Groups[0] with { Events = [.. events] }) }] };

    private static RunSpec Spec(string kind) => kind switch
    {
        "by clocks" => Scenarios.SharedLimit(hosts: 1, "mglru", TurnSchedule.VirtualTime),
        "in turns" => Scenarios.SharedLimit(hosts: 1, "mglru", TurnSchedule.Turns),
        "short node" => Scenarios.Numa(hosts: 1, "mglru", nodeMebibytes: 24),
        _ => Scenarios.SharedLimit(hosts: 1, "classic", TurnSchedule.VirtualTime),
    };
}
