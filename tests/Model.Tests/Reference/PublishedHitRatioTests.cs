using Reclaim.Model.Reference;
using Xunit;

namespace Reclaim.Model.Tests.Reference;

/// <summary>
/// The policies against libCacheSim (revision aa0fc40, default parameters), the simulator that the literature is measured
/// with: on two real traces, each policy must hit exactly as often, request for request the same cache.
/// </summary>
public class PublishedHitRatioTests
{
    private static readonly string[] Policies = ["fifo", "lru", "clock", "arc", "s3fifo", "sieve", "opt"];

    private static readonly (string Trace, int Capacity, int[] Hits)[] Published =
    [
        ("web12", 687, [53_781, 57_362, 58_139, 59_902, 61_966, 60_728, 71_386]),
        ("web12", 2751, [68_971, 72_345, 72_753, 73_915, 74_605, 74_053, 80_292]),
        ("web07", 1024, [36_443, 38_487, 38_943, 40_506, 41_270, 40_679, 48_501]),
        ("web07", 4096, [44_715, 46_458, 46_816, 47_819, 47_621, 47_620, 54_591]),
    ];

    public static TheoryData<string, string, int, int> Figures()
    {
        var figures = new TheoryData<string, string, int, int>();
        foreach (var (trace, capacity, hits) in Published)
        {
            for (var i = 0; i < Policies.Length; i++)
                figures.Add(Policies[i], trace, capacity, hits[i]);
        }

        return figures;
    }

    [Theory, MemberData(nameof(Figures))]
    public void A_policy_hits_as_often_as_in_libCacheSim(string policy, string trace, int capacity, int hits)
    {
        var (requests, pages) = RealTrace.Read(trace);
        var cache = ReferencePolicies.Create(policy, pages, capacity, requests);

        Assert.Equal(hits, cache.Replay(requests, new bool[requests.Length]));
        Assert.Equal(requests.Length - hits - capacity, cache.Evictions);
    }

    [Theory]
    [InlineData("web07", 76_118, 20_484)]
    [InlineData("web12", 95_607, 13_756)]
    public void The_traces_are_the_ones_the_figures_were_published_for(string trace, int requests, int distinct)
    {
        var (read, pages) = RealTrace.Read(trace);

        Assert.Equal((requests, distinct, distinct), (read.Length, read.Distinct().Count(), pages));
    }

    [Fact]
    public void The_figures_cover_every_policy() => Assert.Equal(ReferencePolicies.Names.Order(), Policies.Order());
}
