using Reclaim.Model.Classic;
using Reclaim.Model.Mappings;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Numa;
using Xunit;
using static Reclaim.Model.Tests.Numa.TieredProcess;

namespace Reclaim.Model.Tests.Numa;

/// <summary>Mapped pages of slower memory that are used soon after they were made inaccessible come to the node of the CPU.</summary>
public sealed class PromotionTests
{
    private const long Ms = 1_000_000;

    /// <summary>Free pages of the near node that have room for some, and are not plenty.</summary>
    private const int Some = 1000;

    private static readonly PromotionPlan _usual = new();

    public static TheoryData<string, string> EachKernel() => new()
    {
        { "mglru", "v6.1.192" }, { "mglru", "v6.8" }, { "mglru", "v6.12.117" }, { "mglru", "v6.14" }, { "classic", "v6.1.192" }, { "classic", "v6.12.117" },
    };

    [Theory]
    [MemberData(nameof(EachKernel))]
    public void A_page_that_is_used_soon_is_promoted_and_stays_charged_and_mapped(string policy, string variant)
    {
        var process = Marked(policy, variant, _usual);
        var charged = process.Memcg.Charge.Usage;

        Assert.True(Use(process, 0, 1500 * Ms));
        Assert.Equal(Near, NodeOf(process, 0));
        Assert.Equal(PteFlags.Present, process.Anon.Pte[0]);
        Assert.Equal((charged, 200), (process.Memcg.Charge.Usage, process.Memcg.AnonPages));
        Assert.Equal((1, 1, 1), (process.Stat.PgpromoteSuccess, process.Stat.PgpromoteCandidate, process.Stat.NumaHintFaults));
        Assert.Equal((1, 199), (process.Nodes.Held[Near], process.Nodes.Held[Below]));
    }

    [Fact]
    public void It_enters_the_youngest_generation_or_the_list_that_it_was_on()
    {
        var multiGen = Marked("mglru", "v6.8", _usual);
        Use(multiGen, 0, 1500 * Ms);
        Assert.Contains(multiGen.Anon.FirstFolio, ((MultiGenLruvec)multiGen.On(Near)).Pages(((MultiGenLruvec)multiGen.On(Near)).MaxSeq, MultiGenLruvec.Anon));

        var classic = Marked("classic", "v6.8", _usual);
        Use(classic, 0, 1500 * Ms);
        Assert.Equal((1, 0), ((ClassicLruvec)classic.On(Near)).AnonSizes);
    }

    [Theory]
    [InlineData(999, true)]
    [InlineData(1000, false)]
    [InlineData(1004, false)]
    public void The_threshold_is_a_second_from_the_scan_to_the_use(int afterMs, bool promoted)
    {
        var process = Marked("mglru", "v6.8", _usual);

        Assert.Equal(promoted, Use(process, 0, (1000 + afterMs) * Ms));
        Assert.Equal(promoted ? 1 : 0, process.Stat.PgpromoteCandidate);
        Assert.Equal(PteFlags.Present, process.Anon.Pte[0]);
    }

    [Fact]
    public void Where_there_are_plenty_of_free_pages_every_use_is_soon_enough()
    {
        var process = Marked("mglru", "v6.8", _usual);
        process.Free(Plenty, Plenty, Plenty);

        Assert.True(Use(process, 0, 50_000 * Ms));
        Assert.Equal((1, 0), (process.Stat.PgpromoteSuccess, process.Stat.PgpromoteCandidate));
    }

    [Fact]
    public void No_more_pages_are_promoted_in_a_second_than_the_rate_limit_has()
    {
        var process = Marked("mglru", "v6.8", new PromotionPlan(RateLimitMBps: 1), anons: 1000);
        var promoted = Enumerable.Range(0, 600).Count(index => Use(process, index, 1500 * Ms));

        // The first of a second begins it and is not counted in it.
        Assert.InRange(promoted, 255, 256);
        Assert.Equal(600, process.Stat.PgpromoteCandidate);
        Assert.False(Use(process, 700, 1900 * Ms));

        process.Mm.Scanner!.Scan(process.Mm, process.Memcg, 2500 * Ms);
        Assert.True(Use(process, 550, 2600 * Ms));
    }

    [Fact]
    public void A_node_that_is_nearly_full_takes_none_but_its_kswapd_is_woken()
    {
        var process = Marked("mglru", "v6.8", _usual);
        process.Free(Marks.High + 1, Plenty, Plenty);

        Assert.False(Use(process, 0, 1500 * Ms));
        Assert.Equal((1, 0), (process.Stat.PgpromoteCandidate, process.Stat.PgpromoteSuccess));
        Assert.Equal(1UL << Near, process.Nodes.TakeWakes());

        process.Free(Marks.High + 2, Plenty, Plenty);
        Assert.True(Use(process, 1, 1500 * Ms));
    }

    [Fact]
    public void A_page_that_is_in_a_batch_cannot_be_moved()
    {
        foreach (var policy in new[] { "mglru", "classic" })
        {
            var process = new TieredProcess(policy, promotion: _usual, mems: [Below]);
            process.Mm.Scanner = new HintScanner(0);
            process.Store(0, 1);
            process.Free(Some, Plenty, Plenty);
            process.Mm.Scanner.Scan(process.Mm, process.Memcg, 1000 * Ms);

            Assert.False(Use(process, 0, 1500 * Ms));
            Assert.Equal((1, Below), (process.Stat.PgpromoteCandidate, NodeOf(process, 0)));
        }
    }

