using System.Text.Json;
using Reclaim.Client.Conformance;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Xunit;

namespace Reclaim.Client.Tests;

public sealed class ConformanceTests
{
    private static readonly IReadOnlyList<GroundTruthCase> _cases = GroundTruthCase.LoadAll(GroundTruthFolder.Find());

    private static GroundTruthCase Case(string file) => Assert.Single(_cases, c => c.File == file);

    [Fact]
    public void Repeated_measurements_are_one_case()
    {
        Assert.Equal(6, Case("v6.12.117.mglru.g2.json").Runs.Count);
        Assert.DoesNotContain(_cases, c => c.File.Contains("repeat", StringComparison.Ordinal));
    }

    [Fact]
    public void A_case_becomes_the_run_that_was_measured()
    {
        var (scenario, places, reason) = CaseScenario.Make(Case("v6.12.117.w1.mglru.zipf05.json"), Names.Known, seed: 1);

        Assert.Null(reason);
        var spec = scenario!.Spec;
        Assert.Equal(("mglru", "v6.12.117", 1, true), (spec.Kernel.Policy, spec.Kernel.Variant, spec.Kernel.LruRefsWidth, spec.CaptureResidency));
        Assert.Equal((TurnSchedule.Turns, 1, 1L << 30), (spec.Hosts[0].Schedule, spec.Hosts[0].Cpus, spec.Hosts[0].Nodes[0].MemoryBytes));
        var cgroup = Assert.Single(spec.Hosts[0].Cgroups);
        Assert.Equal(("/A", (long?)67108864), (cgroup.Path, cgroup.MemoryMax));
        Assert.Equal(
            new PatternSpec { Name = "stream0", Device = "ram0", File = "f0", Pattern = "zipf", N = 49152, Acc = 300000, Seed = 1, Theta = 0.5, Nf = 12 },
            Assert.Single(cgroup.Workloads));
        Assert.Equal("/A", Assert.Single(places).Cgroup);
    }

    [Fact]
    public void Every_case_is_replayed() => Assert.All(_cases, c => Assert.Null(CaseScenario.Make(c, Names.Known, 1).Reason));

    [Fact]
    public void A_machine_short_of_memory_has_the_free_pages_and_the_watermarks_that_its_zones_had()
    {
        var spec = CaseScenario.Make(Case("v6.12.117.mglru.g2low.json"), Names.Known, 1).Scenario!.Spec;

        // DMA32 alone has pages: 137,269, min 737. Free at the start: 35306, 33917, 33969, 33879 and 33613 in the five runs.
        var node = spec.Hosts[0].Nodes[0];
        Assert.Equal((137_269L * 4096, 737L * 4, (137_269L - 34_136 + MeasuringMachine.UnchargedPages) * 4096), (node.MemoryBytes, spec.Hosts[0].MinFreeKbytes, node.UsedBytes));
        Assert.Equal(["/lab/A", "/lab/B"], spec.Hosts[0].Cgroups.Select(cgroup => cgroup.Path));
        Assert.Equal((null, 48L << 20), (spec.Hosts[0].Cgroups[0].MemoryMax, spec.Hosts[0].Cgroups[0].MemoryLow));
        Assert.Equal("/lab", Assert.Single(spec.Hosts[0].Groups).Path);
    }

    [Fact]
    public void Machines_that_ran_short_of_movable_pages_are_replayed_one_by_one()
    {
        var truth = Case("v6.12.117.classic.g2.json");
        var nodes = Enumerable.Range(0, 6).Select(i => CaseScenario.Make(truth, Names.Known, 1, i).Scenario!.Spec.Hosts[0].Nodes[0]).ToList();

        // Each ends with so much free, less half a boost of 1.5 × high: 35257 free at the start, 15152 and 10679 pages in A and B at the end.
        Assert.Equal((35_257 - MeasuringMachine.UnchargedPages - 15_152 - 10_679 - (1657 / 2)) * 4096L, nodes[0].UnmovableFreeBytes);
        Assert.Equal(5, nodes.Take(5).Select(node => node.UnmovableFreeBytes).Distinct().Count());
        Assert.Equal(nodes[0], nodes[5]);
    }

