using Reclaim.Model.Workloads.Fio;
using Xunit;

namespace Reclaim.Model.Tests.Workloads;

public sealed class FioErrorTests
{
    private static readonly FioJob Valid = new() { Size = 1 << 20, Rw = FioDirection.RandRead };

    public static TheoryData<string, FioJob> Broken => new()
    {
        { "rwmixread", Valid with { RwMixRead = 101 } },
        { "rwmixread", Valid with { RwMixRead = -1 } },
        { "bs", Valid with { Bs = 0 } },
        { "size", Valid with { Size = 4095 } },
        { "size", Valid with { Size = -1 } },
        { "size", Valid with { Size = (1L << 43) + 4096 } },
        { "io_size", Valid with { IoSize = -1 } },
        { "loops", Valid with { Loops = 0 } },
        { "thread_number", Valid with { ThreadNumber = 0 } },
        { "random_distribution", Valid with { Distribution = FioSpread.Zipf, Value = 1 } },
        { "random_distribution", Valid with { Distribution = FioSpread.Zipf, Value = 0 } },
        { "random_distribution", Valid with { Distribution = FioSpread.Zipf, Value = double.NaN } },
        { "random_distribution", Valid with { Distribution = FioSpread.Zipf, Value = 0.5, Center = 1.5 } },
        { "random_distribution", Valid with { Distribution = FioSpread.Pareto, Value = 1 } },
        { "random_distribution", Valid with { Distribution = FioSpread.Normal, Value = 100 } },
        { "random_distribution", Valid with { Distribution = FioSpread.Zoned } },
        { "random_distribution", Valid with { Distribution = FioSpread.Zoned, Zones = [new(60, 50), new(30, 50)] } },
        { "random_distribution", Valid with { Distribution = FioSpread.Zoned, Zones = [new(60, 50), new(40, 60)] } },
        { "random_distribution", Valid with { Distribution = FioSpread.Zoned, Zones = [new(60, 100), new(40, 0)] } },
        { "random_distribution", Valid with { Distribution = FioSpread.Zoned, Zones = [new(-60, 50), new(160, 50)] } },
    };

    [Theory]
    [MemberData(nameof(Broken), DisableDiscoveryEnumeration = true)]
    public void An_option_out_of_range_is_named(string option, FioJob job) =>
        Assert.Equal(option, Assert.Throws<ArgumentException>(() => new FioSource(job)).ParamName);

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.999)]
    [InlineData(1.001)]
    [InlineData(64)]
    public void Zipf_with_an_extreme_theta_still_stays_in_the_file(double theta)
    {
        foreach (var blocks in new[] { 1, 2, 3, 1000 })
        {
            var job = Valid with { Size = blocks, Bs = 1, Distribution = FioSpread.Zipf, Value = theta, TimeBased = true };
            Assert.True(new FioSource(job).Take(5000).Max() < blocks);
        }
    }
}
