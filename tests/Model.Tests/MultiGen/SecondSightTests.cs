using Reclaim.Model.MultiGen;
using Xunit;

namespace Reclaim.Model.Tests.MultiGen;

/// <summary>Pages used through mappings in v6.14, which promotes at the second sight; and anonymous pages beside files.</summary>
public class SecondSightTests
{
    private const int Anon = MultiGenLruvec.Anon;
    private const int File = MultiGenLruvec.File;
    private const int Flags = FolioFlags.Referenced | FolioFlags.Workingset | FolioFlags.Refs;

    [Fact]
    public void A_walk_marks_a_page_the_first_time_and_promotes_it_the_second()
    {
        var mm = new Process("v6.14", files: 100);
        mm.FaultFile(0, 100);
        Assert.Equal(0, mm.Shrink(priority: 0));
        Assert.Equal((2ul, 3ul), (mm.Lruvec.MinSeq(File), mm.Lruvec.MaxSeq));

        mm.Shrink(priority: 11);
        Assert.Equal(100, mm.Lruvec.Size(2, File));
        Assert.All(mm.State[..100], state => Assert.Equal(FolioFlags.Referenced, state & Flags));

        mm.Use(7);
        mm.Shrink(priority: 11);
        Assert.Equal((99L, 1L), (mm.Lruvec.Size(2, File), mm.Lruvec.Size(4, File)));
        Assert.Equal(FolioFlags.Workingset, mm.State[7] & Flags);
        Assert.Equal(5ul, mm.Lruvec.MaxSeq);
    }

    [Fact]
    public void Before_it_every_sight_promotes()
    {
        var mm = new Process("v6.12.117", files: 100);
        mm.FaultFile(0, 100);
        mm.Shrink(priority: 0);
        mm.Shrink(priority: 11);

        Assert.Equal(100, mm.Lruvec.Size(3, File));
    }

    [Fact]
    public void Before_eviction_a_page_used_for_the_first_time_is_kept_in_the_second_youngest_generation()
    {
        var mm = Aged("v6.14", used: [], after: [0]);

        Assert.Equal(63, mm.Shrink(priority: 2));

        Assert.Contains(0u, mm.Lruvec.Pages(mm.Lruvec.MaxSeq - 1));
        Assert.Equal(0, mm.State[0] & Flags);
        Assert.Equal(0, mm.Memcg.Stat.Pgactivate);
    }

    [Fact]
    public void A_page_that_a_walk_has_seen_before_is_activated()
    {
        var mm = Aged("v6.14", used: [0], after: [0]);

        Assert.Equal(63, mm.Shrink(priority: 2));

        Assert.Contains(0u, mm.Lruvec.Pages(mm.Lruvec.MaxSeq));
        Assert.Equal(FolioFlags.Workingset, mm.State[0] & Flags);
        Assert.Equal(1, mm.Memcg.Stat.Pgactivate);
    }

    [Fact]
    public void A_page_that_a_walk_has_seen_and_that_is_used_no_more_is_evicted()
    {
        var mm = Aged("v6.14", used: [0], after: []);

        Assert.Equal(64, mm.Shrink(priority: 2));

        Assert.Equal(0, mm.State[0]);
    }

    [Fact]
    public void A_look_around_marks_neighbours_the_first_time_and_activates_those_seen_before()
    {
        // 100 pages beyond the 64 that are isolated, so that neighbours are on the list still; the last isolated is used.
        var mm = Aged("v6.14", used: [65], after: [63, 64, 65]);

        mm.Shrink(priority: 5);
        mm.Lruvec.Drain();

        Assert.Equal(FolioFlags.Referenced, mm.State[64] & Flags);
        Assert.Contains(64u, mm.Lruvec.Pages(mm.Lruvec.MinSeq(File)));
        Assert.Equal(FolioFlags.Workingset, mm.State[65] & Flags);
        Assert.Contains(65u, mm.Lruvec.Pages(mm.Lruvec.MaxSeq));
    }

    [Fact]
    public void A_look_around_leaves_the_accessed_bits_of_isolated_pages()
    {
        // Both are isolated together: had the look-around of the first cleared the bit of the second, that one would be evicted.
        var mm = Aged("v6.14", used: [], after: [10, 11]);

        Assert.Equal(62, mm.Shrink(priority: 2));

        Assert.Equal([10u, 11u], mm.Lruvec.Pages(mm.Lruvec.MaxSeq - 1));
    }

