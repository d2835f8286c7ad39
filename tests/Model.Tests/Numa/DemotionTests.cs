using CsCheck;
using Reclaim.Model.Folios;
using Reclaim.Model.Kernels;
using Reclaim.Model.Nodes;
using Xunit;
using static Reclaim.Model.Tests.Numa.TieredProcess;

namespace Reclaim.Model.Tests.Numa;

/// <summary>Pages that would be evicted go to slower memory, as long as there is room.</summary>
public sealed class DemotionTests
{
    public static TheoryData<string, string> EachKernel() => new()
    {
        { "mglru", "v6.1.192" }, { "mglru", "v6.8" }, { "mglru", "v6.12.117" }, { "mglru", "v6.14" }, { "mglru", "v6.19" },
        { "classic", "v6.1.192" }, { "classic", "v6.12.117" },
    };

    [Theory]
    [MemberData(nameof(EachKernel))]
    public void Cold_pages_of_files_are_moved_and_stay_charged_and_cached(string policy, string variant)
    {
        var process = new TieredProcess(policy, variant, mems: [Near, Below]);
        process.Read(0, 1000);
        var charged = process.Memcg.Charge.Usage;
        var got = process.Reclaim(Near);

        Assert.True(got > 0);
        Assert.Equal(got, process.PagesOn(Below).Count());
        Assert.Equal((got, got), (process.Stat.Pgdemote, process.Stat.Pgsteal));
        Assert.Equal((charged, 1000), (process.Memcg.Charge.Usage, process.Memcg.FilePages));
        Assert.Equal(got, process.Nodes.Held[Below]);
        Assert.Equal(1000 - got, process.PagesOn(Near).Count());
        Assert.DoesNotContain(process.Memcg.Folios.Word.Select((word, page) => (word, page)), entry => process.Memcg.Folios.State[entry.page] == 0 && entry.word != 0);
    }

    [Theory]
    [MemberData(nameof(EachKernel))]
    public void Anonymous_pages_need_no_swap_for_it_and_stay_mapped(string policy, string variant)
    {
        var process = new TieredProcess(policy, variant, mems: [Near, Below]);
        process.Store(0, 1000);
        var got = process.Reclaim(Near);

        Assert.True(got > 0);
        Assert.Equal(got, process.PagesOn(Below).Count());
        Assert.All(process.PagesOn(Below), page => Assert.True(process.Memcg.Rmap.IsMapped(page)));
        Assert.Equal((0, 1000), (process.Stat.Pswpout, process.Memcg.AnonPages));
    }

    [Theory]
    [MemberData(nameof(EachKernel))]
    public void From_slower_memory_pages_are_evicted(string policy, string variant)
    {
        var process = new TieredProcess(policy, variant, mems: [Below]);
        process.Read(0, 1000);
        var got = process.Reclaim(Below);

        Assert.True(got > 0);
        Assert.Equal((got, 0), (process.Stat.Pgsteal, process.Stat.Pgdemote));
        Assert.Equal(1000 - got, process.Memcg.FilePages);
    }

    [Theory]
    [MemberData(nameof(EachKernel))]
    public void Where_slower_memory_has_no_room_pages_are_evicted_as_ever(string policy, string variant)
    {
        var process = new TieredProcess(policy, variant, mems: [Near, Below]);
        process.Read(0, 1000);
        process.Free(Plenty, Marks.Min, Marks.Min);
        var got = process.Reclaim(Near);

        Assert.True(got > 0);
        Assert.Equal((got, 0), (process.Stat.Pgsteal, process.Stat.Pgdemote));
        Assert.Equal((1000 - got, 0), (process.Memcg.FilePages, process.PagesOn(Below).Count()));
    }

    [Theory]
    [MemberData(nameof(EachKernel))]
    public void Anonymous_pages_without_swap_and_without_room_below_stay_and_reclaim_ends(string policy, string variant)
    {
        var process = new TieredProcess(policy, variant, mems: [Near, Below]);
        process.Store(0, 1000);
        process.Free(Plenty, Marks.Min, Marks.Min);

        Assert.Equal(0, process.Reclaim(Near));
        Assert.Equal((0, 0, 1000), (process.Stat.Pgsteal, process.Stat.Pgdemote, process.PagesOn(Near).Count()));
    }

