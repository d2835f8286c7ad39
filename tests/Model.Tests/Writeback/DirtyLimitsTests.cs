using Reclaim.Model.Writeback;
using Xunit;

namespace Reclaim.Model.Tests.Writeback;

/// <summary>How much may be dirty.</summary>
public sealed class DirtyLimitsTests
{
    private const long Host = 1 << 20;

    [Fact]
    public void By_default_the_flusher_writes_down_to_a_tenth_and_writers_wait_between_that_and_a_fifth()
    {
        var limits = DirtyLimits.OfMemcg(new DirtySysctls(), 4096, Host);

        // Shares are counted in parts of 4096, rounded down.
        Assert.Equal(new DirtyLimits(4096 * 10 / 100, 4096 * 20 / 100), limits);
        Assert.Equal((409 + 819) / 2, limits.Freerun);
    }

    [Fact]
    public void A_size_in_bytes_is_the_host_s_and_a_memcg_gets_its_share_of_it()
    {
        // A quarter of the host, so a quarter of what a memcg has.
        var sysctls = new DirtySysctls { Bytes = Host * 4096 / 4, BackgroundBytes = Host * 4096 / 8 };

        Assert.Equal(new DirtyLimits(1000, 2000), DirtyLimits.OfMemcg(sysctls, 8000, Host));
        Assert.Equal(new DirtyLimits(Host / 8, Host / 4), DirtyLimits.OfHost(sysctls, Host));
    }

    [Fact]
    public void A_background_threshold_that_is_not_below_the_limit_is_half_of_it() =>
        Assert.Equal(new DirtyLimits(409 / 2, 409), DirtyLimits.OfMemcg(new DirtySysctls { Ratio = 10, BackgroundRatio = 50 }, 4096, Host));

    [Theory]
    [InlineData(1000, 0, 16)]
    [InlineData(1000, 744, 16)]
    [InlineData(1000, 745, 8)]
    [InlineData(1000, 999, 1)]
    [InlineData(1000, 1000, 1)]
    [InlineData(1000, 2000, 1)]
    public void The_nearer_the_limit_the_sooner_a_task_looks_again(long limit, long dirty, int pages) =>
        Assert.Equal(pages, new DirtyLimits(0, limit).PollInterval(dirty));
}
