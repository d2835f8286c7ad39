using System.Text.Json;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>The examples of docs/scenario.md do what they are there for.</summary>
public sealed class ExampleScenarioTests
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "scenarios", "examples");

    public static TheoryData<string> Examples => [.. Directory.EnumerateFiles(Folder, "*.yaml").Select(Path.GetFileName).Order(StringComparer.Ordinal).OfType<string>()];

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task An_example_is_valid_and_runs_to_its_end_with_reclaim(string name)
    {
        var validated = await Reclaim("validate", Path.Combine(Folder, name));
        var (status, output, error) = await Reclaim("run", Path.Combine(Folder, name), "--silos", "0", "--json", "--quiet");

        Assert.Equal((0, ""), (validated.Status, validated.Error));
        Assert.Equal((0, ""), (status, error));
        var results = JsonSerializer.Deserialize<RunResults>(output, ResultDigest.Json)!;
        Assert.True(results.Complete);
        Assert.Equal(Path.GetFileNameWithoutExtension(name), results.Scenario);
        var busy = results.Hosts.SelectMany(host => host.Cgroups.Values).Where(cgroup => !cgroup.Workloads.IsEmpty).ToList();
        Assert.NotEmpty(busy);
        Assert.All(busy, cgroup => Assert.True(cgroup.MemoryStat.Single(counter => counter.Name == "pgsteal").Value > 0));
    }

    [Fact]
    public void There_is_an_example_of_each_kind_of_workload() =>
        Assert.All(["fio.yaml", "trace.yaml", "pattern.yaml", "mix.yaml"], name => Assert.Contains(name, Examples.Select(row => row.Data)));

    private static async Task<(int Status, string Output, string Error)> Reclaim(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var status = await Cli.InvokeAsync(args, new Terminal(output, error), Engine.Real, TestContext.Current.CancellationToken);
        return (status, output.ToString(), error.ToString());
    }
}
