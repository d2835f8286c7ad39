using System.Text.Json;
using Reclaim.Client.Conformance;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>Cases in which the kernel itself draws lots: many seeds against the runs of the kernel.</summary>
public sealed class LotteryTests
{
    private const string Drawn = "v6.12.117.mglru.g2.json";
    private const string Exact = "v6.12.117.mglru.uniform.json";

    [Theory]
    [InlineData(new string[0], 1, 20)]
    [InlineData(new[] { "--repeat", "3" }, 1, 3)]
    [InlineData(new[] { "--repeat", "1" }, 1, 1)]
    [InlineData(new[] { "--seed", "7", "--repeat", "4" }, 7, 4)]
    public async Task Where_the_kernel_draws_lots_seeds_are_run_from_the_first_upwards(string[] options, int first, int seeds)
    {
        var engine = new CannedEngine();
        await Report(engine, Drawn, options);

        Assert.Equal(Enumerable.Range(first, seeds).Select(seed => (ulong)seed), engine.Ran.Select(spec => spec.Seed).Order());
        Assert.Single(engine.Ran.Select(spec => JsonSerializer.Serialize(spec with { Seed = 0 }, ResultDigest.Json)).Distinct());
    }

    [Theory]
    [InlineData("v6.12.117.mglru.uniform.json")]
    [InlineData("v6.12.117.mglru.p2.json")] // Two cgroups without limits of their own, but the limit above them decides.
    public async Task Where_a_limit_decides_one_run_says_it_all(string file)
    {
        var engine = new CannedEngine();
        var replayed = Assert.Single((await Report(engine, file, "--repeat", "5")).Cases);

        Assert.Equal(1UL, Assert.Single(engine.Ran).Seed);
        Assert.Null(replayed.Lottery);
        Assert.All(replayed.Figures, figure => Assert.Equal((true, null), (figure.SimulatedRange.IsDefault, figure.SimulatedRuns)));
    }

    [Fact]
    public async Task A_figure_of_several_seeds_is_their_mean_and_range_and_its_error_is_that_of_the_mean()
    {
        // Each of the two streams reads 1000, 2000, 4000 pages.
        var replayed = Assert.Single((await Report(new CannedEngine(reads: spec => 500L << (int)spec.Seed), Drawn, "--repeat", "3")).Cases);

        var all = replayed.Figures.Single(figure => figure.Name == "deviceReads");
        Assert.Equal((14000.0 / 3, 3), (all.Simulated, all.SimulatedRuns));
        Assert.Equal([2000, 8000], all.SimulatedRange);
        Assert.Equal(Math.Round((all.Simulated - all.Measured) / all.Measured * 100, 4), all.ErrorPercent);
        Assert.Equal((6, 154328.0, 165475.0), (all.MeasuredRuns, all.MeasuredRange[0], all.MeasuredRange[1]));
        Assert.Equal([1000, 4000], replayed.Figures.Single(figure => figure.Name == "stream[1].deviceReads").SimulatedRange);
    }

    [Fact]
    public async Task Which_seed_gave_what_is_in_the_digest_of_the_case()
    {
        var upwards = await Report(new CannedEngine(reads: spec => (long)spec.Seed), Drawn, "--repeat", "2");
        var again = await Report(new CannedEngine(reads: spec => (long)spec.Seed), Drawn, "--repeat", "2");
        var downwards = await Report(new CannedEngine(reads: spec => 3 - (long)spec.Seed), Drawn, "--repeat", "2");

        Assert.Equal(upwards.Cases[0].Digest, again.Cases[0].Digest);
        Assert.Equal(upwards.Cases[0].Figures[0].Simulated, downwards.Cases[0].Figures[0].Simulated);
        Assert.NotEqual(upwards.Cases[0].Digest, downwards.Cases[0].Digest);
    }

    [Fact]
    public void The_pages_resident_in_both_are_the_mean_of_the_seeds()
    {
        var truth = GroundTruthCase.LoadAll(GroundTruthFolder.Find()).Single(c => c.File == Drawn);
        var (scenario, places, _) = CaseScenario.Make(truth, Names.Known, 1);
        var kernels = WithResidency(CannedResults.Of(scenario!.Spec), places, file => Convert.FromHexString(truth.First.ResidentBitmap[file == "f0" ? "0" : "1"]!.Bitmap));
        var none = WithResidency(CannedResults.Of(scenario.Spec), places, _ => new byte[49152 / 8]);

        Assert.Equal(0.75, CaseJudge.Judge(truth, places, kernels, none, kernels, kernels).ResidentAgreement);
    }

