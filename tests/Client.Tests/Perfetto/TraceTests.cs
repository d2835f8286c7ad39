using System.Text.Json;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests.Perfetto;

/// <summary><c>--trace</c>, from the command line to what a reader of the file finds.</summary>
public sealed class TraceTests : IDisposable
{
    private static readonly string _scenarios = Path.Combine(AppContext.BaseDirectory, "scenarios");
    private readonly string _folder = Directory.CreateTempSubdirectory("reclaim-trace-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string At(string name) => Path.Combine(_folder, name);

    private static async Task<(int Status, string Out, string Error)> Reclaim(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var status = await Cli.InvokeAsync(args, output, error);
        return (status, output.ToString(), error.ToString());
    }

    private async Task<(RunResults Results, TraceReading Trace)> Traced(string scenario, params string[] options)
    {
        var (status, output, error) = await Reclaim(["run", Path.Combine(_scenarios, scenario + ".yaml"), "--silos", "0", "--json", "--quiet", "--trace", At("t.pftrace"), .. options]);
        Assert.True(status == 0, error);
        return (JsonSerializer.Deserialize<RunResults>(output, ResultDigest.Json)!, new TraceReading(await File.ReadAllBytesAsync(At("t.pftrace"), TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Each_eviction_in_the_victim_has_a_cause_in_whoever_asked_and_they_add_up_to_the_matrix()
    {
        var (results, trace) = await Traced("noisy-neighbour", "--set", "duration=5s");

        var taken = trace.Slices.Where(slice => slice.Track.EndsWith(" > taken by kswapd and others", StringComparison.Ordinal)).ToList();
        Assert.Contains(taken, slice => slice.Track == "host > /database > taken by kswapd and others" && slice.Name == "kswapd for /neighbour");
        var causes = trace.Arrows().ToDictionary(arrow => arrow.To, arrow => arrow.From);
        foreach (var slice in taken)
        {
            var scan = causes[slice];
            Assert.Equal((slice.StartNs, slice.EndNs, slice.Arguments["asker"], slice.Arguments["scanned"]), (scan.StartNs, scan.EndNs, scan.Arguments["asker"], scan.Arguments["scanned"]));
            Assert.Equal(("host > kswapd0", "kswapd", $"{slice.Number("reclaim")}"), (scan.Track, scan.Parent!.Name, scan.Parent.Arguments["number"]));
            Assert.Equal($"shrink_lruvec {slice.Arguments["victim"]}", scan.Name);
        }

        foreach (var entry in results.Hosts[0].ReclaimMatrix)
        {
            var ofEntry = taken.FindAll(slice => slice.Track == $"host > {entry.Victim} > taken by kswapd and others" && slice.Name == $"{entry.Kind} for {entry.Aggressor}");
            Assert.Equal((entry.Scanned, entry.Reclaimed), (ofEntry.Sum(slice => slice.Number("scanned")), ofEntry.Sum(slice => slice.Number("reclaimed"))));
        }

        Assert.Equal(taken.Sum(slice => slice.Number("scanned")), results.Hosts[0].ReclaimMatrix.Sum(entry => entry.Scanned));
        Assert.Equal(results.Hosts[0].Nodes[0].Reclaim!.Pageoutrun, trace.Slices.Count(slice => slice is { Track: "host > kswapd0", Parent: null }));
    }

    [Fact]
    public async Task A_refault_comes_after_the_scan_that_evicted_its_page_from_the_same_cgroup()
    {
        var (_, trace) = await Traced("noisy-neighbour", "--set", "duration=5s");

        var returned = trace.Arrows().Where(arrow => arrow.To.Name.StartsWith("refault", StringComparison.Ordinal)).ToList();
        Assert.Equal(trace.Instants.Count, returned.Count);
        Assert.InRange(returned.Count(arrow => arrow.To.Track == "host > /database > refaults" && arrow.From.Arguments["asker"] == "/neighbour"), 10, int.MaxValue);
        Assert.All(returned, arrow =>
        {
            Assert.InRange(arrow.To.StartNs, arrow.From.StartNs, long.MaxValue);
            Assert.Equal($"host > {arrow.From.Arguments["victim"]} > refaults", arrow.To.Track);
            Assert.True(arrow.From.Number(arrow.To.Name == "refault anon" ? "evicted_anon" : "evicted_file") > 0);
        });
    }

    [Fact]
    public async Task Free_pages_generations_refaults_and_pressure_are_there_over_time()
    {
        var (results, trace) = await Traced("noisy-neighbour", "--set", "duration=5s");

        var series = results.Hosts[0].Cgroups["/neighbour"].Series!;
        foreach (var column in new[] { "charged", "file_age0", "file_age1", "file_age2", "file_age3", "anon_age0", "workingset_refault_file", "pgsteal", "memory_some", "io_some" })
        {
            // A number that is 0 throughout is left out.
            Assert.Equal(series.Columns[column].Any(value => value != 0), trace.Counters.TryGetValue($"host > /neighbour > {column}", out var counter));
            Assert.All(counter ?? [], sample => Assert.Equal(series.Columns[column][(int)(sample.AtNs / series.EveryNs) - 1], sample.Value));
            Assert.Equal(series.Columns[column][^1], counter?[^1].Value ?? 0);
        }

        Assert.InRange(trace.Counters.Count, 6, 20);
        var node = results.Hosts[0].Nodes[0];
        Assert.All(trace.Counters["host > node 0: free pages"], sample => Assert.InRange(sample.Value, 0, node.Reclaim!.High + 512));
    }

    [Fact]
    public async Task Reclaim_for_its_own_limit_stands_on_the_task_that_does_it_and_what_is_left_out_is_said()
    {
        var (results, trace) = await Traced("phase-change", "--trace-reclaims", "50");

        var cgroup = results.Hosts[0].Cgroups["/bench"];
        var own = cgroup.Records!.Own;
        var reclaims = trace.Slices.FindAll(slice => slice.Name == "memory.max");
        Assert.InRange(reclaims.Count, 25, 50);
        Assert.Equal(own.Reclaims.Length, reclaims.Count);
        Assert.All(reclaims, slice => Assert.Equal($"host > /bench > {cgroup.Records.Tasks[0]}", slice.Track));
        Assert.All(trace.Slices.Where(slice => slice.Parent is not null), scan => Assert.InRange(scan.EndNs, scan.Parent!.StartNs, scan.Parent.EndNs));
        Assert.DoesNotContain(trace.Tracks, track => track.Contains("taken by", StringComparison.Ordinal));

        var total = Assert.Single(own.Totals);
        Assert.Equal(("limit", Stat("pgscan"), Stat("pgsteal")), (total.Kind, total.Scanned, total.Reclaimed));
        Assert.Contains($"limit: {total.Count} reclaims scanned {total.Scanned} pages and reclaimed {total.Reclaimed}; one of {own.Every} is shown", trace.DescriptionOf(reclaims[0].Track), StringComparison.Ordinal);

        long Stat(string name) => cgroup.MemoryStat.Single(counter => counter.Name == name).Value;
    }

    [Theory]
    [InlineData("noisy-neighbour", "duration=4s")]
    [InlineData("examples/shared-limit")]
    [InlineData("phase-change")]
    public async Task The_file_is_the_same_on_silos_and_the_run_is_the_same_without_it(string scenario, params string[] set)
    {
        string[] command = ["run", Path.Combine(_scenarios, scenario + ".yaml"), "--quiet", "--json", .. set.SelectMany(assignment => new[] { "--set", assignment })];
        var bare = await Reclaim([.. command, "--silos", "0"]);
        var traced = await Reclaim([.. command, "--silos", "0", "--trace", At("a.pftrace")]);
        var spread = await Reclaim([.. command, "--silos", "2", "--trace", At("b.pftrace.gz")]);

        Assert.Equal((0, 0, 0), (bare.Status, traced.Status, spread.Status));
        Assert.Equal(Digest(bare), Digest(traced));
        var file = await File.ReadAllBytesAsync(At("a.pftrace"), TestContext.Current.CancellationToken);
        await using var compressed = new System.IO.Compression.GZipStream(File.OpenRead(At("b.pftrace.gz")), System.IO.Compression.CompressionMode.Decompress);
        using var other = new MemoryStream();
        await compressed.CopyToAsync(other, TestContext.Current.CancellationToken);
        Assert.Equal(file, other.ToArray());

        static string Digest((int Status, string Out, string Error) run) => JsonSerializer.Deserialize<RunResults>(run.Out, ResultDigest.Json)!.Digest;
    }

    [Fact]
    public async Task A_comparison_has_a_process_for_each_side()
    {
        var (status, _, error) = await Reclaim("compare", Path.Combine(_scenarios, "noisy-neighbour.yaml"), "--silos", "0", "--quiet", "--set", "duration=4s", "--trace", At("c.pftrace"));

        Assert.True(status == 0, error);
        var trace = new TraceReading(await File.ReadAllBytesAsync(At("c.pftrace"), TestContext.Current.CancellationToken));
        Assert.Contains("v6.12.117: host > kswapd0", trace.Tracks);
        Assert.Contains("classic: host > kswapd0", trace.Tracks);
        Assert.All(trace.Slices.Where(slice => slice.Track.StartsWith("classic", StringComparison.Ordinal)), slice => Assert.DoesNotContain("oldest_file", slice.Arguments.Keys));
        Assert.Contains(trace.Slices, slice => slice.Track == "v6.12.117: host > kswapd0" && slice.Arguments.ContainsKey("oldest_file"));
    }

    [Theory]
    [InlineData("examples/swap-areas")]
    [InlineData("examples/zswap")]
    [InlineData("examples/numa-policies")]
    [InlineData("examples/tiers")]
    [InlineData("examples/oom")]
    [InlineData("examples/lru-gen")]
    [InlineData("examples/events")]
    [InlineData("examples/dirty-pages")]
    [InlineData("examples/memory-high")]
    [InlineData("examples/shared-file")]
    [InlineData("examples/fleet")]
    public async Task Whatever_runs_the_trace_can_be_read(string scenario)
    {
        var (results, trace) = await Traced(scenario);

        Assert.NotEmpty(trace.Slices);
        foreach (var host in results.Hosts)
        {
            Assert.All(host.Cgroups.Values.Where(cgroup => cgroup.Records is not null), cgroup => Assert.True(
                cgroup.Records!.Own.Totals.Sum(total => total.Scanned) <= cgroup.MemoryStat.Single(counter => counter.Name == "pgscan").Value));
        }

        _ = trace.Arrows().Count();
    }

    [Theory]
    [InlineData("--trace: the reclaims of single runs, and --repeat makes many", "run", "--trace", "t.pftrace", "--repeat", "3")]
    [InlineData("--trace-reclaims: of a trace, and none is asked for (--trace FILE)", "run", "--trace-reclaims", "10")]
    [InlineData("--trace /nowhere/t.pftrace: no such folder", "run", "--trace", "/nowhere/t.pftrace")]
    [InlineData("--trace: run, compare, fio and explain write one", "validate", "--trace", "t.pftrace")]
    public async Task What_cannot_be_written_is_said_before_the_run(string problem, string verb, params string[] options)
    {
        var (status, output, error) = await Reclaim([verb, Path.Combine(_scenarios, "phase-change.yaml"), .. options]);

        Assert.Equal((2, ""), (status, output));
        Assert.Contains(problem, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_that_are_over_have_a_trace_if_it_was_written_down_then()
    {
        foreach (var (name, trace) in new[] { ("a", "--trace"), ("b", "--series") })
        {
            await Reclaim("run", Path.Combine(_scenarios, "phase-change.yaml"), "--silos", "0", "--quiet", "--results", At($"{name}.json"), trace, At($"{name}.csv"));
        }

        var again = await Reclaim("explain", At("a.json"), At("a.json"), "--trace", At("again.pftrace"));
        var none = await Reclaim("explain", At("a.json"), At("b.json"), "--trace", At("none.pftrace"));

        Assert.True(again.Status == 0, again.Error);
        Assert.Contains(new TraceReading(await File.ReadAllBytesAsync(At("again.pftrace"), TestContext.Current.CancellationToken)).Slices, slice => slice.Name == "memory.max");
        Assert.Equal(2, none.Status);
        Assert.Contains("--trace: these runs are over, and nothing was written down of their reclaims", none.Error, StringComparison.Ordinal);
    }
}
