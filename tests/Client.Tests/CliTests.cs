using System.Text.Json;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>The commands as a script sees them: exit status, standard output, standard error, files.</summary>
public sealed class CliTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reclaim-cli").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private sealed record Said(int Status, string Out, string Error)
    {
        /// <summary>The one error; warnings may stand behind it.</summary>
        public string ErrorLine => Assert.Single(Error.TrimEnd('\n').Split('\n'), line => !line.Contains(": warning: ", StringComparison.Ordinal));
    }

    private string Path_(string name) => Path.Combine(_folder, name);

    private string Scenario(string text = Scenarios.Small)
    {
        File.WriteAllText(Path_("s.yaml"), text);
        return Path_("s.yaml");
    }

    private static async Task<Said> Reclaim(CannedEngine engine, CancellationToken stop, params string[] args)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        var status = await Cli.InvokeAsync(args, new Terminal(output, error), engine.Engine, stop);
        return new Said(status, output.ToString(), error.ToString());
    }

    private static Task<Said> Reclaim(params string[] args) => Reclaim(new CannedEngine(), CancellationToken.None, args);

    [Fact]
    public async Task Run_prints_what_each_workload_got_and_what_reclaim_did()
    {
        var said = await Reclaim("run", Scenario());

        Assert.Equal((0, ""), (said.Status, said.Error));
        Assert.Contains("small: mglru v6.8, LRU_REFS_WIDTH 2, seed 7", said.Out, StringComparison.Ordinal);
        var rows = said.Out.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToList();
        Assert.Contains("cgroup workload accesses hit ratio device reads IOPS MiB/s p50 us p99 us p99.9 us", rows);
        Assert.Contains("/bench pattern 1,000 20.00% 800 500 2.0 1.25 80.0 1,200", rows);
        Assert.Contains("/bench 67,108,864 400 11 5 700 650 42", rows);
    }

    [Fact]
    public async Task Json_is_alone_on_standard_output_and_equals_the_results_file()
    {
        var said = await Reclaim("run", Scenario(), "--json", "--results", Path_("r.json"), "--seed", "9");

        Assert.Equal(File.ReadAllText(Path_("r.json")).Trim(), said.Out.Trim());
        var results = JsonDocument.Parse(said.Out).RootElement;
        Assert.Equal("reclaim-results/1", results.GetProperty("schema").GetString());
        Assert.Equal(9, results.GetProperty("seed").GetInt32());
        Assert.True(results.GetProperty("complete").GetBoolean());
        var cgroup = results.GetProperty("hosts")[0].GetProperty("cgroups").GetProperty("/bench");
        Assert.Equal(400, cgroup.GetProperty("memory.stat").GetProperty("workingset_refault_file").GetInt64());
        Assert.Equal(1200, cgroup.GetProperty("workloads")[0].GetProperty("latencyUs").GetProperty("p999").GetDouble());
        Assert.False(cgroup.TryGetProperty("residency", out _));
    }

    [Fact]
    public async Task Compare_puts_sides_beside_each_other_with_the_change_against_the_first()
    {
        var said = await Reclaim("compare", Scenario(), "--variants", "classic,v6.8:w1", "--results", Path_("r.json"));

        Assert.Equal(0, said.Status);
        var rows = said.Out.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToList();
        Assert.Contains("classic v6.8:w1 change", rows);
        Assert.Contains("device reads 900 800 -11.11%", rows);
        Assert.Contains("hit ratio % 10.00 20.00 +100.00%", rows);
        Assert.Contains("workingset_refault_file 450 400 -11.11%", rows);
        Assert.Contains("pgscan 700 700 0.00%", rows);
        var file = JsonDocument.Parse(File.ReadAllText(Path_("r.json"))).RootElement;
        Assert.Equal("reclaim-comparison/1", file.GetProperty("schema").GetString());
        Assert.Equal(["classic", "mglru"], file.GetProperty("sides").EnumerateArray().Select(side => side.GetProperty("kernel").GetProperty("policy").GetString()));
    }

    [Fact]
    public async Task Compare_without_variants_runs_the_sides_of_the_scenario()
    {
        var engine = new CannedEngine();
        var said = await Reclaim(engine, CancellationToken.None, "compare", Scenario(Scenarios.Small + "\ncompare: [v6.7-rc4, rfc-v4, classic]"), "--silos", "0");

        Assert.Equal(0, said.Status);
        Assert.Equal(["rfc-v4", "v6.7-rc4", "v6.8"], engine.Ran.Select(spec => spec.Kernel.Variant).Order());
        Assert.Equal([0], engine.Silos);
    }

    [Fact]
    public async Task Repeat_runs_so_many_seeds_of_each_side_and_says_whether_they_differ()
    {
        var engine = new CannedEngine();
        var said = await Reclaim(engine, CancellationToken.None, "compare", Scenario(), "--variants", "classic,v6.8", "--repeat", "3", "--results", Path_("r.json"));

        Assert.Equal((0, ""), (said.Status, said.Error));
        Assert.Equal("7,7,8,8,9,9", string.Join(',', engine.Ran.Select(spec => spec.Seed).Order()));
        var rows = said.Out.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToList();
        Assert.Contains("device reads 900 ± 0 [900 .. 900] 800 ± 0 [800 .. 800] -11.11% yes", rows);
        Assert.Contains("pgscan 700 ± 0 [700 .. 700] 700 ± 0 [700 .. 700] 0.00% no", rows);
        var file = JsonDocument.Parse(File.ReadAllText(Path_("r.json"))).RootElement;
        Assert.Equal("reclaim-repeat/1", file.GetProperty("schema").GetString());
        Assert.Equal([3, 3], file.GetProperty("sides").EnumerateArray().Select(side => side.GetProperty("runs").GetArrayLength()));
    }

    [Fact]
    public async Task Fio_takes_a_command_line_as_fio_does()
    {
        var engine = new CannedEngine();
        var said = await Reclaim(engine, CancellationToken.None,
            "fio", "-name=job", "--rw", "randread", "--size=8m", "--memory.max", "4M", "--device=nvme", "--norandommap", "--variant", "v6.1.192", "--policy", "classic",
            "--set", "host.cpus=3");

        Assert.Equal((0, ""), (said.Status, said.Error));
        var spec = Assert.Single(engine.Ran);
        Assert.Equal(3, spec.Hosts[0].Cpus);
        Assert.Equal(("classic", "v6.1.192", 4L << 20, "nvme"), (spec.Kernel.Policy, spec.Kernel.Variant, spec.Hosts[0].Cgroups[0].MemoryMax!.Value, spec.Hosts[0].Devices[0].Type));
        Assert.Equal(("job", 8L << 20, true), (spec.Hosts[0].Cgroups[0].Workloads[0].Name, ((FioSpec)spec.Hosts[0].Cgroups[0].Workloads[0]).SizeBytes, ((FioSpec)spec.Hosts[0].Cgroups[0].Workloads[0]).NoRandomMap));
    }

    [Fact]
    public async Task A_scenario_that_comes_with_the_program_is_known_by_its_name()
    {
        var engine = new CannedEngine();
        var said = await Reclaim(engine, CancellationToken.None, "compare", "fio-zipf");

        Assert.Equal((0, ""), (said.Status, said.Error));
        Assert.Equal(4, engine.Ran.Count);
    }

    [Fact]
    public async Task Validate_says_what_a_scenario_means_and_runs_nothing()
    {
        var engine = new CannedEngine();
        var said = await Reclaim(engine, CancellationToken.None, "validate", Scenario(), "--set", "kernel.rules.protect.saturated=no");

        Assert.Equal(0, said.Status);
        Assert.Empty(engine.Ran);
        Assert.Contains("/bench: memory.max 64M (16,384 pages)", said.Out, StringComparison.Ordinal);
        Assert.Contains("pattern zipf, reads, 300,000 accesses to 49,152 pages on ram0, seed 1", said.Out, StringComparison.Ordinal);
        Assert.Contains("rule protect.saturated: no instead of the variant's own", said.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_problem_that_only_the_model_sees_is_said_with_the_line_of_its_key()
    {
        var engine = new CannedEngine(_ => [new SpecProblem("host.cgroups.bench.memory.max", "too small"), new SpecProblem("kernel.variant", "odd", IsWarning: true)]);
        var said = await Reclaim(engine, CancellationToken.None, "run", Scenario());

        Assert.Equal((2, $"{Path_("s.yaml")}:12: host.cgroups.bench.memory.max: too small"), (said.Status, said.ErrorLine));
        Assert.Empty(engine.Ran);
    }

    [Fact]
    public async Task A_stopped_run_still_gives_its_results_marked_incomplete()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        var said = await Reclaim(new CannedEngine(), stop.Token, "run", Scenario(), "--results", Path_("r.json"));

        Assert.Equal(0, said.Status);
        Assert.Contains("incomplete", said.Out, StringComparison.Ordinal);
        Assert.False(JsonDocument.Parse(File.ReadAllText(Path_("r.json"))).RootElement.GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task A_run_that_fails_is_status_1_and_leaves_no_results()
    {
        var said = await Reclaim(new CannedEngine(failure: "a list lost a page"), CancellationToken.None, "run", Scenario(), "--results", Path_("r.json"));

        Assert.Equal((1, "small: the run failed: a list lost a page"), (said.Status, said.ErrorLine));
        Assert.False(File.Exists(Path_("r.json")));
    }

    [Theory]
    [InlineData("reclaim: no command 'rum'; did you mean 'run'?", "rum")]
    [InlineData("reclaim run: no option '--seef'; did you mean '--seed'?", "run", "s.yaml", "--seef", "3")]
    [InlineData("--seed x: must be a whole number from 0 to 18446744073709551615", "run", "s.yaml", "--seed", "x")]
    [InlineData("--silos 1000: must be a whole number from 0 to 64", "run", "s.yaml", "--silos", "1000")]
    [InlineData("--repeat 0: must be a whole number from 1 to 1000", "run", "s.yaml", "--repeat", "0")]
    [InlineData("--cluster here: 'here' must be an address and a port, for example 127.0.0.1:40000, or 'local'", "run", "s.yaml", "--cluster", "here")]
    [InlineData("--name: only runs of a cluster have names (--cluster ADDRESS)", "run", "s.yaml", "--name", "x")]
    [InlineData("reclaim silo: a command is needed: up, status, down (see reclaim silo --help)", "silo")]
    [InlineData("--silos 0: must be a whole number from 1 to 64", "silo", "up", "--silos", "0")]
    [InlineData("--silos x: must be a whole number from 1 to 64", "silo", "up", "--silos", "x")]
    [InlineData("--silos 65: must be a whole number from 1 to 64", "silo", "up", "--silos", "65")]
    [InlineData("no-such.yaml: no such file", "run", "no-such.yaml")]
    [InlineData("fio: no job: give a job file or --name=NAME --rw=… --size=…", "fio")]
    [InlineData("fio: iodpeth: fio has no option 'iodpeth'; did you mean 'iodepth'?", "fio", "--name=a", "--rw=randread", "--size=1m", "--iodpeth=4")]
    [InlineData("fio: --memory.max 4q: host.cgroups.fio.memory.max: '4q' is not a size (4G, 512M, 4k, or plain bytes)", "fio", "--name=a", "--rw=randread", "--size=1m", "--memory.max", "4q")]
    [InlineData("fio: --device brt: host.devices.disk0.type: no device type 'brt'; did you mean 'brd'?", "fio", "--name=a", "--rw=randread", "--size=1m", "--device", "brt")]
    [InlineData("/nowhere: no such folder", "conformance", "/nowhere")]
    public async Task Wrong_input_is_status_2_and_one_line(string line, params string[] args)
    {
        var said = await Reclaim(args);

        Assert.Equal((2, line, ""), (said.Status, said.ErrorLine, said.Out));
    }

    [Fact]
    public async Task A_results_file_that_cannot_be_written_is_found_out_before_the_run()
    {
        var engine = new CannedEngine();
        var missing = await Reclaim(engine, CancellationToken.None, "run", Scenario(), "--results", Path_("no/r.json"));
        var folder = await Reclaim(engine, CancellationToken.None, "run", Scenario(), "--results", _folder);

        Assert.Equal((2, $"--results {Path_("no/r.json")}: no such folder"), (missing.Status, missing.ErrorLine));
        Assert.Equal((2, $"--results {_folder}: is a directory, not a file"), (folder.Status, folder.ErrorLine));
        Assert.Empty(engine.Ran);
    }

    [Fact]
    public async Task A_full_disk_is_status_1_and_one_line()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs /dev/full");
        var said = await Reclaim("run", Scenario(), "--results", "/dev/full");

        Assert.Equal(1, said.Status);
        Assert.StartsWith("--results /dev/full: could not be written:", said.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_replace_the_file_at_once_and_leave_nothing_beside_it()
    {
        File.WriteAllText(Path_("r.json"), "old");
        await Reclaim("run", Scenario(), "--results", Path_("r.json"));

        Assert.Equal(["r.json", "s.yaml"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
        Assert.StartsWith("{", File.ReadAllText(Path_("r.json")), StringComparison.Ordinal);
        var read = JsonSerializer.Deserialize<RunResults>(File.ReadAllText(Path_("r.json")), ResultDigest.Json)!;
        Assert.Equal(read.Digest, ResultDigest.Sealed(read).Digest);
    }
}
