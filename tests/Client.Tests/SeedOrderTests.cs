using System.Text.Json;
using Reclaim.Contracts.Results;
using Xunit;

namespace Reclaim.Client.Tests;

/// <summary>The order of the kernels in the thread that started it all, on the shipped scenarios with less time to run.</summary>
public sealed class SeedOrderTests
{
    private static readonly string[] _short =
    [
        "--set", "host.cgroups.bench.workloads[0].fio.ramp_time=4s", "--set", "host.cgroups.bench.workloads[0].fio.runtime=2s",
    ];

    [Fact]
    public async Task For_zipf_refault_distance_is_ahead_of_the_series_and_that_of_the_unpatched_kernel()
    {
        var sides = await Compare("fio-zipf.yaml", "rfc-v4,v6.8,v6.7-rc4");

        Assert.True(HitRatio(sides[0]) > HitRatio(sides[1]) && HitRatio(sides[1]) > HitRatio(sides[2]), Show(sides, HitRatio));
        Assert.True(Throughput(sides[0]) > Throughput(sides[1]) && Throughput(sides[1]) > Throughput(sides[2]), Show(sides, Throughput));
    }

    [Fact]
    public async Task For_zipf_one_bit_of_references_serves_the_series_better_than_two()
    {
        var sides = await Compare("fio-zipf.yaml", "v6.8:w1,v6.8");

        Assert.True(HitRatio(sides[0]) > HitRatio(sides[1]), Show(sides, HitRatio));
        Assert.True(Throughput(sides[0]) > Throughput(sides[1]), Show(sides, Throughput));
    }

    [Fact]
    public async Task For_uniform_reads_no_rule_helps_and_hit_ratios_are_within_one_per_cent()
    {
        var sides = await Compare("fio-random.yaml", "v6.7-rc4,rfc-v4,v6.8,classic");

        Assert.InRange(sides.Max(HitRatio) / sides.Min(HitRatio), 1, 1.01);
    }

    private static WorkloadResult Job(RunResults side) => Assert.Single(side.Hosts[0].Cgroups["/bench"].Workloads);

    private static double HitRatio(RunResults side) => 1 - (double)Job(side).Steady.DeviceReads / Job(side).Steady.Accesses;

    private static double Throughput(RunResults side) => Job(side).BandwidthMiBs;

    private static string Show(RunResults[] sides, Func<RunResults, double> figure) => string.Join(" / ", sides.Select(figure));

    private static async Task<RunResults[]> Compare(string scenario, string variants)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var path = Path.Combine(AppContext.BaseDirectory, "scenarios", scenario);
        var status = await Cli.InvokeAsync(["compare", path, "--variants", variants, "--silos", "0", "--json", .. _short], output, error);
        Assert.True(status == 0, error.ToString());
        using var json = JsonDocument.Parse(output.ToString());
        return json.RootElement.GetProperty("sides").Deserialize<RunResults[]>(ResultDigest.Json)!;
    }
}
