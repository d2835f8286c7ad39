using Reclaim.Contracts.Results;
using Reclaim.Silo;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>cpu.max: what a cgroup gets of a CPU, what it waits, and how it is written.</summary>
public sealed class CpuMaxTests
{
    [Theory]
    [InlineData("10000 100000")]
    [InlineData("50000")]
    [InlineData("1000 1000000")]
    [InlineData("700000 1000000")]
    public async Task Together_its_tasks_have_the_quota_of_each_period_and_wait_for_the_rest(string max)
    {
        var words = max.Split(' ').Select(long.Parse).ToArray();
        var (quota, period) = (words[0], words.Length == 2 ? words[1] : 100_000);
        var held = (await RunAsync(max, jobs: 3, cpus: 4)).Single();
        var stat = held.CpuStat.ToDictionary(counter => counter.Name, counter => counter.Value);

        // An access that has begun comes to its end, at most some microseconds later.
        var periods = (2 * 1_000_000 + period - 1) / period;
        Assert.InRange(stat["usage_usec"], quota * (periods - 1), quota * periods + 100);
        Assert.Equal(periods, stat["nr_periods"]);
        Assert.Equal(periods, stat["nr_throttled"]);
        var waited = held.Workloads.Sum(workload => workload.CpuSeconds["cpu_throttle"]);
        Assert.Equal(stat["throttled_usec"] / 1e6, waited, 0.001);

        // Each figure is cut to whole µs, and the last wait may go beyond the end, to the next period.
        Assert.InRange(stat["usage_usec"] + stat["throttled_usec"], 3 * 2_000_000L - 10, 3 * (2_000_000L + period));
        Assert.True(held.CpuPressure!.Full.Total > 0, "they wait for a CPU, all of them");
    }

    [Fact]
    public async Task A_quota_that_is_never_used_up_changes_nothing()
    {
        var (free, held) = ((await RunAsync("max", jobs: 2, cpus: 2)).Single(), (await RunAsync("201000 100000", jobs: 2, cpus: 2)).Single());

        Assert.Equal(free.MemoryStat, held.MemoryStat);
        Assert.Equal(free.Workloads.Select(workload => workload.Accesses), held.Workloads.Select(workload => workload.Accesses));
        Assert.Equal(0, held.CpuStat.Single(counter => counter.Name == "nr_throttled").Value);
        Assert.True(free.CpuStat.IsDefault, "without cpu.max there is no cpu.stat");
    }

    [Fact]
    public async Task Who_waits_for_a_device_uses_up_nothing()
    {
        var held = (await RunAsync("50000 100000", jobs: 1, cpus: 1, device: "hdd")).Single();

        Assert.Equal(0, held.CpuStat.Single(counter => counter.Name == "nr_throttled").Value);
    }

    [Fact]
    public async Task Validate_says_what_it_means()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Text("5500 20000", 1, 1, "brd"), TestContext.Current.CancellationToken);
        var said = new StringWriter();

        Assert.Equal(0, await Cli.InvokeAsync(["validate", file], said, TextWriter.Null));
        Assert.Contains("/held: memory.max 1M (256 pages), cpu.max 5.5 ms in 20 ms", said.ToString(), StringComparison.Ordinal);
        File.Delete(file);
    }

    [Theory]
    [InlineData("half", "s.yaml:8: host.cgroups.held.cpu.max: 'half' is no quota: max, or at least 1000")]
    [InlineData("500", "s.yaml:8: host.cgroups.held.cpu.max: '500' is no quota")]
    [InlineData("50000 100", "s.yaml:8: host.cgroups.held.cpu.max: '50000 100' has no period from 1000 to 1000000")]
    [InlineData("1 2 3", "s.yaml:8: host.cgroups.held.cpu.max: '1 2 3' has no period")]
    public void A_quota_that_the_kernel_refuses_is_refused(string max, string said) =>
        Assert.StartsWith(said, Assert.Throws<InputException>(() => Scenarios.Read(Text(max, 1, 1, "brd"))).Message, StringComparison.Ordinal);

    [Fact]
    public void It_is_that_of_one_cgroup_alone() => Assert.Contains(
        "s.yaml:8: host.cgroups.held.cpu.max: not in this version: shared by the cgroups below it",
        Scenarios.Problems(Text("5000", 1, 1, "brd").Replace("workloads: [", "cgroups: { c: { workloads: [", StringComparison.Ordinal).Replace("] }", "] } } }", StringComparison.Ordinal)));

    [Fact]
    public async Task Where_turns_go_by_accesses_it_has_no_effect_and_that_is_said()
    {
        await using var place = RunHosts.Sequential();
        await using var run = await place.CreateAsync(Scenarios.Read(Text("5000", 1, 1, "brd").Replace("host:\n", "host:\n  schedule: turns\n", StringComparison.Ordinal)).Spec, TestContext.Current.CancellationToken);

        Assert.Contains(run.Problems, problem => problem.IsWarning && problem.Message.StartsWith("has no effect with 'schedule: turns'", StringComparison.Ordinal));
    }

    private static async Task<IEnumerable<CgroupResult>> RunAsync(string max, int jobs, int cpus, string device = "brd")
    {
        await using var place = RunHosts.Sequential();
        await using var run = await place.CreateAsync(Scenarios.Read(Text(max, jobs, cpus, device)).Spec, TestContext.Current.CancellationToken);
        await run.StartAsync();
        await run.WaitAsync(TestContext.Current.CancellationToken);
        return (await run.ResultsAsync()).Hosts[0].Cgroups.Values;
    }

    private static string Text(string max, int jobs, int cpus, string device) => $$"""
        schema: reclaim/1
        name: s
        duration: 2s
        host:
          cpus: {{cpus}}
          devices: { disk: { type: {{device}} } }
          cgroups:
            held: { memory.max: 1M, cpu.max: {{max}}, workloads: [ {{string.Join(", ", Enumerable.Range(0, jobs).Select(i => $"{{ name: j{i}, pattern: {{ pattern: uniform, n: 1024, acc: 100000000 }} }}"))}} ] }
        """;
}
