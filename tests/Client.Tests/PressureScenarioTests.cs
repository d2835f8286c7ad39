using System.Text.Json;
using System.Text.RegularExpressions;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Results;
using Reclaim.Silo;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>Pressure as a run shows it.</summary>
public sealed partial class PressureScenarioTests
{
    [Fact]
    public async Task Files_read_on_the_way_have_the_kernels_text_and_results_go_on_from_there()
    {
        var cgroup = (await Run("0")).Results.Hosts[0].Cgroups["/a"];

        Assert.Equal(["memory.pressure", "memory.pressure", "io.pressure", "cpu.pressure"], cgroup.Events.Select(item => item.File));
        Assert.All(cgroup.Events, item => Assert.Matches(KernelText(), item.Read));
        Assert.InRange(Total(cgroup.Events[1]), Total(cgroup.Events[0]), cgroup.MemoryPressure!.Some.Total);
        Assert.InRange(cgroup.IoPressure!.Some.Total, Total(cgroup.Events[2]), long.MaxValue);
        Assert.All([cgroup.MemoryPressure!, cgroup.IoPressure!, cgroup.CpuPressure!], pressure =>
        {
            Assert.True(pressure.Some.Total > 0);
            Assert.InRange(pressure.Full.Total, 0, pressure.Some.Total);
            Assert.InRange(pressure.Some.Avg60, pressure.Some.Avg300, pressure.Some.Avg10);
        });
    }

    /// <summary>Three periods of the averages: the last look falls on the end.</summary>
    [Fact]
    public async Task Whoever_watches_sees_the_pressure_and_the_memory_that_the_results_have_at_the_end()
    {
        var scenario = ScenarioFile.Load(Path.Combine(AppContext.BaseDirectory, "scenarios", "fio-zipf.yaml"), new ScenarioSettings(KernelNames.FromCatalog())
        {
            Set = ["duration=6012ms", "host.cgroups.bench.memory.max=16M", "host.cgroups.bench.workloads.0.fio.numjobs=1"],
        });
        await using var host = RunHosts.Sequential();
        await using var run = await host.CreateAsync(scenario.Spec, TestContext.Current.CancellationToken);
        await run.StartAsync();
        await run.WaitAsync(TestContext.Current.CancellationToken);

        var (seen, result) = (Assert.Single((await run.ProgressAsync()).Cgroups), (await run.ResultsAsync()).Hosts[0].Cgroups["/bench"]);
        Assert.True(seen.MemoryAvg10 > 0);
        Assert.Equal(result.MemoryPressure!.Some.Avg10, seen.MemoryAvg10 / 100.0);
        Assert.InRange(seen.Pages * 4096, 0.9 * result.MemoryCurrent, 1.1 * result.MemoryCurrent);
        Assert.Equal(result.Workloads[0].Accesses, seen.Accesses);
    }

    [Fact]
    public async Task Who_runs_it_makes_no_difference()
    {
        var (embedded, silo) = (await Run("0"), await Run("1"));

        Assert.Equal(embedded.Results.Digest, silo.Results.Digest);
        Assert.Equal(embedded.Results.Hosts[0].Cgroups["/a"].IoPressure, silo.Results.Hosts[0].Cgroups["/a"].IoPressure);
    }

    [Fact]
    public async Task A_line_has_the_kernels_keys_in_the_kernels_order() =>
        Assert.Matches("\"io.pressure\": ?{\\s*\"some\": ?{\\s*\"avg10\": ?[0-9.]+,\\s*\"avg60\": ?[0-9.]+,\\s*\"avg300\": ?[0-9.]+,\\s*\"total\": ?[0-9]+", (await Run("0")).Json);

    [Fact]
    public void Triggers_are_refused() =>
        Assert.Contains(Scenarios.Problems(Scenarios.Small.Replace("      workloads:", """
                  events: [ { at: 1s, memory.pressure: some 150000 1000000 } ]
                  workloads:
            """, StringComparison.Ordinal)), problem => problem.StartsWith("s.yaml:", StringComparison.Ordinal) && problem.Contains("memory.pressure", StringComparison.Ordinal));

    private static long Total(EventResult item) => long.Parse(item.Read!.Split('\n')[0].Split("total=")[1], null);

    private static async Task<(RunResults Results, string Json)> Run(string silos)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var path = Path.Combine(AppContext.BaseDirectory, "scenarios", "examples", "pressure.yaml");
        Assert.True(await Cli.InvokeAsync(["run", path, "--silos", silos, "--json"], output, error) == 0, error.ToString());
        return (JsonSerializer.Deserialize<RunResults>(output.ToString(), ResultDigest.Json)!, output.ToString());
    }

    [GeneratedRegex(@"^some avg10=\d+\.\d\d avg60=\d+\.\d\d avg300=\d+\.\d\d total=\d+\nfull avg10=\d+\.\d\d avg60=\d+\.\d\d avg300=\d+\.\d\d total=\d+\n$")]
    private static partial Regex KernelText();
}
