using Reclaim.Model.Kernels;
using Reclaim.Model.MultiGen;
using Xunit;

namespace Reclaim.Model.Tests.MultiGen;

/// <summary>The controller on numbers worked out by hand, and on those of the two dumps in the thread "mm/mglru: fix underprotected page cache".</summary>
public class TierControllerTests
{
    private const int Anon = MultiGenLruvec.Anon;
    private const int File = MultiGenLruvec.File;

    [Fact]
    public void A_tier_that_refaults_three_times_as_much_as_tier_0_is_protected_and_so_are_all_above_it()
    {
        var controller = With((100, 1000), (300, 1000), (90, 1000), (0, 50));

        Assert.Equal(0, controller.TierThreshold(0, File));
    }

    [Fact]
    public void Up_to_about_twice_the_ratio_of_tier_0_a_tier_is_evicted()
    {
        Assert.Equal(3, With((100, 1000), (189, 1000), (90, 1000), (0, 50)).TierThreshold(0, File));
        Assert.Equal(0, With((100, 1000), (190, 1000), (90, 1000), (0, 50)).TierThreshold(0, File));
    }

    [Fact]
    public void Fewer_than_64_refaults_say_nothing()
    {
        Assert.Equal(3, With((0, 1000), (63, 63), (63, 63), (63, 63)).TierThreshold(0, File));
        Assert.Equal(0, With((0, 1000), (64, 64), (0, 0), (0, 0)).TierThreshold(0, File));
        Assert.Equal(1, With((0, 1000), (63, 63), (64, 64), (0, 0)).TierThreshold(0, File));
        Assert.Equal(2, With((0, 1000), (63, 63), (0, 0), (64, 64)).TierThreshold(0, File));
    }

    [Fact]
    public void A_tier_at_92_percent_is_not_protected_when_tier_0_is_at_71()
    {
        var controller = With((3510523, 4935047), (3013149, 3287149), (2499067, 2848868), (0, 1986821));

        Assert.Equal(3, controller.TierThreshold(0, File));
    }

    [Fact]
    public void Without_refaults_in_tier_0_64_in_tier_1_protect_everything_read_twice()
    {
        var controller = With((0, 1162165 + 697076), (774028, 1205332 + 325661), (0, 932484 + 888728), (0, 4252158 + 3602238));

        Assert.Equal(0, controller.TierThreshold(0, File));
        Assert.Equal(File, controller.TypeToScan(0, 0, 60).Type);
    }

    [Fact]
    public void Anonymous_memory_that_never_refaulted_is_chosen_before_a_cache_that_does()
    {
        var controller = With((3510523, 4935047), (0, 0), (0, 0), (0, 0));

        Assert.Equal((Anon, 3), controller.TypeToScan(0, 0, 60));
    }

    [Fact]
    public void Gains_of_v6_14_protect_at_one_and_a_half_times_the_ratio_of_tier_0()
    {
        var rules = new KernelChoice { Rules = [("tier.gains", "2:3")] }.ResolveRules();

        Assert.Equal(3, With(rules, (100, 1000), (140, 1000)).TierThreshold(0, File));
        Assert.Equal(0, With(rules, (100, 1000), (145, 1000)).TierThreshold(0, File));
    }

    [Fact]
    public void What_is_carried_over_is_half_of_average_and_generation_together()
    {
        var controller = new TierController(Rules());
        Count(controller, 0, 1, refaulted: 2000, evicted: 7000, held: 1000);
        controller.CarryOver(0, File);
        Assert.Equal((1000ul, 4000ul), controller.Average(File, 1));

        Count(controller, 1, 1, refaulted: 300, evicted: 900, held: 100);
        controller.CarryOver(1, File);

        Assert.Equal((650ul, 2500ul), controller.Average(File, 1));
    }

    [Fact]
    public void Halves_are_rounded_down()
    {
        var controller = new TierController(Rules());
        Count(controller, 0, 1, refaulted: 3, evicted: 4, held: 1);
        controller.CarryOver(0, File);

        Assert.Equal((1ul, 2ul), controller.Average(File, 1));
    }

    [Fact]
    public void Protected_pages_count_as_looked_at_only_above_tier_0()
    {
        var controller = new TierController(Rules());
        Count(controller, 0, 0, refaulted: 0, evicted: 10, held: 90);
        Count(controller, 0, 1, refaulted: 0, evicted: 10, held: 90);
        controller.CarryOver(0, File);

        Assert.Equal(5ul, controller.Average(File, 0).Total);
        Assert.Equal(50ul, controller.Average(File, 1).Total);
    }

    [Fact]
    public void Counters_start_at_zero_after_a_carry_over_unless_generations_have_a_history()
    {
        var plain = new TierController(Rules());
        var historic = new TierController(Rules(stats: true));
        foreach (var controller in new[] { plain, historic })
        {
            Count(controller, 0, 2, refaulted: 1, evicted: 2, held: 3);
            controller.CarryOver(0, File);
        }

        Assert.Equal((0ul, 0ul, 0ul), plain.Current(0, File, 2));
        Assert.Equal((1ul, 2ul, 3ul), historic.Current(0, File, 2));
        Assert.Equal((0ul, 0ul, 0ul), historic.Current(1, File, 2));

        historic.StartGeneration(4, File);
        Assert.Equal((0ul, 0ul, 0ul), historic.Current(0, File, 2));
    }

    [Fact]
    public void Types_do_not_mix()
    {
        var controller = new TierController(Rules());
        Count(controller, 0, 1, refaulted: 1, evicted: 2, held: 3);
        controller.CarryOver(0, Anon);

        Assert.Equal((0ul, 0ul), controller.Average(Anon, 1));
        Assert.Equal((1ul, 2ul, 3ul), controller.Current(0, File, 1));
    }

    private static KernelRuleSet Rules(bool stats = false) => new KernelChoice { LruGenStats = stats }.ResolveRules();

    private static TierController With(params (int Refaulted, int Total)[] tiers) => With(Rules(), tiers);

    private static TierController With(KernelRuleSet rules, params (int Refaulted, int Total)[] tiers)
    {
        var controller = new TierController(rules);
        for (var tier = 0; tier < tiers.Length; tier++)
        {
            Count(controller, 0, tier, tiers[tier].Refaulted, tiers[tier].Total, 0);
        }

        return controller;
    }

    private static void Count(TierController controller, ulong seq, int tier, int refaulted, int evicted, int held)
    {
        for (var i = 0; i < refaulted; i++)
        {
            controller.CountRefaulted(seq, File, tier);
        }

        for (var i = 0; i < evicted; i++)
        {
            controller.CountEvicted(seq, File, tier);
        }

        for (var i = 0; i < held; i++)
        {
            controller.CountProtected(seq, File, tier);
        }
    }
}
