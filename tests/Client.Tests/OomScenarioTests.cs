using System.Text.Json;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>Scenarios in which memory is out.</summary>
public sealed class OomScenarioTests : IDisposable
{
    /// <summary>Two heaps that are too large for the node together, without swap.</summary>
    private const string Node = """
        schema: reclaim/1
        kernel: { variant: v6.12.117 }
        host:
          cpus: 4
          nodes: [ { memory: 32M, used: 8M } ]
          min_free_kbytes: 512
          devices: { disk: { type: nvme } }
          cgroups:
            shop:
              cgroups:
                web: { workloads: [ { name: pages, pattern: { kind: anon-write, pattern: scan, n: 2048, acc: 4000 } } ] }
                queue: { workloads: [ { name: mail, pattern: { kind: anon-write, pattern: scan, n: 512, acc: 4000 } } ] }
            leak: { workloads: [ { name: leak, start: 10ms, pattern: { kind: anon-write, pattern: scan, n: 65536, acc: 65536 } } ] }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("reclaim-oom-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task On_a_node_without_a_page_left_the_largest_process_dies_and_the_others_go_on()
    {
        var host = (await Run(Node)).Hosts[0];

        Assert.Equal(["leak"], Kill(host, "/leak").Workloads);
        Assert.Equal("/", Kill(host, "/leak").For);
        Assert.Equal((1, 0, 0), (Kills(host, "/leak"), Kills(host, "/shop/web"), Kills(host, "/shop/queue")));
        Assert.Equal(4000, host.Cgroups["/shop/web"].Workloads[0].Accesses);
        Assert.True(host.Nodes[0].FreePages > 1000, "what it held is free");
    }

    [Fact]
    public async Task Whoever_is_never_to_be_killed_is_not()
    {
        var host = (await Run(Node.Replace("name: leak,", "name: leak, oom_score_adj: -1000,", StringComparison.Ordinal)
            .Replace("n: 65536, acc: 65536", "n: 5000, acc: 5000", StringComparison.Ordinal))).Hosts[0];

        Assert.Equal(0, Kills(host, "/leak"));
        Assert.Equal(["pages"], Kill(host, "/shop/web").Workloads);
    }

    [Fact]
    public async Task A_group_dies_as_one()
    {
        var host = (await Run(Node.Replace("shop:\n", "shop:\n      memory.oom.group: yes\n", StringComparison.Ordinal)
            .Replace("name: pages,", "name: pages, oom_score_adj: 1000,", StringComparison.Ordinal))).Hosts[0];

        Assert.Equal((1, 1), (Kills(host, "/shop/web"), Kills(host, "/shop/queue")));
        Assert.Equal(2, Kills(host, "/shop"));
    }

    [Fact]
    public async Task Whoever_carries_the_steps_the_same_process_dies()
    {
        var digests = new List<string>();
        foreach (var silos in new[] { "0", "1", "2" })
        {
            digests.Add((await Run(Node, "--silos", silos)).Digest);
        }

        Assert.Single(digests.Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Min_ttl_ms_kills_rather_than_take_what_was_just_in_use()
    {
        const string cache = """
            schema: reclaim/1
            kernel: { variant: v6.12.117, min_ttl_ms: 0 }
            duration: 400ms
            host:
              nodes: [ { memory: 32M, used: 8M } ]
              min_free_kbytes: 512
              devices: { disk: { type: nvme } }
              cgroups:
                a: { workloads: [ { name: files, pattern: { pattern: uniform, n: 16384, acc: 10000000 } } ] }
                b: { workloads: [ { name: heap, pattern: { kind: anon-write, prefill: yes, pattern: scan, n: 2048, acc: 10000000 } } ] }
            """;

        Assert.Equal(0, Kills((await Run(cache)).Hosts[0], "/b"));
        Assert.Equal(1, Kills((await Run(cache.Replace("min_ttl_ms: 0", "min_ttl_ms: 1000", StringComparison.Ordinal))).Hosts[0], "/b"));
    }

    [Theory]
    [InlineData("name: mail,", "name: mail, oom_score_adj: 1001,", "oom.yaml:12: host.cgroups.shop.cgroups.queue.workloads[0].oom_score_adj: 1001 is too large (at most 1000)")]
    [InlineData("    leak: {", "    leak: { memory.oom.group: maybe,", "oom.yaml:13: host.cgroups.leak.memory.oom.group: must be yes or no")]
    public async Task What_is_wrong_names_line_and_key(string right, string wrong, string said)
    {
        var path = Path.Combine(_folder.FullName, "oom.yaml");
        await File.WriteAllTextAsync(path, Node.Replace(right, wrong, StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var error = new StringWriter();

        Assert.Equal(2, await Cli.InvokeAsync(["validate", path], new StringWriter(), error));
        Assert.Contains(said, error.ToString(), StringComparison.Ordinal);
    }

    private static OomKillResult Kill(HostResult host, string cgroup) => Assert.Single(host.Cgroups[cgroup].OomKills);

    private static long Kills(HostResult host, string cgroup) => host.Cgroups[cgroup].MemoryEvents.Single(counter => counter.Name == "oom_kill").Value;

    private async Task<RunResults> Run(string scenario, params string[] options)
    {
        var path = Path.Combine(_folder.FullName, "oom.yaml");
        await File.WriteAllTextAsync(path, scenario, TestContext.Current.CancellationToken);
        var output = new StringWriter();
        var error = new StringWriter();

        Assert.True(await Cli.InvokeAsync(["run", path, "--json", .. options.Length == 0 ? ["--silos", "0"] : options], output, error) == 0, error.ToString());
        return JsonSerializer.Deserialize<RunResults>(output.ToString(), ResultDigest.Json)!;
    }
}
