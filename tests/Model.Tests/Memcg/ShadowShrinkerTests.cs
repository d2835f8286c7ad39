using Xunit;

namespace Reclaim.Model.Tests.Memcg;

/// <summary>When the memory of evicted pages is itself reclaimed.</summary>
public class ShadowShrinkerTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(7)]
    public void A_dense_file_of_up_to_eight_times_the_cache_loses_no_shadow(int times)
    {
        var cgroup = Cgroup.MultiGen(4096, 4096 * times);
        cgroup.Read(Cgroup.Pages(0, 4096));
        cgroup.Memcg.Lruvec.FlushStatistics();
        for (var pass = 0; pass < 2; pass++)
        {
            cgroup.Read(Cgroup.Pages(0, 4096 * times));
        }

        Assert.Equal(0, cgroup.Memcg.Stat.WorkingsetNodereclaim);
        Assert.Equal(4096 * times - cgroup.Memcg.FilePages, ShadowsOf(cgroup));
    }

    [Fact]
    public void As_long_as_the_statistics_know_no_page_every_node_of_shadows_is_one_too_many()
    {
        var cgroup = Cgroup.MultiGen(4096, 4096 * 7);
        cgroup.Read(Cgroup.Pages(0, 4096 * 7));

        Assert.True(cgroup.Memcg.Stat.WorkingsetNodereclaim > 0);
    }

    [Fact]
    public void A_page_read_from_every_64th_place_of_a_huge_file_leaves_more_nodes_than_the_cache_is_worth()
    {
        var cgroup = Cgroup.MultiGen(4096, 64 * 20_000);
        cgroup.Read(Enumerable.Range(0, 20_000).Select(leaf => (uint)leaf * 64));
        var memcg = cgroup.Memcg;

        Assert.True(memcg.Stat.WorkingsetNodereclaim > 0);
        Assert.True(ShadowsOf(cgroup) < 20_000 - memcg.FilePages);

        // Oldest first.
        var remembered = Enumerable.Range(0, 20_000).Where(leaf => cgroup.Shadow((uint)leaf * 64).Present).ToArray();
        Assert.True(remembered[0] >= memcg.Stat.WorkingsetNodereclaim);
        Assert.Equal(20_000 - memcg.FilePages, ShadowsOf(cgroup) + memcg.Stat.WorkingsetNodereclaim);
    }

    [Fact]
    public void A_page_whose_shadow_was_reclaimed_comes_back_as_no_refault()
    {
        var cgroup = Cgroup.MultiGen(4096, 64 * 20_000);
        cgroup.Read(Enumerable.Range(0, 20_000).Select(leaf => (uint)leaf * 64));
        Assert.False(cgroup.Shadow(0).Present);

        cgroup.Read(0);

        Assert.Equal(0, cgroup.Memcg.Stat.WorkingsetRefaultFile);
    }

    [Fact]
    public void Shadow_nodes_stay_within_a_few_hundred_of_an_eighth_of_the_memcg()
    {
        var cgroup = Cgroup.MultiGen(4096, 64 * 20_000);
        foreach (var leaf in Enumerable.Range(0, 20_000))
        {
            cgroup.Read((uint)leaf * 64);
            cgroup.Memcg.Lruvec.FlushStatistics();
            Assert.InRange(cgroup.Memcg.Tree.ShadowNodes, 0, 4096 / 8 + 400);
        }

        // Only the excess is taken, so they never fall below it again.
        var memcg = cgroup.Memcg;
        Assert.True(memcg.Tree.ShadowNodes >= (memcg.FilePages + (memcg.Kernel.SlabBytes >> 12)) / 8);
    }

    private static long ShadowsOf(Cgroup cgroup) =>
        Enumerable.Range(0, cgroup.State.Length).LongCount(page => cgroup.State[page] == 0 && cgroup.Memcg.Folios.Word[page] != 0);
}