    [Theory]
    [InlineData("v6.12.117.mglru.g2.json")]
    [InlineData("v6.12.117.classic.c3.json")]
    [InlineData("v6.1.192.mglru.g2.json")]
    public void Of_machines_whose_runs_do_not_tell_nothing_is_assumed(string file) =>
        Assert.Equal(0, CaseScenario.Make(Case(file), Names.Known, 1).Scenario!.Spec.Hosts[0].Nodes[0].UnmovableFreeBytes);

    [Fact]
    public void The_common_parent_and_the_cgroups_have_the_limits_that_were_set()
    {
        var limits = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>("""{"memory.high": 67108864, "memory.low": 33554432, "memory.min": 4096, "memory.swap.max": "max"}""")!;
        var truth = Case("v6.12.117.mglru.g2low.json");
        var protects = truth with { Runs = [.. truth.Runs.Select(run => run with { Parent = limits, Cgroups = run.Cgroups.ToDictionary(cgroup => cgroup.Key, _ => limits) })] };
        var host = CaseScenario.Make(protects, Names.Known, 1).Scenario!.Spec.Hosts[0];

        Assert.Equal((64L << 20, 32L << 20, 4096L, null, null), (host.Groups[0].MemoryHigh, host.Groups[0].MemoryLow, host.Groups[0].MemoryMin, host.Groups[0].MemoryMax, host.Groups[0].SwapMax));
        Assert.All(host.Cgroups, cgroup => Assert.Equal((64L << 20, 32L << 20, 4096L, null, null), (cgroup.MemoryHigh, cgroup.MemoryLow, cgroup.MemoryMin, cgroup.MemoryMax, cgroup.SwapMax)));
    }

