using CsCheck;
using Reclaim.Model.LruGenFiles;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Tests.Memcg;
using Xunit;

namespace Reclaim.Model.Tests.LruGenFiles;

/// <summary>The controller's decision, worked out again from the numbers that lru_gen_full shows.</summary>
public class PrintedControllerTests
{
    [Fact]
    public void With_the_series_tiers_1_and_2_refault_at_nine_in_ten_and_are_still_not_protected_for_tier_0_refaults_too()
    {
        var controller = PrintedController.OfFile(Node(SeedDumps.ThisPatch))!;

        Assert.Equal(
            [(3510523ul, 4935047ul), (3013149, 3287149), (2499067, 2848868), (0, 1986821)],
            controller.Tiers.Select(tier => (tier.Refaulted, tier.Total)));
        Assert.Equal(3, controller.Threshold);
    }

    [Fact]
    public void With_the_RFC_tier_0_never_refaults_and_every_other_tier_is_protected()
    {
        var controller = PrintedController.OfFile(Node(SeedDumps.Rfc))!;

        Assert.Equal(
            [(0ul, 1859241ul), (774028, 1530993)],
            controller.Tiers.Take(2).Select(tier => (tier.Refaulted, tier.Total)));
        Assert.Equal(0, controller.Threshold);
    }

    [Fact]
    public void Where_nothing_was_evicted_nothing_is_protected()
    {
        Assert.Equal(3, PrintedController.OfAnon(Node(SeedDumps.ThisPatch))!.Threshold);
        Assert.Equal(3, PrintedController.OfAnon(Node(SeedDumps.Rfc))!.Threshold);
    }

    [Fact]
    public void The_short_text_shows_no_counters()
    {
        var node = Node(LruGenText.Short(Cgroup.MultiGen(1 << 20, 64).Mglru, 1, "/A", 0));

        Assert.Null(PrintedController.OfAnon(node));
        Assert.Null(PrintedController.OfFile(node));
    }

    [Fact]
    public void It_decides_as_the_lruvec_that_was_printed() => TraceCases.MultiGen.Sample(test =>
    {
        var cgroup = test.Build();
        cgroup.Read(test.Trace);
        var lruvec = cgroup.Mglru;
        var node = Node(LruGenText.Full(lruvec, 1, "/A", 0));

        Assert.Equal(lruvec.Controller.TierThreshold(lruvec.MinSeq(MultiGenLruvec.Anon), MultiGenLruvec.Anon), PrintedController.OfAnon(node, test.Variant)!.Threshold);
        Assert.Equal(lruvec.Controller.TierThreshold(lruvec.MinSeq(MultiGenLruvec.File), MultiGenLruvec.File), PrintedController.OfFile(node, test.Variant)!.Threshold);
    });

    private static LruGenNode Node(string text) => LruGenDump.Parse(text).Memcgs[0].Nodes[0];
}
