using Reclaim.Client.Fio;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Spec;
using Xunit;

namespace Reclaim.Client.Tests;

public sealed class FioOptionTests
{
    private static readonly FioContainer _container = new() { MemoryMax = "4G", Device = "brd", Variant = "v6.8", Policy = "mglru" };

    private static FioSpec[] Jobs(IReadOnlyList<FioSection> sections) =>
        [.. FioScenario.Make(sections, _container, new ScenarioSettings(Names.Known)).Spec.Hosts[0].Cgroups[0].Workloads.Cast<FioSpec>()];

    private static FioSpec[] CommandLine(string line) => Jobs(FioCommandLine.Read(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    private static FioSpec[] JobFile(string text) => Jobs(FioJobFile.Parse("job.fio", text));

    private static FioSpec Yaml(string options)
    {
        var text = Scenarios.Small.Replace("ram0:", "disk0:");
        var at = text.IndexOf("- pattern", StringComparison.Ordinal);
        return (FioSpec)Scenarios.Read($"{text[..at]}- fio: {{ {options} }}").Spec.Hosts[0].Cgroups[0].Workloads[0];
    }

    [Fact]
    public void Command_line_job_file_and_YAML_give_the_same_job()
    {
        var line = Assert.Single(CommandLine(
            "-name=mglru --numjobs=12 --directory=/mnt --size=1024m --buffered=1 --ioengine=io_uring --iodepth=128 --iodepth_batch_submit=32 "
            + "--iodepth_batch_complete=32 --rw=randread --random_distribution=zipf:0.5 --norandommap --time_based --ramp_time=5m --runtime=5m --group_reporting"));
        var file = Assert.Single(JobFile("""
            ; the thread's job
            [global]
            ioengine=io_uring
            directory = /mnt
            time_based
            ramp_time=5m
            runtime=300
            # one section
            [mglru]
            rw=randread
            size=1g
            numjobs=12
            iodepth=128
            iodepth_batch=32
            iodepth_batch_complete_min=32
            random_distribution=zipf:0.5
            norandommap=1
            group_reporting
            """));
        var yaml = Yaml("name: mglru, readwrite: randread, blocksize: 4096, size: 1048576k, numjobs: 12, iodepth: 128, iodepth_batch_submit: 32, iodepth_batch_complete: 32, "
            + "random_distribution: 'zipf:0.5', norandommap: 1, time_based: 1, ramp_time: 300s, runtime: 5m, group_reporting: 1");

        Assert.Equal(line, file);
        Assert.Equal(line, yaml);
        Assert.Equal((12, 1L << 30, 128, 32, 32), (line.NumJobs, line.SizeBytes, line.IoDepth, line.IoDepthBatchSubmit, line.IoDepthBatchComplete));
    }

    [Fact]
    public void Each_section_is_a_job_and_global_applies_to_those_after_it()
    {
        var jobs = JobFile("[global]\nsize=8m\nrw=randread\n[a]\n[global]\nsize=16m\n[b]\nrw=randwrite\n");

        Assert.Equal([("a", 8L << 20, FioRw.RandRead), ("b", 16L << 20, FioRw.RandWrite)], jobs.Select(job => (job.Name, job.SizeBytes, job.Rw)));
    }

    [Fact]
    public void On_a_command_line_each_name_begins_a_job_and_options_before_it_are_for_all()
    {
        var jobs = CommandLine("--rw randread --size 8m --name=a --name b --bs=8k");

        Assert.Equal([("a", 4096), ("b", 8192)], jobs.Select(job => (job.Name, job.BsBytes)));
        Assert.All(jobs, job => Assert.Equal(FioRw.RandRead, job.Rw));
    }

    [Theory]
    [InlineData("size=1k", 1024, 1024)]
    [InlineData("size=1kb", 1024, 1024)]
    [InlineData("size=1ki", 1024, 1000)]
    [InlineData("size=1KiB", 1024, 1000)]
    [InlineData("size=1k", 1000, 1000)]
    [InlineData("size=1kib", 1000, 1024)]
    [InlineData("size=0x1000", 1024, 4096)]
    [InlineData("size=3G", 1024, 3L << 30)]
    public void Sizes_follow_fios_own_base(string option, int kbBase, long bytes)
    {
        Assert.True(FioUnits.TrySize(option[5..], kbBase, out var size));
        Assert.Equal(bytes, size);
    }

    [Fact]
    public void The_base_counts_wherever_it_stands_in_the_job() =>
        Assert.Equal(8_192_000, Assert.Single(JobFile("[a]\nrw=randread\nsize=8192k\nkb_base=1000")).SizeBytes);

    [Fact]
    public void A_file_name_is_a_device_or_one_file_that_all_jobs_share()
    {
        Assert.Equal(("disk0", false), (Yaml("rw: randread, size: 1m, filename: /dev/disk0").Device, Yaml("rw: randread, size: 1m, filename: disk0").SharedFile));
        Assert.Equal(("/mnt/f", true), (Yaml("rw: randread, size: 1m, filename: /mnt/f").File, Yaml("rw: randread, size: 1m, filename: /mnt/f").SharedFile));
    }

    [Theory]
    [InlineData("rw=randred", "rw", "'randred' is no rw; did you mean 'randread'?")]
    [InlineData("iodpeth=4", "iodpeth", "fio has no option 'iodpeth'; did you mean 'iodepth'?")]
    [InlineData("direct=1", "direct", "'1' cannot be honoured: direct I/O bypasses the page cache, so there is nothing to reclaim")]
    [InlineData("buffered=0", "buffered", "'0' cannot be honoured: only buffered I/O goes through the page cache")]
    [InlineData("verify=md5", "verify", "'md5' cannot be honoured: data is not modelled, so there is none to verify")]
    [InlineData("rate_iops=100", "rate_iops", "cannot be honoured: rates are not limited in this version")]
    [InlineData("ioengine=splice", "ioengine", "'splice' cannot be honoured; engines: io_uring, libaio, posixaio, sync, psync, vsync, pvsync, pvsync2, mmap")]
    [InlineData("fadvise_hint=often", "fadvise_hint", "'often' is none of 0 or none, 1 or type, random, sequential")]
    [InlineData("random_distribution=zipf:1", "random_distribution", "zipf's theta must be above 0 and not 1")]
    [InlineData("random_distribution=zoned:60/10:30/20", "random_distribution", "the zones' accesses add up to 90 % and their sizes to 30 %, both must be 100 %")]
    [InlineData("numjobs=0", "numjobs", "0 is outside 1 to 4096")]
    [InlineData("size=-4k", "size", "-4k is negative")]
    [InlineData("size=0", "size", "must not be zero")]
    [InlineData("size=20%", "size", "'20%': sizes in per cent are not in this version")]
    [InlineData("runtime=5 parsecs", "runtime", "'5 parsecs' is not a time (5m, 300s, 250ms)")]
    [InlineData("bs=512", "bs", "512 is not a multiple of the page size, 4096: not in this version")]
    [InlineData("time_based=1", "time_based", "needs a runtime")]
    [InlineData("rw", "rw", "needs a value")]
    public void An_option_that_cannot_be_honoured_is_an_error_in_each_form(string option, string key, string why)
    {
        _ = key;
        var name = option.Split('=')[0];
        var text = "[j]\n" + (name == "rw" ? "" : "rw=randread\n") + (name == "size" ? "" : "size=1m\n") + option + "\n";
        var line = text.Count(c => c == '\n');

        Assert.Equal($"job.fio:{line}: {name}: {why}", Assert.Throws<InputException>(() => JobFile(text)).Message);
        var yaml = string.Join(", ", text.Split('\n')[1..^1].Select(o => o.Contains('=') ? o.Replace("=", ": '") + "'" : o + ": "));
        Assert.Contains($": host.cgroups.bench.workloads[0].fio.{name}: {why}", Assert.Throws<InputException>(() => Yaml(yaml)).Message, StringComparison.Ordinal);
        Assert.Contains(why, Assert.Throws<InputException>(() => CommandLine("--name=j " + string.Join(' ', text.Split('\n')[1..^1].Select(o => "--" + o.Replace(" ", ""))))).Message.Replace("'5parsecs'", "'5 parsecs'"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("directory=/mnt", "has no effect: files live on the workload's device")]
    [InlineData("invalidate=0", "has no effect: a run always starts with an empty page cache")]
    [InlineData("ioengine=psync", "psync waits for each request: iodepth counts as 1; the engine's own cost is not modelled")]
    [InlineData("write_bw_log=x", "has no effect: it only changes what fio prints")]
    public void An_option_honoured_in_part_is_a_warning_that_names_it(string option, string why)
    {
        var sections = FioJobFile.Parse("job.fio", $"[j]\nrw=randread\nsize=1m\n{option}\n");

        var warning = Assert.Single(FioScenario.Make(sections, _container, new ScenarioSettings(Names.Known)).Warnings);

        Assert.Equal($"job.fio:4: warning: {option.Split('=')[0]}: {why}", warning.ToString());
    }

    [Fact]
    public void A_synchronous_engine_has_one_request_outstanding() =>
        Assert.Equal(1, Assert.Single(JobFile("[j]\nrw=randread\nsize=1m\nioengine=psync\niodepth=32")).IoDepth);

    [Fact]
    public void A_mapped_file_is_touched_page_by_page()
    {
        var job = Assert.Single(JobFile("[j]\nrw=randread\nsize=1m\nioengine=mmap\niodepth=32\nfadvise_hint=0"));
        Assert.Equal((true, 1, AccessAdvice.Normal), (job.Mmap, job.IoDepth, job.Advice));

        Assert.Equal("job.fio:4: bs: with ioengine=mmap only 4096 in this version", Assert.Throws<InputException>(() => JobFile("[j]\nrw=randread\nsize=1m\nbs=8k\nioengine=mmap")).Message.Split('\n')[0]);
    }

    [Theory]
    [InlineData("rw=randread", "job.fio:1: 'rw=randread' stands before the first section; a job file begins with [global] or [NAME]")]
    [InlineData("[global]\nrw=randread", "job.fio: no job: a job file needs a section [NAME] besides [global]")]
    [InlineData("[]", "job.fio:1: '[]' is not a section: [NAME]")]
    [InlineData("[a]\nsize=${SIZE}", "job.fio:2: 'size=${SIZE}': environment variables are not expanded in this version")]
    public void A_file_that_is_no_job_file_is_said_with_its_line(string text, string said) =>
        Assert.Equal(said, Assert.Throws<InputException>(() => JobFile(text)).Message);
}