    [Fact]
    public void A_case_beyond_this_version_says_why()
    {
        var truth = Case("v6.12.117.mglru.g2.json");
        var without = truth with { Runs = [.. truth.Runs.Select(run => run with { ZoneinfoAtStart = "" })] };

        Assert.StartsWith("cgroup A has no memory.max", CaseScenario.Make(without, Names.Known, 1).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_heap_is_filled_before_its_sequence_and_is_swapped_where_the_machine_had_swap()
    {
        var (scenario, places, _) = CaseScenario.Make(Case("v6.12.117.mglru.mix.json"), Names.Known, 1);

        var host = scenario!.Spec.Hosts[0];
        Assert.Equal(new SwapSpec("brd", 128L << 20), Assert.Single(host.Swap));
        Assert.Equal((MeasuringMachine.TlbEntries, MeasuringMachine.ProcessAnonBytes), (host.TlbEntries, host.Cgroups[0].ProcessAnonBytes));
        Assert.Equal(
            new PatternSpec { Name = "stream0", Device = "", Kind = AccessKind.AnonRead, Turn = 64, Pattern = "zipf", N = 8192, Acc = 100000, Seed = 7, Theta = 0.9, Nf = 1, Wr = 256, Prefill = true },
            host.Cgroups[0].Workloads[0]);
        Assert.Equal(["", "f0"], places.Select(place => place.File));
    }

    [Theory]
    [InlineData("v6.12.117.mglru.m_zipf09.json", AccessAdvice.Unspecified)]
    [InlineData("v6.12.117.mglru.mr_zipf09.json", AccessAdvice.Random)]
    public void A_mapping_that_is_read_alone_is_left_by_its_process_only_where_the_measurement_pauses(string file, AccessAdvice advice)
    {
        var scenario = CaseScenario.Make(Case(file), Names.Known, 1).Scenario!;

        var workload = Assert.IsType<PatternSpec>(Assert.Single(scenario.Spec.Hosts[0].Cgroups[0].Workloads));
        Assert.Equal((AccessKind.MmapRead, advice, 20000), (workload.Kind, workload.Advice, workload.Turn));
    }

    [Theory]
    [InlineData("v6.12.117.mglru.mix.json", true)]
    [InlineData("v6.1.192.mglru.mix.json", false)]
    public void With_swap_what_went_in_and_out_is_compared_too(string file, bool perStream)
    {
        var truth = Case(file);
        var (scenario, places, _) = CaseScenario.Make(truth, Names.Known, 1);
        var results = CannedResults.Of(scenario!.Spec);
        var cgroup = results.Hosts[0].Cgroups["/A"];
        cgroup = cgroup with { MemoryStat = cgroup.MemoryStat.Add(new Counter("workingset_refault_anon", 3)) };
        var host = results.Hosts[0] with
        {
            Cgroups = results.Hosts[0].Cgroups.SetItem("/A", cgroup),
            Vmstat = results.Hosts[0].Vmstat.Add("pswpin", 4).Add("pswpout", 5),
        };

        var figures = CaseJudge.Judge(truth, places, results with { Hosts = [host] }).Figures;

        Assert.Equal(
            [("deviceReads", 1600), ("pswpin", 4), ("pswpout", 5), ("A.workingset_refault_anon", 3)],
            figures.Where(figure => figure.Name.Contains("deviceReads", StringComparison.Ordinal) && !figure.Name.StartsWith("stream", StringComparison.Ordinal)
                || figure.Name.StartsWith("pswp", StringComparison.Ordinal) || figure.Name.EndsWith("_anon", StringComparison.Ordinal))
                .Select(figure => (figure.Name, figure.Simulated)));
        Assert.Equal(perStream ? 2 : 0, figures.Count(figure => figure.Name.StartsWith("stream", StringComparison.Ordinal)));
    }

    [Fact]
    public void Figures_stand_beside_the_kernels_with_their_error_and_pages_are_compared_one_by_one()
    {
        var truth = Case("v6.12.117.mglru.zipf05.json");
        var (scenario, places, _) = CaseScenario.Make(truth, Names.Known, 1);
        var results = CannedResults.Of(scenario!.Spec);
        var bitmap = Convert.FromHexString(truth.First.ResidentBitmap["0"]!.Bitmap);
        Assert.Equal(16237, bitmap.Sum(b => byte.PopCount(b)));
        bitmap[0] ^= 1; // Page 0 is resident in the kernel alone (or in the simulator alone).
        var cgroup = results.Hosts[0].Cgroups["/A"] with { Residency = [new ResidentFile("f0", 49152, 0, bitmap)] };
        var host = results.Hosts[0] with { Cgroups = results.Hosts[0].Cgroups.SetItem("/A", cgroup) };

        var judged = CaseJudge.Judge(truth, places, results with { Hosts = [host] });

        var reads = judged.Figures[0];
        Assert.Equal(("deviceReads", 800), (reads.Name, reads.Simulated));
        Assert.Equal(2, reads.MeasuredRuns);
        Assert.Equal(Math.Round((800 - reads.Measured) / reads.Measured * 100, 4), reads.ErrorPercent);
        Assert.Equal(
            ["deviceReads", "A.workingset_refault_file", "A.workingset_activate_file", "A.workingset_restore_file", "A.pgscan", "A.pgsteal", "stream[0].deviceReads"],
            judged.Figures.Select(figure => figure.Name));
        Assert.InRange(judged.ResidentAgreement!.Value, 0.9999, 0.99999);
    }

    [Fact]
    public async Task The_report_lists_every_case_replayed_or_not()
    {
        var output = new StringWriter();
        var status = await Cli.InvokeAsync(["conformance", "--json", "--only", "v6.12.117.mglru"], new Terminal(output, new StringWriter()), new CannedEngine().Engine, CancellationToken.None);

        Assert.Equal(0, status);
        var report = JsonDocument.Parse(output.ToString()).RootElement;
        Assert.Equal("reclaim-conformance/1", report.GetProperty("schema").GetString());
        Assert.All(report.GetProperty("cases").EnumerateArray(), c => Assert.True(c.GetProperty("supported").GetBoolean()));
        var scan = report.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("file").GetString() == "v6.12.117.mglru.uniform.json");
        Assert.Equal(2, scan.GetProperty("lru_refs_width").GetInt32());
        Assert.Equal(JsonValueKind.Number, scan.GetProperty("figures")[0].GetProperty("errorPercent").ValueKind);
        Assert.False(scan.GetProperty("figures")[0].TryGetProperty("measuredRange", out _));
    }

    [Fact]
    public async Task The_table_shows_the_worst_figure_of_a_case_first()
    {
        var output = new StringWriter { NewLine = "\n" };
        await Cli.InvokeAsync(["conformance", "--only", "v6.12.117.mglru.uniform"], new Terminal(output, new StringWriter()), new CannedEngine().Engine, CancellationToken.None);

        var errors = output.ToString().Split('\n').Skip(1).TakeWhile(line => line.Trim().Length > 0)
            .Select(line => Math.Abs(double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1].TrimEnd('%')))).ToList();
        Assert.Equal(7, errors.Count);
        Assert.Equal(errors.OrderDescending(), errors);
    }
}
