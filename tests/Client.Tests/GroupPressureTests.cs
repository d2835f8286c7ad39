using System.Text.Json;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>Pressure of cgroups that have others below them, and of the host.</summary>
public sealed class GroupPressureTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("reclaim-psi-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_group_of_one_shows_what_that_one_shows()
    {
        var cgroups = (await Run(Scenario(cpus: ""))).Cgroups;

        Assert.True(cgroups["/solo/c"].MemoryPressure!.Some.Total > 0 && cgroups["/solo/c"].IoPressure!.Some.Total > 0);
        Assert.Equal(cgroups["/solo/c"].MemoryPressure, cgroups["/solo"].MemoryPressure);
        Assert.Equal(cgroups["/solo/c"].IoPressure, cgroups["/solo"].IoPressure);
        Assert.Equal(cgroups["/solo/c"].CpuPressure, cgroups["/solo"].CpuPressure);
    }

    [Fact]
    public async Task On_one_CPU_some_is_more_for_many_and_full_is_less()
    {
        var host = await Run(Scenario(cpus: "cpus: 1"));
        var cgroups = host.Cgroups;

        // One that waits for a CPU gets nowhere, and the host does: full of cpu is 0 there.
        Assert.True(cgroups["/pair/a"].CpuPressure!.Full.Total > 0);
        Assert.Equal(0, host.Pressure!.Cpu.Full.Total);
        Assert.True(host.Pressure.Cpu.Some.Total >= cgroups["/pair"].CpuPressure!.Some.Total);
        Assert.True(cgroups["/pair"].CpuPressure!.Full.Total < cgroups["/pair"].CpuPressure!.Some.Total);
        Assert.True(cgroups["/pair"].IoPressure!.Full.Total < cgroups["/pair/a"].IoPressure!.Full.Total);
        Assert.InRange(cgroups["/pair"].IoPressure!.Some.Total, cgroups["/pair"].IoPressure!.Full.Total, 3_000_000);
    }

    private static string Scenario(string cpus) => $$"""
        schema: reclaim/1
        duration: 3s
        kernel: { variant: v6.12.117 }
        host:
          {{cpus}}
          nodes: [ { memory: 40M, used: 8M } ]
          min_free_kbytes: 512
          devices: { disk: { type: nvme } }
          cgroups:
            pair:
              cgroups:
                a: { workloads: [ { pattern: { pattern: zipf, theta: 0.9, n: 8192, seed: 1, acc: 10000000 } } ] }
                b: { workloads: [ { pattern: { pattern: zipf, theta: 0.9, n: 8192, seed: 3, acc: 10000000 } } ] }
            solo:
              cgroups:
                c: { workloads: [ { pattern: { pattern: zipf, theta: 0.9, n: 8192, seed: 4, acc: 10000000 } } ] }
        """;

    private async Task<HostResult> Run(string scenario)
    {
        var path = Path.Combine(_folder.FullName, "psi.yaml");
        await File.WriteAllTextAsync(path, scenario, TestContext.Current.CancellationToken);
        var (output, error) = (new StringWriter(), new StringWriter());

        Assert.True(await Cli.InvokeAsync(["run", path, "--silos", "0", "--json"], output, error) == 0, error.ToString());
        return JsonSerializer.Deserialize<RunResults>(output.ToString(), ResultDigest.Json)!.Hosts[0];
    }
}
