using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>What the model itself finds is said as the scenario's own problems are: with its line and the key as written.</summary>
public sealed class ModelProblemTests : IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("reclaim-model").FullName, "s.yaml");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    private async Task<(int Status, string Out, string Error)> Validate(string text)
    {
        await File.WriteAllTextAsync(_path, text, TestContext.Current.CancellationToken);
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var status = await Cli.InvokeAsync(["validate", _path], output, error);
        return (status, output.ToString(), error.ToString());
    }

    [Fact]
    public async Task A_cgroup_that_only_groups_others_needs_no_limit()
    {
        var nested = Scenarios.Small.Replace("    bench:\n", "    group:\n      cgroups:\n       bench:\n", StringComparison.Ordinal)
            .Replace("\n      memory.max", "\n         memory.max", StringComparison.Ordinal)
            .Replace("\n      workloads", "\n         workloads", StringComparison.Ordinal)
            .Replace("\n        - pattern", "\n           - pattern", StringComparison.Ordinal);

        var said = await Validate(nested);

        Assert.Equal((0, ""), (said.Status, said.Error));
        Assert.Contains("/group/bench: memory.max 64M", said.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("classic", 6, 0)]
    [InlineData("classic", 7, 2)]
    [InlineData("mglru", 7, 0)]
    public async Task Of_more_than_six_limits_above_a_cgroup_a_shadow_of_the_classic_policy_cannot_tell(string policy, int above, int status)
    {
        var leaf = "memory.max: 8M, workloads: [ { pattern: { pattern: zipf, theta: 0.9, n: 4096, acc: 20000 } } ]";
        var nested = Enumerable.Range(0, above).Aggregate(leaf, (below, level) => $"memory.max: 16M, cgroups: {{ c{level}: {{ {below} }} }}");

        var said = await Validate($"schema: reclaim/1\nname: deep\nkernel: {{ policy: {policy} }}\nhost:\n  devices: {{ disk: {{ type: brd }} }}\n  cgroups:\n    top: {{ {nested} }}\n");

        Assert.Equal(status, said.Status);
        Assert.Equal(status != 0, said.Error.Contains("not in this version: memory that it shares with others, under classic, below more than 6 others with limits", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sequential_reads_are_nothing_to_warn_of()
    {
        var at = Scenarios.Small.IndexOf("- pattern", StringComparison.Ordinal);

        var said = await Validate($"{Scenarios.Small[..at]}- fio:\n            size: 8m\n            rw: read\n");

        Assert.Equal((0, ""), (said.Status, said.Error));
    }

    [Theory]
    [InlineData("anon-read")]
    [InlineData("mmap-write")]
    public async Task A_reference_policy_has_no_page_tables(string kind)
    {
        var said = await Validate(Scenarios.Small.Replace("file: f0", $"kind: {kind}", StringComparison.Ordinal).Replace("policy: mglru", "policy: lru", StringComparison.Ordinal));

        Assert.Equal(2, said.Status);
        Assert.Contains(
            $"{_path}:14: host.cgroups.bench.workloads[0].pattern.kind: policy lru is no kernel and has no page tables: it takes reads and writes through a descriptor only",
            said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_heap_and_files_must_have_page_numbers_together()
    {
        var line = "        - pattern: { kind: anon-read, pattern: scan, n: 2147483000, acc: 1 }";

        var said = await Validate($"{Scenarios.Small}\n{line}\n");

        Assert.Equal(2, said.Status);
        Assert.Contains(":13: host.cgroups.bench.workloads: the files and the anonymous memory of a cgroup have 2147532152 pages together", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_swapped_to_and_how_memory_is_touched_is_said()
    {
        var said = await Validate(Scenarios.Small.Replace("cpus: 2", "swap: [ { type: zram, size: 8M } ]", StringComparison.Ordinal)
            .Replace("file: f0", "kind: anon-read, wr: 256, prefill: yes", StringComparison.Ordinal));

        Assert.Equal((0, ""), (said.Status, said.Error));
        Assert.Contains("8M (2,048 pages) of swap on zram", said.Out, StringComparison.Ordinal);
        Assert.Contains("loads from anonymous memory of which 256/1024 are stores after a store to each page, 300,000 accesses to 49,152 pages, seed 1", said.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Memory_that_leaves_no_room_for_reclaim_is_an_error_at_its_line()
    {
        var said = await Validate(Scenarios.Small.Replace("memory.max: 64M", "memory.max: 1M\n      process_memory: { anon: 1000k }", StringComparison.Ordinal));

        Assert.Equal(2, said.Status);
        Assert.StartsWith($"{_path}:13: host.cgroups.bench.process_memory:", said.Error, StringComparison.Ordinal);
    }
}
