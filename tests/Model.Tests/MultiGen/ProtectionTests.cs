using Reclaim.Model.Kernels;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Tests.Memcg;
using Xunit;

namespace Reclaim.Model.Tests.MultiGen;

/// <summary>What happens to a page that was read so many times: its tier, its protection, its shadow, its return.</summary>
public class ProtectionTests
{
    private const long Unlimited = 1L << 40;
    private const int File = MultiGenLruvec.File;

    [Theory]
    [InlineData(2, new[] { 0, 1, 2, 2, 3, 3 })]
    [InlineData(1, new[] { 0, 1, 2, 2, 2, 2 })]
    [InlineData(0, new[] { 0, 1, 1, 1, 1, 1 })]
    public void Tier_of_a_page_by_the_number_of_reads(int width, int[] tiers)
    {
        Assert.Equal(tiers, TiersOfReads("v6.8", width, tiers.Length));
    }

    [Theory]
    [InlineData(2, new[] { 0, 1, 2, 2, 3, 3 })]
    [InlineData(1, new[] { 0, 1, 3, 3, 3, 3 })]
    [InlineData(0, new[] { 0, 3, 3, 3, 3, 3 })]
    public void Tier_of_a_page_by_the_number_of_reads_in_v6_14(int width, int[] tiers)
    {
        Assert.Equal(tiers, TiersOfReads("v6.14", width, tiers.Length));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    [InlineData(0)]
    public void Whatever_the_flags_one_more_read_keeps_the_generation_and_stays_within_the_width(int width)
    {
        foreach (var variant in KernelChoice.Variants)
        {
            var rules = Rules(variant, width);
            for (var state = 1; state < 128; state++)
            {
                if ((state & FolioFlags.Refs) >> FolioFlags.RefsShift > (1 << width) - 1)
                {
                    continue;
                }

                var next = FolioRefs.Read(state, rules);

                Assert.Equal(state & FolioFlags.Gen, next & FolioFlags.Gen);
                Assert.InRange(FolioRefs.Of(next, rules.Tier), FolioRefs.Of(state, rules.Tier), 1 << width);
                Assert.InRange(FolioRefs.TierOf(next, rules.Tier), FolioRefs.TierOf(state, rules.Tier), TierController.Tiers - 1);
            }
        }
    }

    [Theory]
    [InlineData(2, 5, 3)]
    [InlineData(1, 3, 2)]
    [InlineData(0, 2, 1)]
    public void A_saturated_page_is_moved_to_the_very_tail_of_the_next_generation_and_starts_over(int width, int reads, int tier)
    {
        var cgroup = WithPage0Read(reads, "v6.8", width);
        cgroup.Read(200);

        Assert.Equal(64, cgroup.Shrink(priority: 5));

        Assert.Equal(0u, cgroup.Mglru.Pages(2).First());
        Assert.Equal(2 + 1, cgroup.State[0]);
        Assert.Equal(1ul, cgroup.Mglru.Controller.Current(1, File, tier).Protected);
        Assert.Equal(1, cgroup.Memcg.Stat.Pgrefill);
    }

    [Theory]
    [InlineData(2, 4)]
    [InlineData(1, 2)]
    [InlineData(0, 1)]
    public void One_read_less_and_it_is_evicted(int width, int reads)
    {
        var cgroup = WithPage0Read(reads, "v6.8", width);

        cgroup.Shrink(priority: 5);

        Assert.Equal((true, reads - 1, 1ul), cgroup.Shadow(0));
    }

    [Fact]
    public void Before_the_fix_a_saturated_page_is_evicted_like_any_other()
    {
        var cgroup = WithPage0Read(5, "v6.7-rc4", 2);

        cgroup.Shrink(priority: 5);

        Assert.Equal((true, 4, 0ul), cgroup.Shadow(0));
    }

    [Fact]
    public void A_page_read_four_times_is_protected_once_the_controller_says_so()
    {
        var cgroup = WithPage0Read(4, "v6.8", 2);
        Refaulting(cgroup, tier: 2);

        cgroup.Shrink(priority: 5);

        Assert.Equal(0u, cgroup.Mglru.Pages(2).First());
        Assert.Equal(1ul, cgroup.Mglru.Controller.Current(1, File, 2).Protected);
    }

    [Fact]
    public void Pages_protected_one_after_the_other_will_be_scanned_in_reverse()
    {
        var cgroup = Cgroup.MultiGen(Unlimited, 1000);
        cgroup.Read(Cgroup.Pages(0, 100));
        foreach (var page in Cgroup.Pages(0, 3))
        {
            cgroup.Read(page, 4);
        }

        cgroup.Shrink(priority: 6);
        cgroup.Shrink(priority: 5);

        Assert.Equal([2u, 1u, 0u], cgroup.Mglru.Pages(2));
    }

    [Fact]
    public void At_the_head_they_keep_their_order_and_wait_behind_the_others()
    {
        var cgroup = Cgroup.MultiGen(Unlimited, 1000, rules: [("protect.to", "head"), ("protect.clears", "R F")]);
        cgroup.Read(Cgroup.Pages(0, 100));
        foreach (var page in Cgroup.Pages(0, 3))
        {
            cgroup.Read(page, 4);
        }

        cgroup.Shrink(priority: 6);
        cgroup.Shrink(priority: 5);

        Assert.Equal([0u, 1u, 2u], cgroup.Mglru.Pages(2));
        Assert.All(Cgroup.Pages(0, 3), page => Assert.Equal(FolioFlags.Workingset, cgroup.State[page] & ~FolioFlags.Gen));
    }

    [Fact]
    public void V6_1_counts_protection_as_activation()
    {
        var cgroup = WithPage0Read(5, "v6.1.192", 2);

        cgroup.Shrink(priority: 5);

        Assert.Equal(1, cgroup.Memcg.Stat.WorkingsetActivateFile);
    }

    // Each page below was read, evicted while its generation was the oldest, and is read again: the state is that after the read.
    [Theory]
    [InlineData("v6.8", 2, 3, FolioFlags.Referenced)]
    [InlineData("v6.8", 2, 4, FolioFlags.Referenced | FolioFlags.Workingset | 3 << FolioFlags.RefsShift)]
    [InlineData("v6.8", 1, 1, FolioFlags.Referenced)]
    [InlineData("v6.8", 1, 2, FolioFlags.Referenced | FolioFlags.Workingset | 1 << FolioFlags.RefsShift)]
    [InlineData("v6.8", 0, 1, FolioFlags.Referenced | FolioFlags.Workingset)]
    [InlineData("v6.7-rc4", 2, 4, FolioFlags.Referenced)]
    [InlineData("v6.7-rc4", 2, 5, FolioFlags.Referenced | FolioFlags.Workingset)]
    [InlineData("v6.7-rc4", 1, 2, FolioFlags.Referenced)]
    [InlineData("v6.7-rc4", 1, 3, FolioFlags.Referenced | FolioFlags.Workingset)]
    [InlineData("v6.7-rc4", 0, 2, FolioFlags.Referenced | FolioFlags.Workingset)]
    public void A_page_that_refaults_recently_is_restored_if_it_was_read_often_enough(string variant, int width, int reads, int flags)
    {
        var cgroup = WithPage0Read(reads, variant, width);
        cgroup.Shrink(priority: 5);
        Assert.True(cgroup.Shadow(0).Present);

        cgroup.Read(0);

        Assert.Equal(flags, cgroup.State[0] & ~FolioFlags.Gen);
        Assert.Equal((flags & FolioFlags.Workingset) != 0 ? 1 : 0, cgroup.Memcg.Stat.WorkingsetRestoreFile);
        Assert.Equal(1, cgroup.Memcg.Stat.WorkingsetActivateFile);
    }

    [Fact]
    public void A_page_restored_but_not_read_again_loses_its_evidence_at_eviction()
    {
        var cgroup = WithPage0Read(4, "v6.8", 2, rules: [("refault.restoreSets", "WS")]);
        cgroup.Shrink(priority: 5);
        cgroup.Read(0);
        Assert.Equal(1, FolioRefs.Of(cgroup.State[0], TierBasis.Refs));

        cgroup.Shrink(priority: 0);

        // It was read again, so this one keeps it; without R the shadow would say nothing.
        Assert.Equal(1, cgroup.Shadow(0).Refs);
    }

    [Fact]
    public void A_page_brought_in_by_a_write_is_no_refault_and_takes_the_shadow_with_it()
    {
        var cgroup = WithPage0Read(4, "v6.8", 2);
        cgroup.Shrink(priority: 5);

        cgroup.Write(0);

        Assert.Equal(0, cgroup.Memcg.Stat.WorkingsetRefaultFile);
        Assert.Equal(FolioFlags.InBatch, cgroup.State[0]);
        Assert.Equal(0ul, cgroup.Memcg.Folios.Word[0]);
    }

    [Fact]
    public void Under_refault_distance_a_page_read_once_that_comes_back_soon_starts_in_tier_1_and_counts_there()
    {
        var cgroup = WithPage0Read(1, "rfc-v4", 2);
        cgroup.Read(Cgroup.Pages(200, 700));
        cgroup.Mglru.Drain();
        cgroup.Mglru.FlushStatistics();
        cgroup.Shrink(priority: 9);

        cgroup.Read(0);

        Assert.Equal(1, FolioRefs.TierOf(cgroup.State[0], TierBasis.Refs));
        Assert.Equal((1ul, 1ul), cgroup.Mglru.Controller.Average(File, 1));
        Assert.Equal(0ul, cgroup.Mglru.Controller.Current(0, File, 0).Refaulted);
        Assert.Equal(0, cgroup.Memcg.Stat.WorkingsetRestoreFile);
    }

    [Fact]
    public void Under_refault_distance_a_page_read_four_times_that_comes_back_soon_goes_to_the_youngest_generation()
    {
        var cgroup = WithPage0Read(4, "rfc-v4", 2);
        cgroup.Read(Cgroup.Pages(200, 700));
        cgroup.Mglru.Drain();
        cgroup.Mglru.FlushStatistics();
        cgroup.Shrink(priority: 9);

        cgroup.Read(0);
        cgroup.Mglru.Drain();

        Assert.Contains(0u, cgroup.Mglru.Pages(cgroup.Mglru.MaxSeq));
        Assert.Equal(1, cgroup.Memcg.Stat.WorkingsetRestoreFile);
    }

    private static KernelRuleSet Rules(string variant, int width) => new KernelChoice { Variant = variant, RefsWidth = width }.ResolveRules();

    /// <summary>The tier of a page after its first read, its second, and so on.</summary>
    private static IEnumerable<int> TiersOfReads(string variant, int width, int reads)
    {
        var rules = Rules(variant, width);
        var state = 0;
        for (var read = 0; read < reads; read++)
        {
            state = FolioRefs.Read(state, rules);
            yield return FolioRefs.TierOf(state, rules.Tier);
        }
    }

    /// <summary>100 pages, the first of them read so many times, about to be scanned.</summary>
    private static Cgroup WithPage0Read(int reads, string variant, int width, (string, string)[]? rules = null)
    {
        var cgroup = Cgroup.MultiGen(Unlimited, 1000, variant, width, rules: rules);
        cgroup.Read(Cgroup.Pages(0, 100));
        cgroup.Read(0, reads - 1);
        if (cgroup.Mglru.Rules.ColdFile == ColdFilePlacement.Fixed)
        {
            cgroup.Shrink(priority: 6);
        }

        return cgroup;
    }

    /// <summary>Makes the controller see a tier that refaults far more than tier 0.</summary>
    private static void Refaulting(Cgroup cgroup, int tier)
    {
        var seq = cgroup.Mglru.MinSeq(File);
        for (var i = 0; i < 1000; i++)
        {
            cgroup.Mglru.Controller.CountEvicted(seq, File, 0);
            cgroup.Mglru.Controller.CountEvicted(seq, File, tier);
            cgroup.Mglru.Controller.CountRefaulted(seq, File, tier);
        }
    }
}
