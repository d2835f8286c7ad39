using System.Text.Json;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>Latencies of a run.</summary>
public sealed class LatencyScenarioTests
{
    [Fact]
    public async Task A_load_that_follows_a_slow_read_in_a_mix_is_as_fast_as_any()
    {
        // One access in 121 waits for the disk, less than one in a hundred; were the next one thought to wait too, it would be more.
        const string scenario = """
            schema: reclaim/1
            host:
              nodes: [ { memory: 64M } ]
              devices: { disk: { type: hdd } }
              cgroups:
                a:
                  memory.max: 8M
                  workloads:
                    - mix:
                        - { accesses: 120, pattern: { kind: anon-read, prefill: yes, pattern: uniform, n: 64, acc: 60000 } }
                        - { accesses: 1, pattern: { pattern: scan, n: 4096, acc: 500 } }
            """;
        var folder = Directory.CreateTempSubdirectory("reclaim-latency-");
        try
        {
            var path = Path.Combine(folder.FullName, "s.yaml");
            await File.WriteAllTextAsync(path, scenario, TestContext.Current.CancellationToken);
            var output = new StringWriter();
            var error = new StringWriter();

            Assert.True(await Cli.InvokeAsync(["run", path, "--silos", "0", "--json"], output, error) == 0, error.ToString());
            var latency = JsonSerializer.Deserialize<RunResults>(output.ToString(), ResultDigest.Json)!.Hosts[0].Cgroups["/a"].Workloads[0].LatencyUs;
            Assert.True(latency.P99 < 100 && latency.P999 > 5000, $"{latency.P99} {latency.P999}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
