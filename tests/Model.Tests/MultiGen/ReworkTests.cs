using Reclaim.Model.Control;
using Reclaim.Model.Folios;
using Reclaim.Model.Kernels;
using Reclaim.Model.LruGenFiles;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Tests.Memcg;
using Xunit;

namespace Reclaim.Model.Tests.MultiGen;

/// <summary>What "mm/mglru: performance optimizations" (v6.14) changed for files that are read, and v6.19 after it.</summary>
public class ReworkTests
{
    private const long Unlimited = 1L << 40;
    private const int File = MultiGenLruvec.File;
    private const int Flags = FolioFlags.Referenced | FolioFlags.Workingset | FolioFlags.Refs;

    // max_seq is 3. Shadows carry sequence 0 and refs − 1 = 0; bit 1 is WS.
    [Theory]
    [InlineData("v6.7-rc4", 0, 0, 3, 3)]
    [InlineData("v6.8", 1, 1, 3, 3)]
    [InlineData("v6.14", 0, 1, 2, 3)]
    [InlineData("v6.19", 0, 1, 2, 3)]
    public void With_four_generations_a_page_enters_by_its_distance(string variant, int read, int readWithWorkingset, int faulted, int faultedWithWorkingset)
    {
        var (cgroup, workingset) = (Cgroup.MultiGen(Unlimited, 1000, variant), 1u | 1 << 1);
        cgroup.Mglru.Add(0, 0, inFault: false);
        cgroup.Mglru.Add(1, Restored(variant) ? workingset : 0, inFault: false);
        cgroup.Mglru.Add(2, 0, inFault: true);
        cgroup.Mglru.Add(3, workingset, inFault: true);
        cgroup.Mglru.Drain();

        Assert.Equal([read, readWithWorkingset, faulted, faultedWithWorkingset], Cgroup.Pages(0, 4).Select(page => Generation(cgroup, page)));

        static bool Restored(string variant) => variant is "v6.14" or "v6.19";
    }

    [Theory]
    [InlineData("v6.7-rc4")]
    [InlineData("v6.8")]
    [InlineData("v6.14")]
    public void With_three_a_page_read_enters_the_oldest_in_every_kernel(string variant)
    {
        var cgroup = InOldestOfThree(variant, 1);

        cgroup.Read(1);
        cgroup.Mglru.Drain();

        Assert.Equal(2, Generation(cgroup, 1));
    }

    [Theory]
    [InlineData("v6.14", new long[] { 64 })]
    [InlineData("v6.19", new long[] { 3, 5, 11, 23 })]
    public void A_round_of_v6_19_frees_no_more_than_its_part_of_the_memcg(string variant, long[] freed)
    {
        var cgroup = Cgroup.MultiGen(Unlimited, 12288, variant);
        cgroup.Read(Cgroup.Pages(0, 12288));

        Assert.Equal(freed, freed.Select((_, i) => cgroup.Shrink(ScanControl.DefaultPriority - i)));
        Assert.Equal(freed.Sum(), Fresh().Memcg.TryToFreePages(1));

        Cgroup Fresh()
        {
            var other = Cgroup.MultiGen(Unlimited, 12288, variant);
            other.Read(Cgroup.Pages(0, 12288));
            return other;
        }
    }

    [Fact]
    public void With_three_generations_pages_are_scanned_at_priority_12_and_below_it_a_fourth_is_made_whatever_their_sizes()
    {
        var cgroup = InOldestOfThree("v6.14", 12288);

        Assert.Equal(64, cgroup.Shrink(priority: 12));
        Assert.Equal(4ul, cgroup.Mglru.MaxSeq);
        Assert.Equal(0, cgroup.Shrink(priority: 11));
        Assert.Equal(5ul, cgroup.Mglru.MaxSeq);
        Assert.Equal(64, cgroup.Shrink(priority: 11));
    }

    [Theory]
    [InlineData("v6.8", 0, 0, 0)]
    [InlineData("v6.14", 48, 1, 0)]
    public void Pages_that_aging_forces_out_of_the_oldest_generation_count_as_protected_but_for_saturated_ones(string variant, ulong once, ulong twice, ulong often)
    {
        var cgroup = Cgroup.MultiGen(Unlimited, 1000, variant, rules: [("insert.coldFile", "oldest")]);
        cgroup.Read(Cgroup.Pages(0, 100));
        cgroup.Read([0, 1]);
        cgroup.Read(2, 4);
        cgroup.Read(3, 4);
        cgroup.Mglru.Drain();

        Assert.Equal(0, cgroup.Mglru.Run(LruGenCommand.Parse("+ 1 0 3").Commands[0]));

        // The average is half of what there was in the one generation so far.
        var tiers = new[] { 0, 1, 3 };
        Assert.Equal([once, twice, often], tiers.Select(tier => cgroup.Mglru.Controller.Average(File, tier).Total));
        Assert.Equal(Cgroup.Pages(0, 100).Reverse(), cgroup.Mglru.Pages(1));
    }

