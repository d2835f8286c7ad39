using Reclaim.Model.MultiGen;
using Reclaim.Model.Tests.Memcg;
using Xunit;

namespace Reclaim.Model.Tests.MultiGen;

/// <summary>Where pages enter, what makes room, when a generation is made: examples worked out by hand.</summary>
public class GenerationTests
{
    private const long Unlimited = 1L << 40;
    private const int File = MultiGenLruvec.File;

    public static TheoryData<string> FixedVariants() => ["v6.1.192", "v6.8", "v6.12.117"];

    public static TheoryData<string> UnfixedVariants() => ["v6.7-rc4", "rfc-v4", "v6.12.117-unfixed", "v6.12.117-refault-distance"];

    [Theory, MemberData(nameof(FixedVariants))]
    public void With_four_generations_a_page_read_enters_the_second_oldest(string variant)
    {
        var cgroup = Cgroup.MultiGen(Unlimited, 1000, variant);
        cgroup.Read(Cgroup.Pages(1, 10));
        cgroup.Mglru.Drain();

        Assert.Equal([0, 10, 0, 0], Sizes(cgroup));
    }

    [Theory, MemberData(nameof(UnfixedVariants))]
    public void Before_the_fix_a_page_read_always_enters_the_oldest(string variant)
    {
        var cgroup = Cgroup.MultiGen(Unlimited, 1000, variant);
        cgroup.Read(Cgroup.Pages(1, 10));
        cgroup.Mglru.Drain();

        Assert.Equal([10, 0, 0, 0], Sizes(cgroup));
    }

    [Theory, MemberData(nameof(FixedVariants)), MemberData(nameof(UnfixedVariants))]
    public void With_three_generations_a_page_read_enters_the_oldest(string variant)
    {
        var cgroup = InOldestOfTwo(10, variant);
        cgroup.Shrink(priority: 11);
        Assert.Equal((2ul, 4ul), (cgroup.Mglru.MinSeq(File), cgroup.Mglru.MaxSeq));

        cgroup.Read(Cgroup.Pages(10, 5));
        cgroup.Mglru.Drain();

        Assert.Equal(Cgroup.Pages(0, 15), cgroup.Mglru.Pages(2));
    }

    [Fact]
    public void The_first_reclaim_of_a_fresh_memcg_only_lets_go_of_the_empty_oldest_generation()
    {
        var cgroup = Cgroup.MultiGen(Unlimited, 1000);
        cgroup.Read(Cgroup.Pages(0, 100));

        Assert.Equal(0, cgroup.Shrink(priority: 6));

        Assert.Equal(1ul, cgroup.Mglru.MinSeq(File));
        Assert.Equal(0, cgroup.Memcg.Stat.Pgscan);
    }

    [Fact]
    public void Then_pages_are_evicted_in_the_order_in_which_they_came_64_at_a_time()
    {
        var cgroup = Cgroup.MultiGen(Unlimited, 1000);
        cgroup.Read(Cgroup.Pages(0, 100));
        cgroup.Shrink(priority: 6);

        Assert.Equal(64, cgroup.Shrink(priority: 5));

        Assert.Equal(Cgroup.Pages(64, 36), cgroup.Mglru.Pages(1));
        Assert.All(Cgroup.Pages(0, 64), page => Assert.True(cgroup.Shadow(page).Present));
    }

    [Theory]
    [InlineData("v6.8", 90)]
    [InlineData("v6.12.117", 93)]
    public void Pages_in_the_add_batch_are_in_no_generation_yet(string variant, int listed)
    {
        var cgroup = Cgroup.MultiGen(Unlimited, 1000, variant);
        cgroup.Read(Cgroup.Pages(0, 100));

        Assert.Equal([0, listed, 0, 0], Sizes(cgroup));
        Assert.Equal(Cgroup.Pages(listed, 100 - listed), cgroup.Mglru.Batched.ToArray());
    }

    [Fact]
    public void A_batch_of_64_is_freed_although_a_pass_at_priority_12_asks_for_three_pages()
    {
        var cgroup = InOldestOfThree(12288);

        Assert.Equal(64, cgroup.Memcg.TryToFreePages(1));
        Assert.Equal(64, cgroup.Memcg.TryToFreePages(1));
        Assert.Equal(3ul, cgroup.Mglru.MaxSeq);
    }

    [Fact]
    public void A_pass_over_4_GiB_frees_256_pages()
    {
        var cgroup = InOldestOfThree(1 << 20);

        Assert.Equal(256, cgroup.Memcg.TryToFreePages(1));
    }

    [Fact]
    public void Below_4096_pages_nothing_happens_at_priority_12()
    {
        var cgroup = Cgroup.MultiGen(Unlimited, 4096);
        cgroup.Read(Cgroup.Pages(0, 2048));

        Assert.Equal(0, cgroup.Shrink(priority: 12));
        Assert.Equal(0ul, cgroup.Mglru.MinSeq(File));
        cgroup.Shrink(priority: 11);
        Assert.Equal(1ul, cgroup.Mglru.MinSeq(File));
    }

