using CsCheck;
using Reclaim.Model.Kernels;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Tests.Memcg;
using Xunit;

namespace Reclaim.Model.Tests.MultiGen;

/// <summary>What always holds under the multi-gen policy, on random traces, for every variant and width.</summary>
public class MultiGenPropertyTests
{
    private const int Anon = MultiGenLruvec.Anon;
    private const int File = MultiGenLruvec.File;

    [Fact]
    public void No_page_is_lost_or_counted_twice() => Sample(test =>
    {
        var cgroup = test.Build();
        for (var i = 0; i < test.Trace.Length; i++)
        {
            cgroup.Read(test.Trace[i]);
            var memcg = cgroup.Memcg;
            Assert.Equal(memcg.FilePages + memcg.ProcessAnon + memcg.Kernel.Pages + memcg.Charge.Stock, memcg.Charge.Usage);
            Assert.InRange(memcg.Charge.Usage, 0, test.Max);
            Assert.True(memcg.FilePages == Listed(cgroup.Mglru) + cgroup.Mglru.Batched.Length);
            if (i % 97 == 0)
            {
                EachResidentPageIsInOnePlace(cgroup);
            }
        }

        EachResidentPageIsInOnePlace(cgroup);
    });

    [Fact]
    public void There_are_two_to_four_generations_and_their_numbers_only_grow_by_one() => Sample(test =>
    {
        var cgroup = test.Build();
        var lruvec = cgroup.Mglru;
        var (oldest, youngest) = (new ulong[2], lruvec.MaxSeq);
        foreach (var page in test.Trace)
        {
            var agings = lruvec.Agings;
            cgroup.Read(page);
            for (var type = Anon; type <= File; type++)
            {
                Assert.InRange(lruvec.MaxSeq - lruvec.MinSeq(type) + 1, 2ul, 4ul);
                Assert.True(lruvec.MinSeq(type) >= oldest[type]);
                oldest[type] = lruvec.MinSeq(type);
            }

            Assert.Equal((ulong)(lruvec.Agings - agings), lruvec.MaxSeq - youngest);
            youngest = lruvec.MaxSeq;
        }
    });

    [Fact]
    public void Anonymous_memory_is_never_in_younger_generations_than_files_have_when_it_may_be_swapped() => Sample(test =>
    {
        var cgroup = (test with { Swappiness = 60, Anon = 0 }).Build();
        foreach (var page in test.Trace)
        {
            cgroup.Read(page);
            Assert.True(cgroup.Mglru.MinSeq(Anon) <= cgroup.Mglru.MinSeq(File));
        }
    });

    [Fact]
    public void Further_accesses_imply_those_before_and_fit_the_width() => Sample(test =>
    {
        var cgroup = test.Build();
        cgroup.Read(test.Trace);
        foreach (var page in cgroup.Resident)
        {
            var further = (cgroup.State[page] & FolioFlags.Refs) >> FolioFlags.RefsShift;
            Assert.InRange(further, 0, (1 << test.Width) - 1);

            // Refaults that are neither close nor recent set one access without the flag under refault distance.
            var before = cgroup.Mglru.Rules.AccessOrder == AccessOrder.WorkingsetLast ? FolioFlags.Referenced : FolioFlags.Workingset;
            Assert.True(further == 0 || (cgroup.State[page] & before) != 0 || IsByDistance(cgroup));
        }
    });

    [Fact]
    public void No_more_refault_in_a_generation_than_were_evicted_in_it() => Sample(test =>
    {
        var cgroup = test.Build();
        var lruvec = cgroup.Mglru;
        foreach (var page in test.Trace)
        {
            cgroup.Read(page);
            if (lruvec.Rules.Refault != RefaultModel.Sequence)
            {
                continue;
            }

            for (var tier = 0; tier < TierController.Tiers; tier++)
            {
                var (refaulted, evicted, _) = lruvec.Controller.Current(lruvec.MinSeq(File), File, tier);
                var (averageRefaulted, averageTotal) = lruvec.Controller.Average(File, tier);
                Assert.True(refaulted <= evicted);
                Assert.True(averageRefaulted <= averageTotal);
            }
        }
    });