    [Fact]
    public void An_anonymous_page_that_is_kept_stays_marked()
    {
        var mm = new Process("v6.14", files: 64, anons: 100, swap: 1000);
        mm.FaultAnon(0, 100, use: false);
        mm.Shrink(priority: 0);
        mm.Shrink(priority: 11);
        mm.Shrink(priority: 11);
        mm.UseAnon(0);

        Assert.Equal(63, mm.Shrink(priority: 2));

        Assert.Contains(mm.FirstAnon, mm.Lruvec.Pages(mm.Lruvec.MaxSeq - 1, Anon));
        Assert.Equal(FolioFlags.Referenced, mm.State[(int)mm.FirstAnon] & Flags);
    }

    [Theory]
    [InlineData("v6.8", true)]
    [InlineData("v6.14", false)]
    [InlineData("v6.19", false)]
    public void Files_hold_anonymous_memory_back_only_until_v6_13(string variant, bool together)
    {
        // Anonymous pages in the second youngest generation or the youngest; files read in the oldest or the second oldest.
        var mm = new Process(variant, files: 200, anons: 100, swap: 1000) { Swappiness = 60 };
        mm.FaultAnon(0, 100, use: false);
        mm.ReadFile(0, 200);

        mm.Shrink(priority: 0);

        var (anon, file) = (mm.Lruvec.MinSeq(Anon), mm.Lruvec.MinSeq(File));
        Assert.Equal(together, anon == file);
        Assert.True(together || anon > file);
    }

    [Theory]
    [InlineData("v6.14")]
    [InlineData("v6.19")]
    public void Swappiness_201_takes_anonymous_memory_only_and_0_takes_none(string variant)
    {
        var mm = new Process(variant, files: 300, anons: 300, swap: 1000);
        mm.FaultAnon(0, 300, use: false);
        mm.ReadFile(0, 300);
        mm.Swappiness = 201;
        mm.Reclaim(200);
        Assert.Equal((300L, 200L), (mm.Memcg.FilePages, mm.Memcg.SwapUsed / 100 * 100));

        mm.Swappiness = 0;
        var anon = mm.Memcg.AnonPages;
        mm.Reclaim(200);
        Assert.Equal(anon, mm.Memcg.AnonPages);
        Assert.True(mm.Memcg.FilePages < 300);
    }

    [Fact]
    public void Opencloudos_counts_evictions_of_each_type_apart()
    {
        uint Distance(string variant)
        {
            var mm = new Process(variant, files: 300, anons: 300, swap: 1000);
            mm.ReadFile(0, 300);
            mm.Shrink(priority: 0);
            mm.Reclaim(64);
            Assert.True(mm.Memcg.Stat.Pgsteal > 0);
            mm.FaultAnon(0, 300, use: false);
            mm.Swappiness = 200;
            mm.Reclaim(64);
            return mm.Memcg.Folios.Word[mm.FirstAnon] >> 4;
        }

        Assert.Equal(0u, Distance("opencloudos"));
        Assert.True(Distance("rfc-v4") > 0);
    }

    [Theory]
    [InlineData("opencloudos", true)]
    [InlineData("rfc-v4", false)]
    public void Anonymous_pages_that_come_back_soon_are_reactivated_in_opencloudos_alone(string variant, bool reactivated)
    {
        var mm = new Process(variant, files: 64, anons: 1000, swap: 2000);
        mm.FaultAnon(0, 1000, use: false);
        mm.Lruvec.Drain();
        mm.Lruvec.FlushStatistics();

        // Evicted just now, once seen, outside a fault.
        mm.Memcg.SwappedOut(mm.FirstAnon, 1);
        mm.Lruvec.Add(mm.FirstAnon, 1, inFault: false);

        Assert.Equal(reactivated ? 1 : 0, mm.Memcg.Stat.WorkingsetActivateAnon);
        Assert.Equal(reactivated, (mm.State[(int)mm.FirstAnon] & FolioFlags.Workingset) != 0);
    }

    /// <summary>200 mapped file pages in the oldest of four generations, walked once: some were used before the walk, some after it.</summary>
    private static Process Aged(string variant, uint[] used, uint[] after)
    {
        var mm = new Process(variant, files: 200);
        mm.FaultFile(0, 200, use: false);
        mm.Shrink(priority: 0);
        foreach (var page in used)
        {
            mm.Use(page);
        }

        mm.Shrink(priority: 11);
        mm.Shrink(priority: 11);
        foreach (var page in after)
        {
            mm.Use(page);
        }

        return mm;
    }
}