    [Fact]
    public void With_two_generations_left_aging_comes_at_priority_11_and_eviction_at_10()
    {
        var cgroup = InOldestOfTwo(12288);

        Assert.Equal(0, cgroup.Shrink(priority: 12));
        Assert.Equal(3ul, cgroup.Mglru.MaxSeq);
        Assert.Equal(0, cgroup.Shrink(priority: 11));
        Assert.Equal(4ul, cgroup.Mglru.MaxSeq);
        Assert.Equal(64, cgroup.Shrink(priority: 10));
    }

    [Theory]
    [InlineData(900, true)]
    [InlineData(600, false)]
    public void With_three_generations_aging_waits_until_the_oldest_holds_less_than_a_quarter(int saturated, bool aged)
    {
        var cgroup = InOldestOfTwo(1000);
        cgroup.Shrink(priority: 11);
        foreach (var page in Cgroup.Pages(0, saturated))
        {
            cgroup.Read(page, 4);
        }

        // Moves what was read five times to the middle generation, and frees 64 of the rest.
        Assert.Equal(64, cgroup.Shrink(priority: 9));
        Assert.Equal([1000 - saturated - 64, saturated, 0], Enumerable.Range(2, 3).Select(seq => cgroup.Mglru.Size((ulong)seq, File)));

        cgroup.Shrink(priority: 12);
        Assert.Equal(4ul, cgroup.Mglru.MaxSeq);
        cgroup.Shrink(priority: 11);
        Assert.Equal(aged ? 5ul : 4ul, cgroup.Mglru.MaxSeq);
    }

    [Fact]
    public void V6_1_ages_and_evicts_in_the_same_pass()
    {
        var cgroup = InOldestOfTwo(12288, "v6.1.192");

        Assert.Equal(0, cgroup.Shrink(priority: 12));
        Assert.Equal(64, cgroup.Shrink(priority: 11));
        Assert.Equal(4ul, cgroup.Mglru.MaxSeq);
    }

    [Fact]
    public void Shadows_carry_the_number_of_the_generation_that_is_oldest_once_theirs_is_empty()
    {
        var cgroup = Cgroup.MultiGen(Unlimited, 1000);
        cgroup.Read(Cgroup.Pages(0, 64));
        cgroup.Shrink(priority: 6);
        Assert.Equal(1ul, cgroup.Mglru.MinSeq(File));

        Assert.Equal(64, cgroup.Shrink(priority: 6));

        Assert.Equal(2ul, cgroup.Mglru.MinSeq(File));
        Assert.Equal(2ul, cgroup.Shadow(0).Sequence);
        Assert.Equal(64ul, cgroup.Mglru.Controller.Evicted(2, File));
        Assert.False(cgroup.Read(0));
        Assert.Equal(1, cgroup.Memcg.Stat.WorkingsetActivateFile);
    }

    [Fact]
    public void A_refault_after_the_oldest_generation_changed_is_counted_but_not_recent()
    {
        var cgroup = Cgroup.MultiGen(Unlimited, 1000);
        cgroup.Read(Cgroup.Pages(0, 100));
        cgroup.Shrink(priority: 6);
        cgroup.Shrink(priority: 5);
        Assert.Equal(1ul, cgroup.Shadow(0).Sequence);
        cgroup.Shrink(priority: 0);
        Assert.Equal(2ul, cgroup.Mglru.MinSeq(File));

        cgroup.Read(0);

        Assert.Equal(1, cgroup.Memcg.Stat.WorkingsetRefaultFile);
        Assert.Equal(0, cgroup.Memcg.Stat.WorkingsetActivateFile);
    }

    [Fact]
    public void V6_1_does_not_count_a_refault_that_is_not_recent()
    {
        var cgroup = Cgroup.MultiGen(Unlimited, 1000, "v6.1.192");
        cgroup.Read(Cgroup.Pages(0, 100));
        cgroup.Shrink(priority: 6);
        cgroup.Shrink(priority: 5);
        cgroup.Shrink(priority: 0);

        cgroup.Read(0);

        Assert.Equal(0, cgroup.Memcg.Stat.WorkingsetRefaultFile);
    }

    [Fact]
    public void Active_are_the_two_youngest_generations()
    {
        var cgroup = InOldestOfTwo(1000);
        cgroup.Mglru.Drain();
        Assert.Equal((0, 1000), cgroup.Mglru.FileSizes);

        cgroup.Shrink(priority: 9);

        Assert.Equal((1000, 0), cgroup.Mglru.FileSizes);
    }

    /// <summary>Pages by generation, from sequence 0 on.</summary>
    private static long[] Sizes(Cgroup cgroup) => [.. Enumerable.Range(0, 4).Select(seq => cgroup.Mglru.Size((ulong)seq, File))];

    private static Cgroup InOldestOfThree(int pages)
    {
        var cgroup = Cgroup.MultiGen(Unlimited, pages);
        cgroup.Read(Cgroup.Pages(0, pages));
        return cgroup;
    }

    /// <summary>All pages in the older of the two last generations.</summary>
    private static Cgroup InOldestOfTwo(int pages, string variant = "v6.8")
    {
        var cgroup = Cgroup.MultiGen(Unlimited, pages + 64, variant);
        cgroup.Read(Cgroup.Pages(pages, 64));
        cgroup.Shrink(priority: 0);
        Assert.Equal((2ul, 3ul), (cgroup.Mglru.MinSeq(File), cgroup.Mglru.MaxSeq));
        cgroup.Read(Cgroup.Pages(0, pages));
        return cgroup;
    }
}
