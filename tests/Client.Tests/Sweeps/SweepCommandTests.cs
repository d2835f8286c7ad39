using System.Text.Json;
using System.Xml.Linq;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests.Sweeps;

/// <summary><c>reclaim sweep</c>, from the command line to what it prints and writes.</summary>
public sealed class SweepCommandTests : IDisposable
{
    private static readonly string _scenarios = Path.Combine(AppContext.BaseDirectory, "scenarios");
    private const string Limit = "host.cgroups.bench.memory.max";
    private readonly string _folder = Directory.CreateTempSubdirectory("reclaim-sweep-").FullName;

    public SweepCommandTests() => File.WriteAllText(At("s.yaml"), Scenarios.Small);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string At(string name) => Path.Combine(_folder, name);

    private async Task<(int Status, string Out, string Error)> Sweep(CannedEngine engine, params string[] args) => await Sweep(engine.Engine, At("s.yaml"), args, CancellationToken.None);

    private static async Task<(int Status, string Out, string Error)> Sweep(Engine engine, string scenario, string[] args, CancellationToken stop)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var status = await Cli.InvokeAsync(["sweep", scenario, "--quiet", .. args], new Terminal(output, error), engine, stop);
        return (status, output.ToString(), error.ToString().Trim());
    }

    private static List<string[]> Rows(string output) => [.. output.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    /// <summary>The larger the limit the fewer reads.</summary>
    private static CannedEngine LargerIsBetter() => new(reads: spec => 1000 - (spec.Hosts[0].Cgroups[0].MemoryMax!.Value >> 20));

    [Fact]
    public async Task One_range_is_a_table_with_a_row_for_each_value()
    {
        var said = await Sweep(LargerIsBetter(), "--set", Limit + "=64M..256M:64M");

        Assert.Equal((0, ""), (said.Status, said.Error));
        Assert.Equal(["64M 6.40", "128M 12.80", "192M 19.20", "256M 25.60"], Rows(said.Out).Where(row => row.Length > 4 && row[0].EndsWith('M')).Select(row => $"{row[0]} {row[1]}"));
    }

    [Fact]
    public async Task Two_axes_are_a_grid_of_one_figure()
    {
        var said = await Sweep(LargerIsBetter(), "--set", Limit + "=64M,128M,256M", "--set", "kernel.swappiness=10,60", "--figure", "device reads");

        var rows = Rows(said.Out);
        Assert.Contains(rows, row => row is ["device", "reads"]);
        Assert.Contains(rows, row => row is ["memory.max", "\\", "swappiness", "10", "60"]);
        Assert.Contains(rows, row => row is ["128M", "872", "872"]);
        Assert.Contains("kernel.swappiness changes nothing here", said.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_combination_of_three_axes_has_a_row_the_first_axis_moving_slowest()
    {
        var engine = new CannedEngine();
        var said = await Sweep(engine, "--set", Limit + "=64M,128M", "--set", "kernel.swappiness=10,60", "--variants", "v6.8,classic", "--set", "seed=4");

        var cells = Rows(said.Out).Where(row => row.Length > 3 && row[0] is "64M" or "128M").Select(row => string.Join(' ', row[..4])).ToList();
        Assert.Equal(
            ["64M 10 v6.8 20.00", "64M 10 classic 10.00", "64M 60 v6.8 20.00", "64M 60 classic 10.00", "128M 10 v6.8 20.00", "128M 10 classic 10.00", "128M 60 v6.8 20.00", "128M 60 classic 10.00"],
            cells);
        Assert.Equal(8, engine.Ran.Count);
        Assert.All(engine.Ran, spec => Assert.Equal(4UL, spec.Seed));
    }

    [Fact]
    public async Task Json_has_the_axes_and_the_results_of_each_cell_in_their_order()
    {
        var said = await Sweep(LargerIsBetter(), "--set", Limit + "=64M,128M", "--variants", "v6.8,classic", "--json");

        var sweep = JsonDocument.Parse(said.Out).RootElement;
        Assert.Equal("reclaim-sweep/1", sweep.GetProperty("schema").GetString());
        Assert.Equal([Limit, "variants"], sweep.GetProperty("axes").EnumerateArray().Select(axis => axis.GetProperty("key").GetString()));
        Assert.Equal(
            ["64M v6.8 mglru", "64M classic classic", "128M v6.8 mglru", "128M classic classic"],
            sweep.GetProperty("cells").EnumerateArray().Select(cell =>
                $"{string.Join(' ', cell.GetProperty("values").EnumerateArray())} {cell.GetProperty("results").GetProperty("kernel").GetProperty("policy")}"));
    }

    [Fact]
    public async Task With_repeat_a_cell_has_means_intervals_and_the_digests_of_its_seeds()
    {
        var engine = new CannedEngine(reads: spec => (spec.Hosts[0].Cgroups[0].MemoryMax!.Value >> 20) + (long)spec.Seed);
        var said = await Sweep(engine, "--set", Limit + "=64M,128M", "--repeat", "3", "--json");

        var cells = JsonDocument.Parse(said.Out).RootElement.GetProperty("cells").EnumerateArray().ToList();
        Assert.Equal([72.0, 136.0], cells.Select(Reads));
        Assert.All(cells, cell =>
        {
            Assert.Equal([7UL, 8, 9], cell.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("seed").GetUInt64()));
            Assert.Equal(3, cell.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("digest").GetString()).Distinct().Count());
            Assert.False(cell.TryGetProperty("results", out _));
        });

        static double Reads(JsonElement cell) => cell.GetProperty("figures").EnumerateArray().Single(figure => figure.GetProperty("name").GetString() == "device reads").GetProperty("mean").GetDouble();
    }

    [Fact]
    public async Task A_sweep_that_is_stopped_before_anything_is_known_says_so()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        var said = await Sweep(LargerIsBetter().Engine, At("s.yaml"), ["--set", Limit + "=64M,128M"], stop.Token);

        Assert.Equal((1, "", "small: stopped before anything was known"), said);
    }

    [Theory]
    [InlineData("reclaim sweep: nothing to sweep: give a range (--set KEY=FROM..TO[:STEP]), a list (--set KEY=A,B,C) or --variants A,B", "--set", "duration=3s")]
    [InlineData("reclaim sweep: 1000 (memory.max) x 201 (swappiness) are 201000 runs, and a sweep has at most 10000", "--set", Limit + "=1M..1000M:1M", "--set", "kernel.swappiness=0..200:1")]
    [InlineData("reclaim sweep: 101 (swappiness) x 100 seeds are 10100 runs, and a sweep has at most 10000", "--set", "kernel.swappiness=0..100:1", "--repeat", "100")]
    [InlineData("--set kernel.swapiness=1: kernel.swapiness: unknown key; did you mean 'swappiness'?", "--set", "kernel.swapiness=1..2")]
    [InlineData("--set kernel.swappiness=201: kernel.swappiness: 201 is", "--set", "kernel.swappiness=1..201:100")]
    [InlineData("--set host.cgroups.benhc.memory.max: no cgroup 'benhc'; did you mean 'bench'?", "--set", "host.cgroups.benhc.memory.max=1M,2M")]
    [InlineData("--set kernel.swappiness: two ranges for one key", "--set", "kernel.swappiness=1..2", "--set", "kernel.swappiness=3,4")]
    [InlineData("--figure hit rate: no such figure; did you mean 'hit ratio %'?", "--set", "kernel.swappiness=1..2", "--figure", "hit rate")]
    [InlineData("--variants v6.8: a comparison has two sides or more", "--variants", "v6.8")]
    [InlineData("--series: the samples of single runs, and --repeat makes many", "--set", "kernel.swappiness=1..2", "--repeat", "2", "--series", "x.csv")]
    public async Task What_is_wrong_is_said_before_anything_runs(string said, params string[] args)
    {
        var engine = new CannedEngine();
        var (status, output, error) = await Sweep(engine, args);

        Assert.Equal((2, ""), (status, output));
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.Empty(engine.Ran);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task More_memory_never_lowers_the_hit_ratio_of_an_exact_policy_and_silos_change_nothing()
    {
        string[] args = ["--set", Limit + "=16M..256M:x4", "--set", "kernel.policy=lru,opt", "--json"];
        var phase = Path.Combine(_scenarios, "phase-change.yaml");
        var sequential = Results(await Sweep(Engine.Real, phase, [.. args, "--silos", "0"], CancellationToken.None));
        var silos = Results(await Sweep(Engine.Real, phase, [.. args, "--silos", "2"], CancellationToken.None));

        Assert.Equal(sequential.Select(run => run.Digest), silos.Select(run => run.Digest));
        long[] Reads(string policy) => [.. sequential.Where(run => run.Kernel.Policy == policy).Select(run => run.Hosts[0].Cgroups["/bench"].Workloads[0].DeviceReads)];
        Assert.Equal(Reads("lru").OrderDescending(), Reads("lru"));
        Assert.Equal(Reads("opt").OrderDescending(), Reads("opt"));
        Assert.All(Reads("lru").Zip(Reads("opt")), pair => Assert.True(pair.First >= pair.Second));

        static List<RunResults> Results((int Status, string Out, string Error) said)
        {
            Assert.True(said.Status == 0, said.Error);
            return [.. JsonDocument.Parse(said.Out).RootElement.GetProperty("cells").EnumerateArray().Select(cell => cell.GetProperty("results").Deserialize<RunResults>(ResultDigest.Json)!)];
        }
    }

    [Fact]
    public async Task The_page_of_one_axis_has_a_curve_with_its_band_and_of_two_a_map_with_the_numbers_in_it()
    {
        await Sweep(new CannedEngine(reads: spec => 1000 - (spec.Hosts[0].Cgroups[0].MemoryMax!.Value >> 20) - (long)spec.Seed), "--set", Limit + "=64M..256M:64M", "--repeat", "3", "--report", At("one.html"));
        await Sweep(LargerIsBetter(), "--set", Limit + "=64M..256M:64M", "--set", "kernel.swappiness=0..200:100", "--report", At("two.html"));

        var one = Page("one.html");
        Assert.Contains(one.Descendants(), element => element.Name.LocalName == "polygon" && element.Attribute("class")!.Value == "band c0");
        Assert.Contains(one.Descendants(), element => element.Name.LocalName == "text" && element.Value == Limit);
        var two = Page("two.html");
        var map = two.Descendants().First(element => element.Name.LocalName == "svg" && element.Attribute("class")?.Value == "heat");
        Assert.Equal(12, map.Descendants().Count(element => element.Name.LocalName == "rect"));
        Assert.Contains(map.Descendants(), element => element.Name.LocalName == "text" && element.Value == "19.20");
        Assert.Contains("reclaim sweep", two.Descendants("pre").Single().Value, StringComparison.Ordinal);

        XDocument Page(string name)
        {
            var html = File.ReadAllText(At(name));
            Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
            Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
            return XDocument.Parse(html["<!DOCTYPE html>".Length..]);
        }
    }
}