    [Theory]
    [InlineData(new[] { 90.0, 100, 110 }, true, true, true)]
    [InlineData(new[] { 94.0, 105, 116 }, true, true, true)] // Mean 5 % high; the range down to 89.3.
    [InlineData(new[] { 96.0, 106, 116 }, false, false, true)]
    [InlineData(new[] { 95.0, 100, 105 }, true, false, true)] // Half the deviation; 90 is below 95 less 5 %.
    [InlineData(new[] { 95.1, 100, 104.9 }, true, false, false)]
    [InlineData(new[] { 80.0, 100, 120 }, true, true, true)] // Twice.
    [InlineData(new[] { 79.0, 100, 121 }, true, true, false)]
    public void What_is_asked_holds_up_to_its_bound(double[] simulated, bool total, bool inRange, bool spread)
    {
        var verdict = Judge([90, 100, 110], simulated);

        Assert.Equal((total, inRange, spread), (verdict.Total.Holds, verdict.KernelRunsInRange.Holds, verdict.Spread.Holds));
        Assert.Equal(total && inRange && spread, verdict.Good);
    }

    [Fact]
    public void The_worst_stream_is_the_one_that_is_asked()
    {
        var verdict = LotteryVerdict.Of([Reads("deviceReads", 0), Reads("A.pgscan", 90), Reads("stream[0].deviceReads", 4), Reads("stream[1].deviceReads", -15.1)], [100], [100]);

        Assert.Equal(("stream[1].deviceReads", false), (verdict.Streams.Figure, verdict.Streams.Holds));
    }

    [Fact]
    public void One_run_shows_no_spread_and_nothing_is_said_of_it()
    {
        Assert.Null(Judge([100], [90, 110]).Spread.Holds);
        Assert.Null(Judge([90, 110], [100]).Spread.Holds);
        Assert.True(Judge([100], [90, 110]).Good);
    }

    [Theory]
    [InlineData("--quiet")]
    [InlineData("--markdown")]
    public async Task The_tables_show_both_ranges_what_was_asked_and_how_many_meet_it(string option)
    {
        var output = new StringWriter();
        await Cli.InvokeAsync(
            ["conformance", "--only", "v6.12.117.mglru.", "--repeat", "2", option], new Terminal(output, new StringWriter()),
            new CannedEngine(reads: spec => spec.Hosts[0].Cgroups.Length == 2 ? 77_000 + (4000 * (long)spec.Seed) : 1).Engine, CancellationToken.None);

        var text = output.ToString();
        Assert.Contains("158421.3 (154328 to 165475)", text, StringComparison.Ordinal);
        Assert.Contains("166000 (162000 to 170000)", text, StringComparison.Ordinal);
        Assert.Contains("153900 to 178500", text, StringComparison.Ordinal); // 162000 less, 170000 and 5 % more.
        Assert.Contains("6 of 6", text, StringComparison.Ordinal);
        Assert.EndsWith("0 of 3 in which the kernel draws lots on theirs", text.TrimEnd(), StringComparison.Ordinal);
        Assert.DoesNotContain("not replayed", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_such_cases_the_tables_say_nothing_of_lots()
    {
        var output = new StringWriter();
        await Cli.InvokeAsync(["conformance", "--only", Exact], new Terminal(output, new StringWriter()), new CannedEngine().Engine, CancellationToken.None);

        Assert.DoesNotContain("lots", output.ToString(), StringComparison.Ordinal);
    }

    private static LotteryVerdict Judge(double[] measured, double[] simulated)
    {
        var error = (simulated.Average() - measured.Average()) / measured.Average() * 100;
        return LotteryVerdict.Of([Reads("deviceReads", error), Reads("stream[0].deviceReads", error)], measured, simulated);
    }

    private static ConformanceFigure Reads(string name, double error) => new() { Name = name, ErrorPercent = error };

    private static RunResults WithResidency(RunResults results, IEnumerable<CaseScenario.Place> places, Func<string, byte[]> bitmap)
    {
        var cgroups = results.Hosts[0].Cgroups;
        foreach (var place in places)
        {
            cgroups = cgroups.SetItem(place.Cgroup, cgroups[place.Cgroup] with { Residency = [new ResidentFile(place.File, 49152, 0, bitmap(place.File))] });
        }

        return results with { Hosts = [results.Hosts[0] with { Cgroups = cgroups }] };
    }

    private static async Task<ConformanceReport> Report(CannedEngine engine, string file, params string[] options)
    {
        var output = new StringWriter();
        var status = await Cli.InvokeAsync(["conformance", "--json", "--only", file, .. options], new Terminal(output, new StringWriter()), engine.Engine, CancellationToken.None);

        Assert.Equal(0, status);
        return JsonSerializer.Deserialize<ConformanceReport>(output.ToString(), ResultDigest.Json)!;
    }
}
