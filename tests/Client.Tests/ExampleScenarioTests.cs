using System.Text.Json;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>The examples that the scenario reference points to run as they stand.</summary>
public sealed class ExampleScenarioTests
{
    public static TheoryData<string> Examples =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "scenarios", "examples"), "*.yaml").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task An_example_runs_to_its_end_and_reclaims(string example)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var path = Path.Combine(AppContext.BaseDirectory, "scenarios", "examples", example);
        var status = await Cli.InvokeAsync(["run", path, "--silos", "0", "--json"], output, error);

        Assert.True(status == 0, error.ToString());
        var results = JsonSerializer.Deserialize<RunResults>(output.ToString(), ResultDigest.Json)!;
        var cgroups = results.Hosts.SelectMany(host => host.Cgroups.Values).ToList();
        Assert.True(results.Complete);
        Assert.Equal(results.Accesses, cgroups.Sum(cgroup => cgroup.Workloads.Sum(workload => workload.Accesses)));
        Assert.All(cgroups, cgroup =>
        {
            Assert.True(cgroup.MemoryCurrent <= 8 << 20, "memory.current is within memory.max");
            Assert.True(cgroup.MemoryStat.Single(counter => counter.Name == "pgsteal").Value > 0, "memory.max made it reclaim");
        });
    }
}