    [Fact]
    public void Counters_only_grow_and_stand_in_the_order_of_what_they_count() => Sample(test =>
    {
        var cgroup = test.Build();
        var stat = cgroup.Memcg.Stat;
        var before = new long[7];
        foreach (var page in test.Trace)
        {
            cgroup.Read(page);
            long[] now = [stat.WorkingsetRefaultFile, stat.WorkingsetActivateFile, stat.WorkingsetRestoreFile, stat.Pgscan, stat.Pgsteal, stat.Pgrefill, stat.EventsMax];
            Assert.All(now.Zip(before), pair => Assert.True(pair.First >= pair.Second));
            before = now;
        }

        Assert.Equal(stat.Pgscan, stat.Pgsteal);
        Assert.True(stat.WorkingsetRefaultFile >= stat.WorkingsetRestoreFile);
        if (cgroup.Mglru.Rules is { ActivateCounts: ActivateCount.RecentRefault, Refault: RefaultModel.Sequence })
        {
            Assert.True(stat.WorkingsetRefaultFile >= stat.WorkingsetActivateFile);
            Assert.True(stat.WorkingsetActivateFile >= stat.WorkingsetRestoreFile);
        }

        if (cgroup.Mglru.Rules.ActivateCounts == ActivateCount.RecentRefaultInFault)
        {
            Assert.Equal(0, stat.WorkingsetActivateFile);
        }
    });

    [Fact]
    public void Every_tier_above_the_width_stays_empty() => Sample(test =>
    {
        var cgroup = test.Build();
        cgroup.Read(test.Trace);
        var lruvec = cgroup.Mglru;
        for (var seq = lruvec.MinSeq(File); seq <= lruvec.MaxSeq; seq++)
        {
            // The last tier is that of the workingset flag in v6.14, whatever the width.
            var last = TierController.Tiers - (lruvec.Rules.Tier == TierBasis.Workingset ? 1 : 0);
            for (var tier = test.Width + (lruvec.Rules.Tier == TierBasis.Workingset ? 1 : 2); tier < last; tier++)
            {
                Assert.Equal((0ul, 0ul, 0ul), lruvec.Controller.Current(seq, File, tier));
            }
        }
    });

    [Fact]
    public void Nothing_is_aged_at_priority_12() => Sample(test =>
    {
        var cgroup = test.Build();
        for (var i = 0; i < test.Trace.Length; i++)
        {
            cgroup.Read(test.Trace[i]);
            if (i % 50 == 0)
            {
                var youngest = cgroup.Mglru.MaxSeq;
                cgroup.Shrink(priority: 12);
                Assert.Equal(youngest, cgroup.Mglru.MaxSeq);
            }
        }
    });

    [Fact]
    public void Without_memory_pressure_only_the_first_read_of_a_page_misses() => Sample(test =>
    {
        var cgroup = test.Build(max: 1 << 20);
        var seen = new HashSet<uint>();
        Assert.Equal(test.Trace.Select(page => !seen.Add(page)), cgroup.Read(test.Trace));
        Assert.Equal(0, cgroup.Memcg.Stat.Pgscan);
    });

    [Fact]
    public void A_trace_that_repeats_nothing_is_evicted_in_its_own_order() => Sample(test =>
    {
        var trace = test.Trace.Distinct().ToArray();
        var cgroup = test.Build();
        cgroup.Read(trace);

        Assert.Equal(trace.TakeLast((int)cgroup.Memcg.FilePages).Order(), cgroup.Resident);
        Assert.Equal(0, cgroup.Memcg.Stat.WorkingsetRefaultFile);
    });

    [Fact]
    public void The_width_matters_only_if_a_page_is_read_three_times() => Sample(test =>
    {
        // Width 0 is apart: there even a page read once is restored when it refaults.
        var twice = test.Trace.GroupBy(page => page).SelectMany(reads => reads.Take(2)).ToArray();
        var seen = new Dictionary<uint, int>();
        var trace = test.Trace.Where(page => (seen[page] = seen.GetValueOrDefault(page) + 1) <= 2).ToArray();
        Assert.Equal(twice.Length, trace.Length);
        var (narrow, wide) = ((test with { Width = 1 }).Build(), (test with { Width = 2 }).Build());

        Assert.Equal(narrow.Read(trace), wide.Read(trace));
    });

    [Fact]
    public void Both_the_kernel_before_the_fix_and_after_do_the_same_until_there_is_pressure() => Sample(test =>
    {
        var (before, after) = ((test with { Variant = "v6.7-rc4" }).Build(1 << 20), (test with { Variant = "v6.8" }).Build(1 << 20));

        Assert.Equal(before.Read(test.Trace), after.Read(test.Trace));
    });

