using System.Text.Json;
using Reclaim.Client.Conformance;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>The whole program against what real kernels did on the same accesses.</summary>
public sealed class RealKernelTests(RealKernelTests.Replay replay) : IClassFixture<RealKernelTests.Replay>
{
    public static TheoryData<string> ReplayedCases => Cases(ThroughDescriptors);

    public static TheoryData<string> MultiGenCases => Cases(c => ThroughDescriptors(c) && c.First.Kernel.Policy == "mglru");

    public static TheoryData<string> PageTableCases => Cases(c => !BelowOneLimit(c) && !ThroughDescriptors(c));

    public static TheoryData<string> SharedLimitCases => Cases(BelowOneLimit);

    public static TheoryData<string> LotteryCases => Files(c => c.First.IsGlobal);

    public static TheoryData<string> RepeatedLotteryCases => Files(c => c.First.IsGlobal && c.Runs.Count > 1);

    [Theory]
    [MemberData(nameof(ReplayedCases))]
    public void Device_reads_are_the_kernels(string file)
    {
        var replayed = replay.Of(file);
        var bound = replayed.Policy == "classic" ? 0.5 : 0.1;

        var reads = Assert.Single(replayed.Figures, figure => figure.Name == "deviceReads");
        Assert.InRange(Math.Abs(reads.ErrorPercent), 0, bound);
    }

    /// <summary>The emulator's translation cache makes accessed bits coarser than a CPU's, so these are good to about one per cent.</summary>
    [Theory]
    [MemberData(nameof(PageTableCases))]
    public void Through_page_tables_device_reads_are_the_kernels_as_far_as_the_emulator_shows_them(string file)
    {
        var reads = Assert.Single(replay.Of(file).Figures, figure => figure.Name == "deviceReads");

        Assert.InRange(Math.Abs(reads.ErrorPercent), 0, 1);
    }

    [Theory]
    [MemberData(nameof(MultiGenCases))]
    public void Under_the_multi_gen_policy_refaults_scans_and_resident_pages_are_the_kernels(string file)
    {
        var replayed = replay.Of(file);
        foreach (var name in (string[])["A.workingset_refault_file", "A.pgscan", "A.pgsteal"])
        {
            Assert.InRange(Math.Abs(Assert.Single(replayed.Figures, figure => figure.Name == name).ErrorPercent), 0, 0.3);
        }

        Assert.InRange(replayed.ResidentAgreement!.Value, 0.99, 1);
    }

    /// <summary>Two cgroups that push each other out below one memory.max: each reads what it read on the kernel, with memory.low and without.</summary>
    [Theory]
    [MemberData(nameof(SharedLimitCases))]
    public void Below_one_limit_each_cgroup_reads_what_it_read_on_the_kernel(string file)
    {
        var replayed = replay.Of(file);
        foreach (var name in (string[])["deviceReads", "stream[0].deviceReads", "stream[1].deviceReads"])
        {
            Assert.InRange(Math.Abs(Assert.Single(replayed.Figures, figure => figure.Name == name).ErrorPercent), 0, 0.3);
        }

        Assert.InRange(Math.Abs(Assert.Single(replayed.Figures, figure => figure.Name == "A.workingset_refault_file").ErrorPercent), 0, 0.5);
        Assert.InRange(Math.Abs(Assert.Single(replayed.Figures, figure => figure.Name == "A.pgscan").ErrorPercent), 0, replayed.Policy == "classic" ? 1.5 : 0.3);
    }

    /// <summary>
    /// No memory.max decides here: who is reclaimed from is drawn by lot in the kernel too, so what is compared are means, and whether each
    /// of the kernel's runs could be one of the simulator's.
    /// </summary>
    [Theory]
    [MemberData(nameof(LotteryCases))]
    public void Where_the_kernel_draws_lots_means_are_the_kernels(string file)
    {
        var replayed = replay.Of(file);

        Assert.All(replayed.Figures, figure => Assert.Equal(LotteryVerdict.Seeds, figure.SimulatedRuns));
        Assert.InRange(Math.Abs(Assert.Single(replayed.Figures, figure => figure.Name == "deviceReads").ErrorPercent), 0, 5);
        Assert.All(
            replayed.Figures.Where(figure => figure.Name.StartsWith("stream", StringComparison.Ordinal)),
            figure => Assert.InRange(Math.Abs(figure.ErrorPercent), 0, 15));
    }

