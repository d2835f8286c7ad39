using System.Text.Json;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>Who reclaimed whose pages, and what came of it, in the results of shipped scenarios.</summary>
public sealed class ReclaimMatrixTests
{
    private static readonly string _folder = Path.Combine(AppContext.BaseDirectory, "scenarios");

    [Theory]
    [InlineData("examples/node-pressure.yaml")]
    [InlineData("examples/shared-limit.yaml")]
    [InlineData("examples/swap-areas.yaml")]
    [InlineData("examples/memory-high.yaml")]
    [InlineData("examples/events.yaml")]
    [InlineData("noisy-neighbour.yaml", "kernel.policy=classic")]
    public async Task Every_page_scanned_reclaimed_or_refaulted_is_some_bodys_doing(string scenario, params string[] set)
    {
        var host = await Run(scenario, set);
        long Sum(Func<ReclaimMatrixEntry, long> of, Func<string, bool> kinds) => host.ReclaimMatrix.Where(entry => kinds(entry.Kind)).Sum(of);

        Assert.True(host.Vmstat["pgsteal_kswapd"] + host.Vmstat["pgsteal_direct"] > 0);
        Assert.Equal(host.Vmstat["pgscan_kswapd"], Sum(entry => entry.Scanned, kind => kind == "kswapd"));
        Assert.Equal(host.Vmstat["pgsteal_kswapd"], Sum(entry => entry.Reclaimed, kind => kind == "kswapd"));
        Assert.Equal(host.Vmstat["pgsteal_direct"], Sum(entry => entry.Reclaimed, kind => kind != "kswapd"));
        Assert.Equal(host.Vmstat["workingset_refault_file"] + host.Vmstat["workingset_refault_anon"], Sum(entry => entry.Refaulted, _ => true));
        Assert.All(host.ReclaimMatrix, entry => Assert.InRange(entry.Reclaimed, 0, entry.Scanned));
    }

    [Fact]
    public async Task Kswapd_reclaims_for_each_as_much_as_it_takes()
    {
        var host = await Run("noisy-neighbour.yaml", []);
        var reclaimed = host.ReclaimMatrix.GroupBy(entry => entry.Aggressor, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Sum(entry => entry.Reclaimed), StringComparer.Ordinal);
        var taken = host.Cgroups.ToDictionary(cgroup => cgroup.Key, cgroup => cgroup.Value.Workloads.Sum(workload => workload.DeviceReads), StringComparer.Ordinal);

        Assert.Equal(2, reclaimed.Count);
        Assert.Equal((double)taken["/neighbour"] / taken["/database"], (double)reclaimed["/neighbour"] / reclaimed["/database"], 0.1);
    }

    private static async Task<HostResult> Run(string scenario, string[] set)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var status = await Cli.InvokeAsync(["run", Path.Combine(_folder, scenario), "--silos", "0", "--json", .. set.SelectMany(key => new[] { "--set", key })], output, error);

        Assert.True(status == 0, error.ToString());
        return JsonSerializer.Deserialize<RunResults>(output.ToString(), ResultDigest.Json)!.Hosts[0];
    }
}
