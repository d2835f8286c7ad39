using System.Text.Json;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>memory.high, memory.swap.max and memory.low of cgroups that others share, and swap that all share.</summary>
public sealed class GroupLimitTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("reclaim-groups-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("mglru", "v6.8", false)]
    [InlineData("mglru", "v6.12.117", true)]
    [InlineData("mglru", "v6.14", false)]
    public async Task Memory_high_of_a_group_of_one_does_what_that_of_the_one_does(string policy, string variant, bool turns)
    {
        var own = (await Run(Single("", "memory.high: 8M"))).Cgroups;
        var shared = (await Run(Single("memory.high: 8M", ""))).Cgroups;

        var (one, other) = (own["/g/a"].Workloads[0], shared["/g/a"].Workloads[0]);
        Assert.True(Event(own["/g/a"], "high") > 0);
        Assert.Equal(Event(own["/g/a"], "high"), Event(shared["/g"], "high"));
        Assert.Equal(own["/g/a"].MemoryStat, shared["/g/a"].MemoryStat);
        Assert.Equal(one.DeviceReads, other.DeviceReads);
        Assert.Equal(one.CpuSeconds, other.CpuSeconds);
        Assert.Equal(own["/g/a"].MemoryPressure, shared["/g/a"].MemoryPressure);

        string Single(string group, string leaf) => $$"""
            schema: reclaim/1
            kernel: { policy: {{policy}}, variant: {{variant}} }
            host:
              nodes: [ { memory: 1G } ]
              {{(turns ? "schedule: turns" : "")}}
              devices: { disk: { type: nvme } }
              cgroups:
                g:
                  memory.max: 64M
                  {{group}}
                  cgroups:
                    a:
                      {{leaf}}
                      workloads: [ { pattern: { pattern: zipf, theta: 0.6, n: 8192, seed: 1, acc: 60000 } } ]
            """;
    }

    [Fact]
    public async Task Who_takes_a_group_above_memory_high_reclaims_from_its_siblings()
    {
        var host = await Run(Pair("memory.high: 16M", "read", "read"));

        var taken = Assert.Single(host.ReclaimMatrix, entry => entry is { Aggressor: "/g/scan", Victim: "/g/once", Kind: "high" });
        Assert.InRange(taken.Reclaimed, 1, 2560);
        Assert.InRange(host.Cgroups["/g"].MemoryCurrent, 15L << 20, 17L << 20);
    }

    [Fact]
    public async Task Where_nothing_can_be_reclaimed_above_memory_high_tasks_sleep()
    {
        var host = await Run(Pair("memory.high: 8M", "anon-write", "read"));

        Assert.True(host.Cgroups["/g/once"].Workloads[0].CpuSeconds["high_throttle"] > 1);
        Assert.True(host.Cgroups["/g"].MemoryPressure!.Some.Total > 1_000_000);
    }

    [Fact]
    public async Task Swap_of_a_group_is_for_all_below_it()
    {
        var host = await Run(Heaps("memory.swap.max: 6M", swap: "64M"));

        Assert.InRange(Swapped(host), (6L << 20) - 65 * 4096, 6L << 20);
    }

    [Fact]
    public async Task Swap_of_the_host_is_for_all()
    {
        var host = await Run(Heaps("memory.max: 32M", swap: "10M"));

        Assert.InRange(Swapped(host), (10L << 20) - 65 * 4096, 10L << 20);
    }

    [Theory]
    [InlineData("mglru", "v6.19")]
    [InlineData("classic", "v6.8")]
    [InlineData("classic", "v6.12.117")]
    public async Task Who_is_partly_below_memory_low_loses_less_than_who_is_not(string policy, string variant)
    {
        var (protectedReads, without) = (await Reads("memory.low: 6M"), await Reads(""));

        Assert.InRange(protectedReads.A, 0, without.A * 0.8);
        Assert.InRange(protectedReads.B, without.B, long.MaxValue);

        async Task<(long A, long B)> Reads(string low)
        {
            var cgroups = (await Run($$"""
                schema: reclaim/1
                kernel: { policy: {{policy}}, variant: {{variant}} }
                host:
                  nodes: [ { memory: 1G } ]
                  schedule: turns
                  devices: { disk: { type: brd } }
                  cgroups:
                    g:
                      memory.max: 16M
                      cgroups:
                        a:
                          {{low}}
                          workloads: [ { pattern: { pattern: zipf, theta: 0.6, n: 4096, seed: 1, acc: 100000 } } ]
                        b: { workloads: [ { pattern: { pattern: zipf, theta: 0.6, n: 4096, seed: 2, acc: 100000 } } ] }
                """)).Cgroups;
            return (cgroups["/g/a"].Workloads[0].DeviceReads, cgroups["/g/b"].Workloads[0].DeviceReads);
        }
    }

    [Theory]
    [InlineData("mglru")]
    [InlineData("classic")]
    public async Task What_a_cgroup_leaves_that_was_removed_is_not_protected(string policy)
    {
        var (kept, removed) = (await Left("no"), await Left("yes"));

        Assert.True(kept > 4L << 20 && removed < 1L << 20, $"{kept} and {removed} bytes are left");

        async Task<long> Left(string rmdir) => (await Run($$"""
            schema: reclaim/1
            kernel: { policy: {{policy}} }
            host:
              nodes: [ { memory: 40M, used: 16M } ]
              min_free_kbytes: 512
              devices: { disk: { type: nvme } }
              cgroups:
                job:
                  memory.min: 8M
                  rmdir: {{rmdir}}
                  workloads: [ { pattern: { pattern: scan, n: 1536, acc: 1536 } } ]
                server: { workloads: [ { pattern: { pattern: zipf, theta: 0.6, n: 16384, seed: 2, acc: 100000 } } ] }
            """)).Cgroups["/job"].MemoryCurrent;
    }

    private static string Pair(string limit, string onceKind, string scanKind) => $$"""
        schema: reclaim/1
        kernel: { variant: v6.12.117 }
        duration: 20s
        host:
          nodes: [ { memory: 1G } ]
          devices: { disk: { type: nvme } }
          cgroups:
            g:
              memory.max: 64M
              {{limit}}
              cgroups:
                once: { workloads: [ { pattern: { kind: {{onceKind}}, pattern: scan, n: 2560, acc: 2560 } } ] }
                scan: { workloads: [ { pattern: { kind: {{scanKind}}, pattern: scan, n: 8192, acc: 100000 } } ] }
        """;

    /// <summary>Heaps that are used once, and files that want their memory.</summary>
    private static string Heaps(string limit, string swap) => $$"""
        schema: reclaim/1
        kernel: { variant: v6.12.117, swappiness: 100 }
        duration: 3s
        templates:
          server:
            memory.max: 12M
            workloads:
              - pattern: { kind: anon-write, pattern: scan, n: 2560, acc: 2560 }
              - pattern: { pattern: zipf, theta: 0.6, n: 8192, seed: 1, acc: 10000000 }
        host:
          nodes: [ { memory: 1G } ]
          devices: { disk: { type: nvme } }
          swap: [ { type: zram, size: {{swap}} } ]
          cgroups:
            g:
              {{limit}}
              cgroups:
                a: { template: server }
                b: { template: server }
                c: { template: server }
        """;

    private static long Event(CgroupResult cgroup, string name) => cgroup.MemoryEvents.Single(counter => counter.Name == name).Value;

    private static long Swapped(HostResult host) => host.Cgroups["/g"].MemorySwapCurrent!.Value;

    private async Task<HostResult> Run(string scenario)
    {
        var path = Path.Combine(_folder.FullName, "groups.yaml");
        await File.WriteAllTextAsync(path, scenario, TestContext.Current.CancellationToken);
        var (output, error) = (new StringWriter(), new StringWriter());

        Assert.True(await Cli.InvokeAsync(["run", path, "--silos", "0", "--json"], output, error) == 0, error.ToString());
        return JsonSerializer.Deserialize<RunResults>(output.ToString(), ResultDigest.Json)!.Hosts[0];
    }
}