    [Theory]
    [MemberData(nameof(RepeatedLotteryCases))]
    public void Its_runs_scatter_as_the_kernels_do(string file)
    {
        var verdict = replay.Of(file).Lottery!;

        Assert.Equal(verdict.KernelRunsInRange.Runs, verdict.KernelRunsInRange.Inside);
        Assert.InRange(verdict.Spread.Simulated!.Value / verdict.Spread.Measured!.Value, 0.5, 2);
    }

    [Fact]
    public async Task Without_the_fix_the_figures_are_those_of_the_kernel_without_it()
    {
        // Rules overridden one by one make v6.12.117 the measured kernel that lacks the three changes.
        string[] rules =
        [
            "insert.coldFile=oldest", "insert.anonOrDirty=min+1", "protect.saturated=no", "refault.restoreIf=refs = 2^W or fault", "refault.restoreSets=WS",
        ];
        var overridden = await Zipf09([.. rules.SelectMany(rule => (string[])["--set", $"kernel.rules.{rule}"])]);
        var named = await Zipf09(["--set", "kernel.variant=v6.12.117-unfixed"]);
        var asIs = await Zipf09([]);

        Assert.Equal(Reads(named), Reads(overridden));
        Assert.NotEqual(Reads(asIs), Reads(overridden));
    }

    private static TheoryData<string> Cases(Func<GroundTruthCase, bool> chosen) => Files(c => !c.First.IsGlobal && chosen(c));

    private static TheoryData<string> Files(Func<GroundTruthCase, bool> chosen) =>
        [.. GroundTruthCase.LoadAll(GroundTruthFolder.Find())
            .Where(c => CaseScenario.Make(c, Names.Known, 1).Reason is null && chosen(c))
            .Select(c => c.File)];

    private static bool ThroughDescriptors(GroundTruthCase c) => !BelowOneLimit(c) && c.First.Streams.All(stream => stream.Kind == "r");

    private static bool BelowOneLimit(GroundTruthCase c) => c.First.Parent.Count != 0;

    private static long Reads(RunResults results) => results.Hosts[0].Cgroups["/a"].Workloads[0].DeviceReads;

    private static async Task<RunResults> Zipf09(string[] options)
    {
        using var folder = new Traces.TraceFolder();
        var scenario = Path.Combine(folder.Root, "zipf.yaml");
        await File.WriteAllTextAsync(scenario, """
            schema: reclaim/1
            name: zipf
            kernel: { policy: mglru, variant: v6.12.117 }
            host:
              nodes: [ { memory: 1G } ]
              devices: { ram0: { type: brd } }
              cgroups:
                a:
                  memory.max: 64M
                  workloads:
                    - pattern: { kind: read, pattern: zipf, theta: 0.9, n: 49152, nf: 1, seed: 1, acc: 300000, device: ram0 }
            """);
        var output = new StringWriter();
        var error = new StringWriter();
        var status = await Cli.InvokeAsync(["run", scenario, "--silos", "0", "--json", .. options], output, error);

        Assert.True(status == 0, error.ToString());
        return JsonSerializer.Deserialize<RunResults>(output.ToString(), ResultDigest.Json)!;
    }

    /// <summary>All measurements, replayed once; those in which the kernel draws lots under many seeds.</summary>
    public sealed class Replay : IAsyncLifetime
    {
        private ConformanceReport _report = null!;

        public async ValueTask InitializeAsync()
        {
            using var folder = new Traces.TraceFolder();
            var results = Path.Combine(folder.Root, "conformance.json");
            var error = new StringWriter();
            var status = await Cli.InvokeAsync(["conformance", "--silos", "0", "--results", results], new StringWriter(), error);
            Assert.True(status == 0, error.ToString());
            _report = JsonSerializer.Deserialize<ConformanceReport>(await File.ReadAllTextAsync(results), ResultDigest.Json)!;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        internal ConformanceCase Of(string file) => _report.Cases.Single(c => c.File == file);
    }
}