    [Fact]
    public void The_fix_changes_nothing_while_there_are_three_generations_and_no_page_is_read_four_times() => Sample(test =>
    {
        var seen = new Dictionary<uint, int>();
        var trace = test.Trace.Where(page => (seen[page] = seen.GetValueOrDefault(page) + 1) <= 3).ToArray();
        var (before, after) = (Settled(test with { Variant = "v6.7-rc4" }), Settled(test with { Variant = "v6.8" }));
        foreach (var page in trace)
        {
            Assert.Equal(before.Read(page), after.Read(page));
            if (before.Mglru.MaxSeq - before.Mglru.MinSeq(File) == 3)
            {
                return;
            }
        }

        Assert.Equal(TraceCase.Dump(before), TraceCase.Dump(after));

        // Three generations, all empty.
        static Cgroup Settled(TraceCase test)
        {
            var cgroup = (test with { Width = 2, Swappiness = 0 }).Build();
            cgroup.Read(Cgroup.Pages(0, Math.Min(test.File, 64)));
            cgroup.Shrink(priority: 0);
            cgroup.Shrink(priority: 11);
            Assert.Equal((2ul, 4ul), (cgroup.Mglru.MinSeq(File), cgroup.Mglru.MaxSeq));
            return cgroup;
        }
    });

    [Fact]
    public void The_same_trace_twice_gives_the_same_text_and_counters() => Sample(test =>
    {
        var (one, other) = (test.Build(), test.Build());
        one.Read(test.Trace);
        other.Read(test.Trace);

        Assert.Equal(TraceCase.Dump(one), TraceCase.Dump(other));
    });

    [Fact]
    public void A_statistics_reader_changes_nothing_unless_refaults_are_judged_by_distance_or_shadows_reclaimed() => Sample(test =>
    {
        var (alone, watched) = (test.Build(), test.Build());
        foreach (var page in test.Trace)
        {
            alone.Read(page);
            watched.Read(page);
            watched.Mglru.FlushStatistics();
        }

        // Both go by the size of the memcg as it was when somebody last summed it up.
        if (!IsByDistance(alone) && alone.Memcg.Stat.WorkingsetNodereclaim + watched.Memcg.Stat.WorkingsetNodereclaim == 0)
        {
            Assert.Equal(TraceCase.Dump(alone), TraceCase.Dump(watched));
        }
    });

    [Fact]
    public void From_v6_14_on_the_workingset_flag_stays_until_the_page_leaves() => Sample(test =>
    {
        var cgroup = test.Build();
        if (cgroup.Mglru.Rules.AccessOrder != AccessOrder.WorkingsetLast)
        {
            return;
        }

        var had = new HashSet<uint>();
        foreach (var page in test.Trace)
        {
            // A page that misses may be back with other flags.
            if (!cgroup.Read(page))
            {
                had.Remove(page);
            }

            had.RemoveWhere(other => cgroup.State[other] == 0);
            Assert.All(had, other => Assert.NotEqual(0, cgroup.State[other] & FolioFlags.Workingset));
            if ((cgroup.State[page] & FolioFlags.Workingset) != 0)
            {
                had.Add(page);
            }
        }
    });

    private static bool IsByDistance(Cgroup cgroup) => cgroup.Mglru.Rules.Refault is RefaultModel.Distance or RefaultModel.DistanceByType;

    private static long Listed(MultiGenLruvec lruvec)
    {
        var (inactive, active) = lruvec.FileSizes;
        return inactive + active;
    }

    private static void EachResidentPageIsInOnePlace(Cgroup cgroup)
    {
        var places = new List<uint>(cgroup.Mglru.Batched.ToArray());
        Assert.All(places, page => Assert.InRange(cgroup.State[page] & FolioFlags.Gen, FolioFlags.InBatch, FolioFlags.InBatchActive));
        for (var slot = 0ul; slot < 4; slot++)
        {
            var pages = cgroup.Mglru.Pages(slot).ToArray();
            Assert.Equal(cgroup.Mglru.Size(slot, File), pages.Length);
            foreach (var page in pages)
            {
                Assert.Equal((int)slot + 1, cgroup.State[page] & FolioFlags.Gen);
            }

            places.AddRange(pages);
        }

        Assert.Equal(cgroup.Resident, places.Order());
    }

    private static void Sample(Action<TraceCase> property) => TraceCases.MultiGen.Sample(property);
}