    [Theory]
    [InlineData("+ 1 0 3 0 0", ControlOutcome.Erange, 0)]
    [InlineData("+ 1 0 2", 0, 0)]
    [InlineData("+ 1 0 4", ControlOutcome.Einval, ControlOutcome.Einval)]
    public void A_command_makes_a_generation_of_v6_14_unless_it_names_a_future_one(string text, int before, int now)
    {
        var command = LruGenCommand.Parse(text).Commands[0];
        var (older, newer) = (Cgroup.MultiGen(Unlimited, 100, "v6.8").Mglru, Cgroup.MultiGen(Unlimited, 100, "v6.14").Mglru);

        Assert.Equal((before, now), (older.Run(command), newer.Run(command)));
        Assert.Equal((3ul, now == 0 ? 4ul : 3ul), (older.MaxSeq, newer.MaxSeq));
    }

    [Theory]
    [InlineData(2, 5)]
    [InlineData(1, 3)]
    [InlineData(0, 2)]
    public void A_saturated_page_goes_to_the_head_of_the_next_generation_keeps_its_workingset_flag_and_is_not_counted(int width, int reads)
    {
        var cgroup = With(width, (0, reads), (1, reads), (2, reads - 1));

        cgroup.Shrink(priority: 5);

        Assert.Equal([0u, 1u], cgroup.Mglru.Pages(1));
        Assert.Equal(FolioFlags.Workingset, cgroup.State[0] & Flags);
        Assert.Equal(2, cgroup.Memcg.Stat.Pgrefill);
        Assert.All(Enumerable.Range(0, 4), tier => Assert.Equal(0ul, cgroup.Mglru.Controller.Current(0, File, tier).Protected));
        Assert.NotEqual(0u, Shadow(cgroup, 2));
    }

    [Fact]
    public void A_page_with_the_workingset_flag_is_in_the_last_tier_without_being_saturated()
    {
        var cgroup = With(2, (0, 5));
        cgroup.Shrink(priority: 5);
        cgroup.Read(0);

        Assert.Equal((1, 3), (FolioRefs.Of(cgroup.State[0], TierBasis.Workingset), FolioRefs.TierOf(cgroup.State[0], TierBasis.Workingset)));
        Assert.False(FolioRefs.IsSaturated(cgroup.State[0], cgroup.Mglru.Rules));
    }

    [Fact]
    public void A_page_that_refaults_gets_back_its_workingset_flag_and_nothing_else()
    {
        var cgroup = Cgroup.MultiGen(Unlimited, 1000, "v6.14");
        var (read, workingset) = (Token(sequence: 0, refs: 3, workingset: false), Token(sequence: 0, refs: 1, workingset: true));
        (cgroup.Memcg.Folios.Word[0], cgroup.Memcg.Folios.Word[1]) = (read, workingset);

        cgroup.Read([0, 1]);

        Assert.Equal(FolioFlags.Referenced, cgroup.State[0] & Flags);
        Assert.Equal(FolioFlags.Referenced | FolioFlags.Workingset, cgroup.State[1] & Flags);
        var stat = cgroup.Memcg.Stat;
        Assert.Equal((2L, 1L, 0L), (stat.WorkingsetRefaultFile, stat.WorkingsetRestoreFile, stat.WorkingsetActivateFile));
        Assert.Equal([0ul, 0ul, 1ul, 1ul], Enumerable.Range(0, 4).Select(tier => cgroup.Mglru.Controller.Current(0, File, tier).Refaulted));
    }

    [Fact]
    public void A_page_read_ahead_keeps_the_accesses_of_its_shadow_until_it_is_read_and_they_do_not_count()
    {
        var cgroup = Cgroup.MultiGen(Unlimited, 1000, "v6.14");

        cgroup.Mglru.Add(0, Token(sequence: 0, refs: 3, workingset: false), inFault: false);

        Assert.Equal(2 << FolioFlags.RefsShift, cgroup.State[0] & Flags);
        Assert.Equal(0, FolioRefs.Of(cgroup.State[0], TierBasis.Workingset));
        cgroup.Mglru.TryTouch(0);
        Assert.Equal(FolioFlags.Referenced, cgroup.State[0] & Flags);
    }

    [Fact]
    public void In_a_fault_a_recent_refault_is_an_activation_and_still_no_restoration()
    {
        var cgroup = Cgroup.MultiGen(Unlimited, 1000, "v6.14");

        cgroup.Mglru.Add(0, Token(sequence: 0, refs: 4, workingset: false), inFault: true);

        Assert.Equal((1L, 0L), (cgroup.Memcg.Stat.WorkingsetActivateFile, cgroup.Memcg.Stat.WorkingsetRestoreFile));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(4, true)]
    public void A_refault_is_recent_within_four_generations_of_the_youngest(int sequence, bool recent)
    {
        var cgroup = InOldestOfThree("v6.14", 0);
        cgroup.Memcg.Folios.Word[0] = Token((uint)sequence, refs: 1, workingset: true);

        cgroup.Read(0);

        Assert.Equal(1, cgroup.Memcg.Stat.WorkingsetRefaultFile);
        Assert.Equal(recent ? 1 : 0, cgroup.Memcg.Stat.WorkingsetRestoreFile);
    }

