using System.Text.Json;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>Files of other people's formats that come with the program run as they stand, as the scenario that says the same.</summary>
public sealed class ContainerExampleTests
{
    private static readonly string _folder = Path.Combine(AppContext.BaseDirectory, "scenarios");

    private static async Task<RunResults> Run(string path)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var status = await Cli.InvokeAsync(["run", path, "--silos", "0", "--json"], output, error);

        Assert.True(status == 0, error.ToString());
        return JsonSerializer.Deserialize<RunResults>(output.ToString(), ResultDigest.Json)!;
    }

    [Theory]
    [InlineData("compose/compose.yaml", "/cache-1 /cache-2 /cache-3 /db")]
    [InlineData("kubernetes/shop.yaml", "/kubepods/burstable/pod-cache-1/log /kubepods/burstable/pod-cache-1/varnish /kubepods/burstable/pod-cache-2/log /kubepods/burstable/pod-cache-2/varnish /kubepods/pod-db/postgres")]
    public async Task An_example_runs_to_its_end_and_each_container_reclaims(string example, string cgroups)
    {
        var results = await Run(Path.Combine(_folder, example));

        Assert.True(results.Complete);
        Assert.Equal(cgroups, string.Join(' ', results.Hosts[0].Cgroups.Keys));
        Assert.All(results.Hosts[0].Cgroups.Values, cgroup => Assert.True(cgroup.MemoryStat.Single(counter => counter.Name == "pgsteal").Value > 0));
    }

    [Theory]
    [InlineData("compose/compose.yaml", """
        schema: reclaim/1
        name: shop
        kernel: { variant: v6.12.117 }
        host:
          nodes: [ { memory: 256M } ]
          devices: { disk: { type: nvme } }
          swap: [ { type: zram, size: 64M } ]
          cgroups:
            cache:
              count: 3
              memory.max: 2M
              memory.swap.max: 2M
              workloads: [ { name: lookups, pattern: { pattern: zipf, theta: 0.9, n: 2048, acc: 8000 } } ]
            db:
              memory.max: 8M
              memory.swap.max: 4M
              memory.low: 4M
              workloads:
                - { name: buffers, pattern: { kind: anon-read, wr: 256, prefill: yes, pattern: zipf, theta: 0.9, n: 2560, acc: 20000 } }
                - { name: tables, pattern: { pattern: hotscan, n: 8192, w: 512, p: 300, acc: 20000 } }
        """)]
    [InlineData("kubernetes/shop.yaml", """
        schema: reclaim/1
        name: shop
        kernel: { variant: v6.12.117 }
        host:
          nodes: [ { memory: 256M } ]
          devices: { disk: { type: nvme } }
          swap: [ { type: zram, size: 128M } ]
          cgroups:
            kubepods:
              memory.min: 14M
              cgroups:
                pod-db:
                  memory.min: 8M
                  cgroups:
                    postgres:
                      memory.max: 8M
                      memory.min: 8M
                      memory.swap.max: 0
                      cpu.max: 100000 100000
                      workloads: [ { name: tables, pattern: { pattern: zipf, theta: 0.9, n: 8192, acc: 20000 } } ]
                burstable:
                  memory.min: 6M
                  cgroups:
                    pod-cache:
                      count: 2
                      memory.min: 3M
                      cgroups:
                        varnish:      # memory.high 2M + 0.9 * 2M, in whole pages; swap 2M of 256M of 128M
                          memory.max: 4M
                          memory.min: 2M
                          memory.high: 3981312
                          memory.swap.max: 1M
                          workloads: [ { name: heap, pattern: { kind: anon-read, wr: 256, prefill: yes, pattern: zipf, theta: 0.9, n: 1024, acc: 10000 } } ]
                        log:
                          memory.max: 2M
                          memory.min: 1M
                          memory.high: 1990656
                          memory.swap.max: 512k
                          workloads: [ { name: tail, pattern: { pattern: scan, n: 2048, acc: 4000 } } ]
        """)]
    public async Task Its_result_is_that_of_the_scenario_that_says_the_same(string example, string scenario)
    {
        var folder = Directory.CreateTempSubdirectory("reclaim-containers-");
        try
        {
            var path = Path.Combine(folder.FullName, "s.yaml");
            await File.WriteAllTextAsync(path, scenario, TestContext.Current.CancellationToken);

            Assert.Equal((await Run(path)).Digest, (await Run(Path.Combine(_folder, example))).Digest);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("examples/containers.yaml")]
    [InlineData("compose/compose.yaml")]
    [InlineData("kubernetes/shop.yaml")]
    public void The_page_about_containers_shows_each_as_it_stands(string example)
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "containers.md"));

        Assert.Contains($"`client/scenarios/{example}`:\n\n```yaml\n{File.ReadAllText(Path.Combine(_folder, example)).TrimEnd('\n')}\n```\n", page, StringComparison.Ordinal);
    }
}