    [Fact]
    public void Nothing_goes_to_a_node_that_is_not_in_cpuset_mems()
    {
        var process = Marked("mglru", "v6.8", _usual, mems: [Below]);

        Assert.False(Use(process, 0, 1500 * Ms));
        Assert.Equal((1, 0), (process.Stat.PgpromoteCandidate, process.Stat.PgpromoteSuccess));
    }

    [Fact]
    public void A_scan_marks_what_is_mapped_and_below_but_no_dirty_page_of_a_file_and_no_mapping_that_is_only_read()
    {
        var process = new TieredProcess("mglru", promotion: _usual, mems: [Near, Below]);
        process.Free(Marks.Min, Plenty, Plenty);
        process.Read(0, 100);
        process.Map(0, 50);
        process.Dirty(7);
        process.Store(0, 30);
        process.Anon.Pte[40] = PteFlags.Present | PteFlags.Zero;
        process.Free(Plenty, Plenty, Plenty);
        process.Store(60, 10);
        new HintScanner(0).Scan(process.Mm, process.Memcg, 1000 * Ms);

        Assert.Equal(Enumerable.Range(0, 50).Where(page => page != 7), Hints(process.File));
        Assert.Equal(Enumerable.Range(0, 30), Hints(process.Anon));
        Assert.Equal(79, process.Stat.NumaPteUpdates);

        process.File.IsWritten = false;
        process.File.Pte.AsSpan(0, 50).Fill(PteFlags.Present);
        new HintScanner(0).Scan(process.Mm, process.Memcg, 2000 * Ms);
        Assert.Empty(Hints(process.File));
    }

    [Fact]
    public void Only_rounds_in_which_something_was_promoted_make_the_next_one_later_up_to_a_minute()
    {
        var process = Marked("mglru", "v6.8", _usual);
        var scanner = process.Mm.Scanner!;
        Assert.Equal(2000 * Ms, scanner.NextNs);
        scanner.Scan(process.Mm, process.Memcg, 2000 * Ms);
        Assert.Equal(3000 * Ms, scanner.NextNs);

        var periods = new List<long>();
        var now = scanner.NextNs;
        for (var index = 0; index < 9; index++)
        {
            scanner.Scan(process.Mm, process.Memcg, now);
            scanner.Promoted(process.Mm, now);
            scanner.Promoted(process.Mm, now);
            periods.Add((scanner.NextNs - now) / (1000 * Ms));
            now = scanner.NextNs;
        }

        Assert.Equal([2, 4, 8, 16, 32, 60, 60, 60, 60], periods);
    }

    [Fact]
    public void The_threshold_grows_each_minute_that_has_few_candidates_and_shrinks_if_there_are_too_many()
    {
        var few = Marked("mglru", "v6.8", _usual);
        Use(few, 0, 60_004 * Ms);
        Assert.Equal(1125, few.Nodes.Promotion!.State.ThresholdMs);

        var many = Marked("mglru", "v6.8", new PromotionPlan(RateLimitMBps: 1));
        many.Nodes.Promotion!.State = new PromotionState(0, 0, 0, 0, 0, Candidates: 256 * 60 * 2);
        Use(many, 0, 60_004 * Ms);
        Assert.Equal(875, many.Nodes.Promotion.State.ThresholdMs);

        var often = Marked("mglru", "v6.8", _usual);
        for (var minute = 1; minute < 20; minute++)
        {
            Use(often, minute, minute * 60_004 * Ms);
        }

        Assert.Equal(2000, often.Nodes.Promotion!.State.ThresholdMs);
    }

    [Fact]
    public void A_page_that_is_demoted_or_promoted_is_accessible_again()
    {
        var process = Marked("mglru", "v6.8", _usual);
        process.Anon.Pte[3] |= PteFlags.Accessed | PteFlags.Dirty;
        process.Memcg.Migrate(process.Anon.FirstFolio + 3, Near);

        Assert.Equal(PteFlags.Present | PteFlags.Accessed | PteFlags.Dirty, process.Anon.Pte[3]);
    }

    /// <summary>A process with its memory below, all of it marked after a second.</summary>
    private static TieredProcess Marked(string policy, string variant, PromotionPlan plan, int anons = 200, int[]? mems = null)
    {
        var process = new TieredProcess(policy, variant, plan, anons: 1024, mems: mems ?? [Near, Below]);
        process.Mm.Scanner = new HintScanner(0);
        process.Free(Marks.Min, Plenty, Plenty);
        process.Store(0, anons);
        process.Memcg.Lruvec.Drain();
        process.Free(Some, Plenty, Plenty);
        Assert.Equal(1000 * Ms, process.Mm.Scanner.NextNs);
        process.Mm.Scanner.Scan(process.Mm, process.Memcg, 1000 * Ms);
        Assert.Equal(anons, Hints(process.Anon).Count());
        return process;
    }

    private static bool Use(TieredProcess process, int index, long nowNs) => process.Memcg.HintFault(process.Anon, index, nowNs);

    private static int NodeOf(TieredProcess process, int index) => process.Nodes.NodeOf[process.Anon.FirstFolio + index];

    private static IEnumerable<int> Hints(Vma vma) => Enumerable.Range(0, vma.Pte.Length).Where(index => (vma.Pte[index] & PteFlags.Hint) != 0);
}