    [Fact]
    public void What_a_page_had_when_it_was_evicted_is_in_its_shadow()
    {
        // Read once; three times; five times, protected, and read no more: WS, and no accesses.
        var cgroup = With(2, (0, 1), (1, 3), (2, 5));
        for (var passes = 0; passes < 8; passes++)
        {
            cgroup.Shrink(priority: 0);
        }

        Assert.Empty(cgroup.Resident);
        Assert.Equal(
            [(0, false), (2, false), (0, true)],
            Cgroup.Pages(0, 3).Select(page => ((int)(Shadow(cgroup, page) >> 2 & 3), (Shadow(cgroup, page) & 2) != 0)));
    }

    [Fact]
    public void A_dirty_page_waits_in_the_next_generation_and_keeps_its_workingset_flag()
    {
        var cgroup = Cgroup.MultiGen(Unlimited, 1000, "v6.14");
        cgroup.Memcg.Folios.TrackWriteback();
        cgroup.Memcg.Folios.Word[0] = Token(sequence: 0, refs: 1, workingset: true);
        cgroup.Read(0);
        cgroup.Shrink(priority: 12);
        cgroup.Mglru.Rotate(0);
        cgroup.Read(Cgroup.Pages(1, 200));
        cgroup.Memcg.Folios.Writeback[0] = WritebackFlags.Dirty;

        Assert.Equal(64, cgroup.Shrink(priority: 5));

        Assert.Equal([0u], cgroup.Mglru.Pages(1));
        Assert.Equal(FolioFlags.Workingset, cgroup.State[0] & Flags);
        Assert.Equal(WritebackFlags.Dirty | WritebackFlags.Reclaim, cgroup.Memcg.Folios.Writeback[0]);
    }

    [Fact]
    public void The_type_is_chosen_by_the_refaults_of_all_tiers_together()
    {
        var controller = new TierController(new KernelChoice { Variant = "v6.14" }.ResolveRules());
        for (var tier = 0; tier < 4; tier++)
        {
            controller.Restore(0, 0, tier, ((ulong)(tier + 1), 125), default);
            controller.Restore(0, 1, tier, (50, 1000), default);
        }

        // 200 × (500 + 64) × s against (10 + 1) × 4000 × (200 − s).
        Assert.Equal(0, controller.TypeBySums(0, 0, 60));
        Assert.Equal(1, controller.TypeBySums(0, 0, 40));
    }

    [Fact]
    public void Pages_protected_in_tier_0_count_as_judged()
    {
        var controller = new TierController(new KernelChoice { Variant = "v6.14" }.ResolveRules());
        controller.Restore(0, File, 0, default, (0, 10, 90));

        Assert.Equal(100ul, controller.Sums(0, File, 0).Total);
        controller.CarryOver(0, File);
        Assert.Equal(50ul, controller.Average(File, 0).Total);
    }

    /// <summary>1000 pages read in order, some of them so many times.</summary>
    private static Cgroup With(int width, params (uint Page, int Reads)[] often)
    {
        var cgroup = Cgroup.MultiGen(Unlimited, 1000, "v6.14", width);
        cgroup.Read(Cgroup.Pages(0, 1000));
        foreach (var (page, reads) in often)
        {
            cgroup.Read(page, reads - 1);
        }

        return cgroup;
    }

    /// <summary>Pages in the oldest of the generations 2, 3 and 4.</summary>
    private static Cgroup InOldestOfThree(string variant, int pages)
    {
        var cgroup = Cgroup.MultiGen(Unlimited, pages + 1000, variant);
        cgroup.Read(Cgroup.Pages(pages + 64, 64));
        cgroup.Shrink(priority: 0);
        cgroup.Read(Cgroup.Pages(0, pages));
        cgroup.Shrink(priority: 11);
        Assert.Equal((2ul, 4ul), (cgroup.Mglru.MinSeq(File), cgroup.Mglru.MaxSeq));
        return cgroup;
    }

    private static uint Token(uint sequence, int refs, bool workingset) => 1u | (workingset ? 2u : 0) | (uint)(refs - 1) << 2 | sequence << 4;

    private static uint Shadow(Cgroup cgroup, uint page) => cgroup.State[page] == 0 ? cgroup.Memcg.Folios.Word[page] : 0;

    private static int Generation(Cgroup cgroup, uint page) =>
        Enumerable.Range(0, (int)cgroup.Mglru.MaxSeq + 1).Last(seq => cgroup.Mglru.Pages((ulong)seq).Contains(page));
}
