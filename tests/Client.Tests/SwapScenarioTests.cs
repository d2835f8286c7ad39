using System.Text.Json;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>What a run with swap shows of the host.</summary>
public sealed class SwapScenarioTests
{
    [Theory]
    [InlineData("anon-swap.yaml")]
    [InlineData("swap-areas.yaml")]
    [InlineData("zswap.yaml")]
    public async Task The_node_lost_what_its_cgroups_are_charged_for_and_what_zram_takes(string example)
    {
        var host = (await Run(example, "0")).Hosts[0];
        var cgroup = Assert.Single(host.Cgroups.Values);
        var zswap = (Stat(cgroup, "zswap") + 4095) / 4096;
        var zram = host.Vmstat["nr_zspages"] - zswap;

        var node = Assert.Single(host.Nodes);
        Assert.Equal(node.MemTotalPages - node.FreePages, cgroup.MemoryCurrent / 4096 + zram);
        Assert.Equal(example == "zswap.yaml", zram == 0);
        Assert.Equal(example == "zswap.yaml", zswap > 0);
        Assert.Equal(Stat(cgroup, "pswpout"), host.Vmstat["pswpout"]);
    }

    [Theory]
    [InlineData("swap-areas.yaml")]
    [InlineData("zswap.yaml")]
    public async Task Who_runs_it_makes_no_difference(string example) =>
        Assert.Equal((await Run(example, "0")).Digest, (await Run(example, "1")).Digest);

    private static long Stat(CgroupResult cgroup, string name) => cgroup.MemoryStat.Single(counter => counter.Name == name).Value;

    private static async Task<RunResults> Run(string example, string silos)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var path = Path.Combine(AppContext.BaseDirectory, "scenarios", "examples", example);
        Assert.True(await Cli.InvokeAsync(["run", path, "--silos", silos, "--json"], output, error) == 0, error.ToString());
        return JsonSerializer.Deserialize<RunResults>(output.ToString(), ResultDigest.Json)!;
    }
}