    [Theory]
    [InlineData("mglru", "v6.1.192", false)]
    [InlineData("mglru", "v6.8", true)]
    [InlineData("mglru", "v6.19", true)]
    [InlineData("classic", "v6.1.192", false)]
    [InlineData("classic", "v6.8", true)]
    public void Memory_reclaim_keeps_since_v6_3_what_finds_no_room(string policy, string variant, bool keeps)
    {
        var process = new TieredProcess(policy, variant, mems: [Near, Below]);
        process.Read(0, 1000);
        process.Free(Plenty, Marks.Min, Marks.Min);

        Assert.Equal(keeps, process.Reclaim(Near, proactive: true) == 0);
        Assert.Equal(keeps, process.Memcg.FilePages == 1000);
    }

    [Theory]
    [InlineData("mglru")]
    [InlineData("classic")]
    public void Of_a_round_the_youngest_go_first_and_the_oldest_are_evicted_if_room_ends(string policy)
    {
        const int Room = 5;
        var process = new TieredProcess(policy, mems: [Near, Below]);
        process.Read(0, 1000);
        process.Free(Plenty, Marks.Min + Room, Marks.Min);
        var got = process.Reclaim(Near);

        var demoted = process.PagesOn(Below).ToList();
        var evicted = Enumerable.Range(0, 1000).Select(page => (uint)page).Where(page => process.Memcg.Folios.State[page] == 0).ToList();
        Assert.Equal((Room, got - Room), (demoted.Count, evicted.Count));
        Assert.All(evicted, page => Assert.True(page < demoted.Min(), $"{page} was read before {demoted.Min()}"));
    }

    [Fact]
    public void Room_below_is_down_to_the_min_watermark_and_kswapd_is_woken_at_the_low_one()
    {
        var process = new TieredProcess("mglru", mems: [Near, Below]);
        process.Free(Plenty, Marks.Low + 1, Plenty);

        Assert.Equal(Below, process.Nodes.FindBelow(Below));
        Assert.Equal(0UL, process.Nodes.Wakes);

        process.Free(Plenty, Marks.Low, Plenty);
        Assert.Equal(Below, process.Nodes.FindBelow(Below));
        Assert.Equal(1UL << Below, process.Nodes.TakeWakes());

        process.Free(Plenty, Marks.Min, Plenty);
        Assert.Equal(FarBelow, process.Nodes.FindBelow(Below));
        Assert.Equal(1UL << Below, process.Nodes.TakeWakes());

        process.Free(Plenty, Marks.Min, Marks.Min);
        Assert.Equal(-1, process.Nodes.FindBelow(Below));
        Assert.Equal(1UL << Below | 1UL << FarBelow, process.Nodes.TakeWakes());
    }

    [Fact]
    public void Kswapd_that_is_awake_is_not_woken()
    {
        var process = new TieredProcess("mglru");
        process.Nodes.Know([Plenty, Marks.Low, Plenty], slow: true, awake: 1UL << Below);

        Assert.Equal(Below, process.Nodes.FindBelow(Below));
        Assert.Equal(0UL, process.Nodes.Wakes);
    }

    [Fact]
    public void Who_reclaims_takes_room_from_its_own_cpuset_only()
    {
        var process = new TieredProcess("mglru");
        process.Nodes.ReclaimFor(1UL << Near | 1UL << FarBelow);
        Assert.Equal(FarBelow, process.Nodes.FindBelow(Below));

        process.Nodes.ReclaimFor(1UL << Near);
        Assert.Equal(-1, process.Nodes.FindBelow(Below));
    }

