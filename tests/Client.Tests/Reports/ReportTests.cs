using System.Text.Json;
using System.Xml.Linq;
using Parquet;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests.Reports;

/// <summary><c>--report</c> and <c>--series</c>, from the command line to the files.</summary>
public sealed class ReportTests : IDisposable
{
    private static readonly string _scenarios = Path.Combine(AppContext.BaseDirectory, "scenarios");
    private readonly string _folder = Directory.CreateTempSubdirectory("reclaim-report-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string At(string name) => Path.Combine(_folder, name);

    private static async Task<(int Status, string Out, string Error)> Reclaim(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var status = await Cli.InvokeAsync(args, output, error);
        return (status, output.ToString(), error.ToString());
    }

    private static async Task<RunResults> Run(string scenario, params string[] options)
    {
        var (status, output, error) = await Reclaim(["run", Path.Combine(_scenarios, scenario + ".yaml"), "--json", "--quiet", .. options]);
        Assert.True(status == 0, error);
        return JsonSerializer.Deserialize<RunResults>(output, ResultDigest.Json)!;
    }

    [Theory]
    [InlineData("phase-change")]
    [InlineData("more-refaults-more-throughput")]
    [InlineData("noisy-neighbour", "duration=4s")]
    public async Task Samples_change_no_result_and_are_the_same_on_silos(string scenario, params string[] set)
    {
        string[] settings = [.. set.SelectMany(assignment => new[] { "--set", assignment })];
        var bare = await Run(scenario, ["--silos", "0", .. settings]);
        var sampled = await Run(scenario, ["--silos", "0", "--series", At("a.csv"), .. settings]);
        await Run(scenario, ["--silos", "2", "--series", At("b.csv"), .. settings]);

        Assert.Equal(bare.Digest, sampled.Digest);
        Assert.Equal(await File.ReadAllTextAsync(At("a.csv"), TestContext.Current.CancellationToken), await File.ReadAllTextAsync(At("b.csv"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Counters_only_grow_and_end_where_the_results_have_them()
    {
        var cgroup = (await Run("phase-change", "--silos", "0", "--series", At("s.csv"))).Hosts[0].Cgroups["/bench"];

        foreach (var (column, end) in new[] { ("accesses", cgroup.Workloads[0].Accesses), ("workingset_refault_file", Stat("workingset_refault_file")), ("pgsteal", Stat("pgsteal")) })
        {
            var values = cgroup.Series!.Columns[column];
            Assert.Equal(values.Order(), values);
            Assert.InRange(values[^1], end * 0.98, end);
        }

        Assert.All(Enumerable.Range(0, cgroup.Series!.Columns["file"].Length), i => Assert.InRange(
            cgroup.Series.Columns["file"][i] - Enumerable.Range(0, 4).Sum(age => cgroup.Series.Columns[$"file_age{age}"][i]), 0, 64));

        long Stat(string name) => cgroup.MemoryStat.Single(counter => counter.Name == name).Value;
    }

    [Fact]
    public async Task Csv_and_parquet_have_the_same_table()
    {
        var columns = (await Run("noisy-neighbour", "--silos", "0", "--set", "duration=4s", "--series", At("s.csv"))).Hosts[0].Cgroups["/neighbour"].Series!.Columns;
        await Run("noisy-neighbour", "--silos", "0", "--set", "duration=4s", "--series", At("s.parquet"));

        await using var parquet = await ParquetReader.CreateAsync(At("s.parquet"), cancellationToken: TestContext.Current.CancellationToken);
        var names = parquet.Schema.DataFields.Select(field => field.Name).ToList();
        var header = File.ReadLines(At("s.csv")).First().Split(',');
        Assert.Equal(header, names);
        Assert.Equal(["host", "cgroup", "seconds", .. columns.Keys.Order(StringComparer.Ordinal)], names);

        // The neighbour's rows are the last.
        var rows = File.ReadLines(At("s.csv")).Skip(1).Select(line => line.Split(',')).Where(row => row[1] == "/neighbour").ToList();
        Assert.Equal(columns["misses"].Select(misses => $"{misses}"), rows.Select(row => row[names.IndexOf("misses")]));
        using var group = parquet.OpenRowGroupReader(0);
        Assert.Equal(File.ReadLines(At("s.csv")).Count() - 1, group.RowCount);
    }

    [Fact]
    public async Task A_page_stands_alone_and_has_what_the_results_have()
    {
        var results = await Run("noisy-neighbour", "--silos", "0", "--set", "duration=4s", "--report", At("r.html"));

        var html = await File.ReadAllTextAsync(At("r.html"), TestContext.Current.CancellationToken);
        var page = XDocument.Parse(html["<!DOCTYPE html>".Length..]);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain(page.Descendants().Attributes(), attribute => attribute.Name.LocalName is "src" or "href");
        Assert.Contains(results.Digest, html, StringComparison.Ordinal);
        Assert.Contains("--set duration=4s", html, StringComparison.Ordinal);
        var captions = page.Descendants("figcaption").Select(caption => caption.Nodes().OfType<XText>().First().Value).ToList();
        Assert.Equal(2, captions.Count(caption => caption == "accesses a second"));
        Assert.Contains("file pages by age, MiB, oldest at the bottom", captions);
        var curves = page.Descendants().Where(element => element.Name.LocalName == "polyline").ToList();
        Assert.All(curves, curve => Assert.DoesNotContain("NaN", curve.Attribute("points")!.Value, StringComparison.Ordinal));
        Assert.Contains(page.Descendants("td"), cell => cell.Attribute("class")?.Value == "heat");
    }

    [Fact]
    public async Task The_page_draws_how_long_requests_took_and_the_results_have_each_of_them_once()
    {
        var workload = (await Run("phase-change", "--silos", "0", "--report", At("l.html"))).Hosts[0].Cgroups["/bench"].Workloads[0];

        var latencies = workload.LatencyHistogram!;
        Assert.Equal(workload.Accesses, latencies.Counts.Sum());
        var below = latencies.Us.Zip(latencies.Counts).TakeWhile(bucket => bucket.First < workload.LatencyUs.P99).Sum(bucket => bucket.Second);
        Assert.InRange(below, 0, 0.99 * workload.Accesses);
        var captions = XDocument.Parse((await File.ReadAllTextAsync(At("l.html"), TestContext.Current.CancellationToken))["<!DOCTYPE html>".Length..]).Descendants("figcaption").Select(caption => caption.Value).ToList();
        Assert.Contains("requests by latency, % of them", captions);
        Assert.Contains("requests by percentile: how many took longer", captions);
    }

    [Fact]
    public async Task A_comparison_has_its_sides_over_each_other_and_says_why_they_differ()
    {
        var (status, _, error) = await Reclaim("compare", Path.Combine(_scenarios, "phase-change.yaml"), "--silos", "0", "--quiet", "--report", At("c.html"));

        Assert.True(status == 0, error);
        var html = await File.ReadAllTextAsync(At("c.html"), TestContext.Current.CancellationToken);
        Assert.Contains("Why: v6.1.192 -&gt; classic", html, StringComparison.Ordinal);
        var figures = XDocument.Parse(html["<!DOCTYPE html>".Length..]).Descendants("figure").ToList();
        Assert.Equal(2, figures[0].Descendants().Count(element => element.Name.LocalName == "polyline"));
    }

    [Fact]
    public async Task A_page_of_many_seeds_has_a_point_for_each_run_and_says_which_differences_are_more_than_chance()
    {
        var scenario = At("s.yaml");
        await File.WriteAllTextAsync(scenario, Scenarios.Small, TestContext.Current.CancellationToken);
        var engine = new CannedEngine(reads: spec => (spec.Kernel.Policy == "classic" ? 900 : 500) + (long)(spec.Seed % 3));
        var status = await Cli.InvokeAsync(
            ["compare", scenario, "--variants", "v6.8,classic", "--repeat", "4", "--quiet", "--report", At("m.html")], new Terminal(TextWriter.Null, TextWriter.Null), engine.Engine, CancellationToken.None);

        Assert.Equal(0, status);
        var html = await File.ReadAllTextAsync(At("m.html"), TestContext.Current.CancellationToken);
        var page = XDocument.Parse(html["<!DOCTYPE html>".Length..]);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        var sections = page.Descendants("section").ToDictionary(section => section.Element("h2")!.Value);
        var differing = sections["Which differences are more than chance"].Descendants("tr").Skip(1).Select(row => row.Elements().First().Value).ToList();
        Assert.Equal(["hit ratio %", "device reads", "workingset_refault_file"], differing);
        var plots = sections["How they scatter"].Descendants("figure").ToList();
        Assert.Equal(["hit ratio %", "device reads", "workingset_refault_file"], plots.Select(plot => plot.Element("figcaption")!.Value));
        Assert.All(plots, plot => Assert.Equal(8, plot.Descendants().Count(element => element.Name.LocalName == "circle")));
        Assert.Contains("7 figures were the same in every run", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--series x.txt: must end with .csv or .parquet", "--series", "x.txt")]
    [InlineData("--report /nowhere/r.html: no such folder", "--report", "/nowhere/r.html")]
    [InlineData("--series: the samples of single runs, and --repeat makes many", "--series", "r.csv", "--repeat", "3")]
    public async Task What_cannot_be_written_is_said_before_the_run(string problem, params string[] options)
    {
        var (status, output, error) = await Reclaim(["run", Path.Combine(_scenarios, "phase-change.yaml"), .. options]);

        Assert.Equal((2, ""), (status, output));
        Assert.Contains(problem, error, StringComparison.Ordinal);
    }
}
