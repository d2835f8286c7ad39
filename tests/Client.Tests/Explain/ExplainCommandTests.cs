using System.Text.Json;
using Reclaim.Client.Reports;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests.Explain;

/// <summary><c>explain</c> and <c>why</c>, from the command line to what they say.</summary>
public sealed class ExplainCommandTests : IDisposable
{
    private static readonly string _scenarios = Path.Combine(AppContext.BaseDirectory, "scenarios");
    private readonly string _folder = Directory.CreateTempSubdirectory("reclaim-explain-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Shipped(string name) => Path.Combine(_scenarios, name + ".yaml");

    private static async Task<(int Status, string Out, string Error)> Reclaim(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var status = await Cli.InvokeAsync(args, output, error);
        return (status, output.ToString(), error.ToString());
    }

    private static async Task<string> Done(params string[] args)
    {
        var (status, output, error) = await Reclaim(args);
        Assert.True(status == 0, error);
        return output;
    }

    private async Task<string> Run(string scenario, string name, params string[] set)
    {
        var file = Path.Combine(_folder, name + ".json");
        await Done(["run", Shipped(scenario), "--silos", "0", "--quiet", "--results", file, .. set.SelectMany(assignment => new[] { "--set", assignment })]);
        return file;
    }

    [Fact]
    public async Task More_refaults_and_more_throughput_are_told_by_what_a_miss_costs()
    {
        var few = await Run("more-refaults-more-throughput", "20");
        var many = await Run("more-refaults-more-throughput", "180", "kernel.swappiness=180");

        var text = await Done("explain", few, many);

        var (before, after) = (Results(few), Results(many));
        Assert.True(Refaults(after) > Refaults(before) && Iops(after) > Iops(before), "the riddle is one");
        Assert.Contains("more refaults an access and more throughput: with 180 a miss costs less, on average.", text, StringComparison.Ordinal);
        Assert.Contains("waiting for the device", text, StringComparison.Ordinal);
        Assert.DoesNotContain("rules that differ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_rule_that_makes_the_difference_is_found()
    {
        var output = await Done("explain", Shipped("phase-change"), "--variants", "v6.12.117-unfixed,v6.12.117", "--rules", "--silos", "0", "--json", "--quiet");

        var rules = JsonDocument.Parse(output).RootElement.GetProperty("pairs")[0].GetProperty("rules").EnumerateArray()
            .ToDictionary(rule => rule.GetProperty("name").GetString()!, rule => rule.GetProperty("alonePercent").GetDouble());
        Assert.NotEqual(0, rules["protect.saturated"]);

        // No page is anonymous, and memory is never short.
        Assert.Equal(0, rules["insert.anonOrDirty"]);
    }

    [Fact]
    public async Task A_comparison_explains_each_side_against_the_first()
    {
        var file = Path.Combine(_folder, "sides.json");
        await Done("compare", Shipped("phase-change"), "--silos", "0", "--quiet", "--results", file);

        var text = await Done("explain", file);

        Assert.Contains("phase-change: v6.1.192 -> classic", text, StringComparison.Ordinal);
        Assert.Contains("file, workingset", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_that_are_over_can_be_put_on_a_page()
    {
        var page = Path.Combine(_folder, "page.html");

        await Done("explain", await Run("phase-change", "a"), await Run("phase-change", "b", "kernel.policy=classic"), "--report", page);

        Assert.Contains("Why: v6.1.192 -&gt; classic", await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_others_took_of_a_victim_is_what_the_matrix_has()
    {
        var file = await Run("noisy-neighbour", "noisy", "duration=4s");

        var text = await Done("why", "database", file);

        var taken = Results(file).Hosts[0].ReclaimMatrix.Where(entry => entry is { Victim: "/database", Aggressor: "/neighbour" }).ToList();
        Assert.True(taken.Sum(entry => entry.Refaulted) > 0);
        Assert.Contains($"Others took {Figures.Count(taken.Sum(entry => entry.Reclaimed))} pages of it, and it missed {Figures.Count(taken.Sum(entry => entry.Refaulted))} of them later", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("one run; explain it against another", "explain", "RUN")]
    [InlineData("--variants: these runs are over", "explain", "RUN", "RUN", "--variants", "v6.8,classic")]
    [InlineData("--rules: these runs are over", "explain", "RUN", "RUN", "--rules")]
    [InlineData("no such file", "explain", "none.json", "RUN")]
    [InlineData("--set: these runs are over", "explain", "RUN", "RUN", "--set", "seed=2")]
    [InlineData("--seed: these runs are over", "why", "/bench", "RUN", "--seed", "2")]
    [InlineData("no scenario of that name comes with the program; did you mean 'phase-change'?", "explain", "phase-chance")]
    [InlineData("neither reclaim-results/1 nor reclaim-comparison/1", "explain", "RUN", "OTHER")]
    [InlineData("no JSON", "explain", "RUN", "BROKEN")]
    [InlineData("no cgroup '/ben'; did you mean '/bench'?", "why", "/ben", "RUN")]
    [InlineData("--repeat: what is explained are single runs", "explain", "SCENARIO", "--repeat", "3")]
    public async Task What_cannot_be_explained_is_said(string problem, params string[] args)
    {
        var files = new Dictionary<string, string>
        {
            ["RUN"] = await Run("phase-change", "run"),
            ["OTHER"] = Written("other.json", """{ "schema": "reclaim-validation/1" }"""),
            ["BROKEN"] = Written("broken.json", "{ \"schema\": "),
            ["SCENARIO"] = Shipped("phase-change"),
        };

        var (status, output, error) = await Reclaim([.. args.Select(arg => files.GetValueOrDefault(arg, arg))]);

        Assert.Equal(2, status);
        Assert.Empty(output);
        Assert.Contains(problem, error, StringComparison.Ordinal);
    }

    private string Written(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static RunResults Results(string file) => JsonSerializer.Deserialize<RunResults>(File.ReadAllText(file), ResultDigest.Json)!;

    private static long Refaults(RunResults results) => results.Hosts[0].Vmstat["workingset_refault_file"] + results.Hosts[0].Vmstat["workingset_refault_anon"];

    private static double Iops(RunResults results) => results.Hosts[0].Cgroups.Values.SelectMany(cgroup => cgroup.Workloads).Sum(workload => workload.Iops);
}
