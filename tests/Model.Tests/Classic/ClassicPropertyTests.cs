using CsCheck;
using Reclaim.Model.Classic;
using Reclaim.Model.Tests.Memcg;
using Xunit;

namespace Reclaim.Model.Tests.Classic;

/// <summary>What always holds with active and inactive lists, on random traces.</summary>
public class ClassicPropertyTests
{
    [Fact]
    public void No_page_is_lost_or_counted_twice() => Sample(test =>
    {
        var cgroup = test.Build();
        for (var i = 0; i < test.Trace.Length; i++)
        {
            cgroup.Read(test.Trace[i]);
            var memcg = cgroup.Memcg;
            var (inactive, active) = cgroup.Classic.FileSizes;
            Assert.Equal(memcg.FilePages + memcg.ProcessAnon + memcg.Kernel.Pages + memcg.Charge.Stock, memcg.Charge.Usage);
            Assert.InRange(memcg.Charge.Usage, 0, test.Max);
            Assert.Equal(memcg.FilePages, inactive + active + cgroup.Classic.Batched.Length);
            if (i % 97 == 0)
            {
                EachResidentPageIsInOnePlace(cgroup);
            }
        }

        EachResidentPageIsInOnePlace(cgroup);
    });

    [Fact]
    public void Counters_stand_in_the_order_of_what_they_count() => Sample(test =>
    {
        var cgroup = test.Build();
        cgroup.Read(test.Trace);
        var stat = cgroup.Memcg.Stat;

        Assert.Equal(stat.Pgscan, stat.Pgsteal);
        Assert.True(stat.Pgdeactivate <= stat.Pgrefill);
        Assert.True(stat.WorkingsetRestoreFile <= stat.WorkingsetActivateFile);
        Assert.True(stat.WorkingsetActivateFile <= stat.WorkingsetRefaultFile);
    });

    [Fact]
    public void The_clock_of_refault_distances_only_grows_by_one_for_each_event() => Sample(test =>
    {
        var cgroup = test.Build();
        var stat = cgroup.Memcg.Stat;
        foreach (var page in test.Trace)
        {
            var (age, steal, refaults) = (cgroup.Classic.NonresidentAge, stat.Pgsteal, stat.WorkingsetActivateFile);
            var hit = cgroup.Read(page);
            var events = stat.Pgsteal - steal + stat.WorkingsetActivateFile - refaults;
            Assert.InRange((long)(cgroup.Classic.NonresidentAge - age) - events, 0, hit ? 1 : 0);
        }
    });

    [Fact]
    public void A_refault_farther_away_than_the_memcg_has_pages_never_activates() => Sample(test =>
    {
        var cgroup = test.Build();
        foreach (var page in test.Trace)
        {
            var shadow = cgroup.State[page] == 0 ? cgroup.Memcg.Folios.Word[page] : 0;
            var activations = cgroup.Memcg.Stat.WorkingsetActivateFile;
            cgroup.Read(page);
            if (shadow != 0 && cgroup.Classic.NonresidentAge - (shadow >> ClassicLruvec.ShadowAgeShift) > (ulong)test.Max)
            {
                Assert.Equal(activations, cgroup.Memcg.Stat.WorkingsetActivateFile);
            }
        }
    });

    [Fact]
    public void Right_after_its_activation_a_page_counts_as_not_referenced() => Sample(test =>
    {
        var cgroup = test.Build();
        foreach (var page in test.Trace)
        {
            var age = cgroup.Classic.NonresidentAge;
            if (cgroup.Read(page) && cgroup.Classic.NonresidentAge != age)
            {
                Assert.Equal(0, cgroup.State[page] & 8);
            }
        }
    });

    [Fact]
    public void A_trace_that_repeats_nothing_is_evicted_in_its_own_order() => Sample(test =>
    {
        var trace = test.Trace.Distinct().ToArray();
        var cgroup = test.Build();
        cgroup.Read(trace);

        Assert.Equal(trace.TakeLast((int)cgroup.Memcg.FilePages).Order(), cgroup.Resident);
    });

    [Fact]
    public void Without_memory_pressure_only_the_first_read_of_a_page_misses() => Sample(test =>
    {
        var seen = new HashSet<uint>();
        Assert.Equal(test.Trace.Select(page => !seen.Add(page)), test.Build(max: 1 << 20).Read(test.Trace));
    });

    [Fact]
    public void The_same_trace_twice_gives_the_same_counters() => Sample(test =>
    {
        var (one, other) = (test.Build(), test.Build());
        one.Read(test.Trace);
        other.Read(test.Trace);

        Assert.Equal(TraceCase.Dump(one), TraceCase.Dump(other));
    });

    private static void EachResidentPageIsInOnePlace(Cgroup cgroup)
    {
        var (inactive, active) = (cgroup.Classic.InactivePages.ToArray(), cgroup.Classic.ActivePages.ToArray());

        Assert.Equal(cgroup.Resident, inactive.Concat(active).Concat(cgroup.Classic.Batched.ToArray()).Order());
        Assert.All(active, page => Assert.True(cgroup.Classic.IsActive(page)));
        Assert.All(inactive, page => Assert.False(cgroup.Classic.IsActive(page)));
    }

    private static void Sample(Action<TraceCase> property) => TraceCases.Classic.Sample(property);
}