    [Theory]
    [InlineData("v6.12.117", true)]
    [InlineData("v6.14", true)]
    [InlineData("v6.19", false)]
    public void Kswapd_demotes_beyond_the_cpuset_of_the_pages_until_v6_15(string variant, bool demotes)
    {
        foreach (var policy in new[] { "mglru", "classic" })
        {
            var process = new TieredProcess(policy, variant, mems: [Near]);
            process.Read(0, 1000);
            process.Nodes.ReclaimFor(ulong.MaxValue);
            process.Reclaim(Near);

            Assert.True(process.Stat.Pgsteal > 0);
            Assert.Equal(demotes, process.Stat.Pgdemote > 0);
        }
    }

    [Theory]
    [InlineData("mglru")]
    [InlineData("classic")]
    public void Dirty_pages_are_moved_and_stay_dirty(string policy)
    {
        var process = new TieredProcess(policy, mems: [Near, Below]);
        process.Memcg.Folios.TrackWriteback();
        process.Read(0, 1000);
        process.Dirty(0);
        process.Reclaim(Near);

        Assert.Equal(Below, process.Nodes.NodeOf[0]);
        Assert.NotEqual(default, process.Memcg.Folios.Writeback[0]);
    }

    [Fact]
    public void Reclaim_for_a_limit_goes_on_while_it_demotes_and_in_the_end_evicts()
    {
        foreach (var policy in new[] { "mglru", "classic" })
        {
            var process = new TieredProcess(policy, mems: [Near, Below]);
            process.Read(0, 1000);
            Assert.True(process.Memcg.TryToFreePages(1) > 0);
            Assert.Equal((1000, process.Stat.Pgsteal), (process.Memcg.FilePages, process.Stat.Pgdemote));

            for (var pass = 0; process.Memcg.FilePages > 500; pass++)
            {
                Assert.True(process.Memcg.TryToFreePages(1) > 0, $"{policy}: {process.Memcg.FilePages} pages are left after pass {pass}");
            }

            Assert.InRange(process.Stat.Pgdemote, 500, 1000);
        }
    }

    /// <summary>Whether active lists are shrunk after all is decided for all nodes at once, and only once.</summary>
    [Fact]
    public void Reclaim_that_can_free_nothing_comes_to_an_end_however_pages_lie_on_two_nodes() =>
        Gen.Select(Gen.Int[1, 400], Gen.Int[1, 400], Gen.Int[0, 400], Gen.Int[0, 400]).Sample((near, below, nearActive, belowActive) =>
        {
            var process = new TieredProcess("classic", demotion: false, mems: [Near, Below]);
            process.Free(TieredProcess.Plenty, 0, 0);
            process.Read(0, near);
            process.Free(0, TieredProcess.Plenty, 0);
            process.Read(near, below);
            process.Read(0, Math.Min(near, nearActive));
            process.Read(near, Math.Min(below, belowActive));
            process.Memcg.Folios.TrackWriteback();
            process.Memcg.Folios.Writeback.AsSpan(0, near + below).Fill(WritebackFlags.Dirty);
            Assert.Equal(0, process.Memcg.TryToFreePages(1));
        });

    [Fact]
    public void The_nearest_nodes_without_CPUs_are_what_a_node_demotes_to_and_those_demote_to_none()
    {
        var topology = new NumaTopology([[10, 21, 17, 17], [21, 10, 28, 17], [17, 28, 10, 20], [17, 17, 20, 10]], [true, true, false, false]);

        Assert.Equal([2, 3], topology.DemotionTargets(0));
        Assert.Equal([3], topology.DemotionTargets(1));
        Assert.Empty(topology.DemotionTargets(2));
        Assert.Equal([2, 3], topology.LowerTier);
    }

    [Fact]
    public void What_memory_reclaim_demotes_counts_as_reclaimed()
    {
        var process = new TieredProcess("mglru", mems: [Near, Below]);
        process.Read(0, 1000);

        Assert.True(process.Memcg.WriteReclaim(100, ReclaimPortion.Cluster));
        Assert.True(process.Stat.PgdemoteProactive >= 100);
        Assert.Equal(1000, process.Memcg.FilePages);
    }
}
