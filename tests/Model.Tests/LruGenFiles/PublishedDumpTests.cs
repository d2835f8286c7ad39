using System.Collections.Immutable;
using Reclaim.Model.LruGenFiles;
using Reclaim.Model.MultiGen;
using Xunit;

namespace Reclaim.Model.Tests.LruGenFiles;

/// <summary>What the published dumps of the fix and of its RFC v4 say.</summary>
public class PublishedDumpTests
{
    private static readonly LruGenNode ThisPatch = Node("this-patch");

    private static readonly LruGenNode Rfc = Node("rfc-v4");

    [Fact]
    public void They_are_of_one_memcg_on_one_node()
    {
        var memcg = Assert.Single(LruGenDump.Parse(LruGenTexts.OfPublished("this-patch")).Memcgs);
        Assert.Equal(86ul, memcg.Id);
        Assert.StartsWith("/system.slice/docker-1c3a90be", memcg.Path, StringComparison.Ordinal);
        Assert.Equal(66ul, Assert.Single(LruGenDump.Parse(LruGenTexts.OfPublished("rfc-v4")).Memcgs).Id);
        Assert.Equal([1ul, 2, 3, 4], ThisPatch.Generations.Select(generation => generation.Seq));
        Assert.Equal([22ul, 23, 24, 25], Rfc.Generations.Select(generation => generation.Seq));
    }

    [Fact]
    public void With_the_fix_practically_all_of_the_page_cache_is_in_the_oldest_generation()
    {
        Assert.True(ThisPatch.Generation(1) is { Anon: { IsGone: true, Pages: 0 }, File: { IsGone: true, Pages: 0 } });
        Assert.Equal(new LruGenSize(6_051_788, ' '), ThisPatch.Generation(2).File);
        Assert.Equal(0ul, ThisPatch.Generation(2).Anon.Pages);
        Assert.Equal((1_353_160ul, 6_351ul), Sizes(ThisPatch.Generation(3)));
        Assert.Equal((23_573ul, 12ul), Sizes(ThisPatch.Generation(4)));
    }

    [Fact]
    public void With_the_fix_only_the_tier_of_five_reads_and_more_is_protected()
    {
        var tiers = ThisPatch.Generation(2).Tiers;

        Assert.Equal(Fields(new(11_916, 'r'), new(66_442, 'e'), new(0, 'p')), tiers[0].File);
        Assert.Equal(Fields(new(903, 'r'), new(16_888, 'e'), new(0, 'p')), tiers[1].File);
        Assert.Equal(Fields(new(459, 'r'), new(9_764, 'e'), new(0, 'p')), tiers[2].File);
        Assert.Equal(Fields(new(0, 'r'), new(0, 'e'), new(2_874, 'p')), tiers[3].File);
        Assert.All(tiers, tier => Assert.Equal(Fields(new(0, 'r'), new(0, 'e'), new(0, 'p')), tier.Anon));
    }

    [Fact]
    public void With_the_fix_most_of_what_was_evicted_from_the_lower_tiers_refaulted()
    {
        var tiers = ThisPatch.Generation(4).Tiers;

        Assert.Equal(Fields(new(3_498_607, 'R'), new(4_868_605, 'T'), new(0, ' ')), tiers[0].File);
        Assert.Equal(Fields(new(3_012_246, 'R'), new(3_270_261, 'T'), new(0, ' ')), tiers[1].File);
        Assert.Equal(Fields(new(2_498_608, 'R'), new(2_839_104, 'T'), new(0, ' ')), tiers[2].File);
        Assert.Equal(Fields(new(0, 'R'), new(1_983_947, 'T'), new(0, ' ')), tiers[3].File);
    }

    [Fact]
    public void With_the_fix_there_was_one_aging_and_one_walk()
    {
        Assert.Equal([948_187ul, 948_187, 948_187, 73_045], ThisPatch.Generations.Select(generation => generation.AgeMs));
        Assert.Equal(
            Fields(new(1_486_579, 'L'), new(0, 'O'), new(1_380_614, 'Y'), new(2_945, 'N'), new(2_945, 'F'), new(2_734, 'A')), ThisPatch.Generation(4).Walk);
        var (anon, file) = Sizes(ThisPatch.Generation(3));
        Assert.True(anon + file <= ThisPatch.Generation(4).Walk[2].Number);
    }

    [Fact]
    public void With_the_RFC_all_of_the_upper_tiers_were_protected_and_make_up_most_of_the_next_generation()
    {
        var tiers = Rfc.Generation(22).Tiers;

        Assert.Equal(1_198_225ul, Rfc.Generation(22).File.Pages);
        Assert.Equal([697_076ul, 0, 0, 0], tiers.Select(tier => tier.File[1].Number));
        Assert.Equal([0ul, 325_661, 888_728, 3_602_238], tiers.Select(tier => tier.File[2].Number));
        Assert.Equal([1ul, 0, 0, 0], tiers.Select(tier => tier.Anon[1].Number));
        Assert.Equal(4_948_747ul, Rfc.Generation(23).File.Pages);
        Assert.InRange(tiers.Sum(tier => (long)tier.File[2].Number), 4_816_627, 4_948_747);
    }

    [Fact]
    public void With_the_RFC_refaults_are_credited_to_tier_1_only()
    {
        var tiers = Rfc.Generation(25).Tiers;

        Assert.Equal([0ul, 774_028, 0, 0], tiers.Select(tier => tier.File[0].Number));
        Assert.Equal([1_162_165ul, 1_205_332, 932_484, 4_252_158], tiers.Select(tier => tier.File[1].Number));
        Assert.Equal([271ul, 0, 0, 1], tiers.Select(tier => tier.Anon[1].Number));
        Assert.Equal(
            Fields(new(25_178_380, 'L'), new(156_515, 'O'), new(23_953_602, 'Y'), new(59_234, 'N'), new(49_391, 'F'), new(48_664, 'A')), Rfc.Generation(25).Walk);
    }

    [Fact]
    public void From_its_numbers_the_fix_protects_no_tier_and_the_RFC_every_tier_above_the_first()
    {
        Assert.Equal(3, TierController.Threshold((1, 2), FileTiers(ThisPatch, 2)));
        Assert.Equal(0, TierController.Threshold((1, 2), FileTiers(Rfc, 22)));
    }

    /// <summary>The generation being evicted and the averages together, as read_ctrl_pos adds them.</summary>
    private static (ulong Refaulted, ulong Total)[] FileTiers(LruGenNode node, ulong minSeq) =>
    [
        .. node.Generation(minSeq).Tiers.Zip(node.Generations[^1].Tiers, (current, average) => (
            average.File[0].Number + current.File[0].Number,
            average.File[1].Number + current.File[1].Number + current.File[2].Number)),
    ];

    private static (ulong Anon, ulong File) Sizes(LruGenGeneration generation) => (generation.Anon.Pages, generation.File.Pages);

    private static ImmutableArray<LruGenField> Fields(params ReadOnlySpan<LruGenField> fields) => [.. fields];

    private static LruGenNode Node(string name) =>
        Assert.Single(Assert.Single(LruGenDump.Parse(LruGenTexts.OfPublished(name)).Memcgs).Nodes);
}
