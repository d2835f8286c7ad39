using CsCheck;
using Reclaim.Model.Reference;
using Xunit;

namespace Reclaim.Model.Tests.Reference;

/// <summary>What every reference policy promises, on random traces with more and less than their pages resident.</summary>
public class ReferencePolicyPropertyTests
{
    private sealed record Case(int Pages, int Capacity, uint[] Trace);

    /// <summary>Half of the traces skewed towards few pages, so that hits, ghosts and second chances all occur.</summary>
    private static readonly Gen<Case> Cases =
        from pages in Gen.Int[1, 60]
        from capacity in Gen.Int[1, 70]
        from skewed in Gen.Bool
        let page = skewed
            ? Gen.Select(Gen.UInt[0, (uint)pages - 1], Gen.UInt[0, (uint)pages - 1], Math.Min)
            : Gen.UInt[0, (uint)pages - 1]
        from trace in page.Array[0, 400]
        select new Case(pages, capacity, trace);

    public static TheoryData<string> Names() => [.. ReferencePolicies.Names];

    [Theory, MemberData(nameof(Names))]
    public void Never_more_pages_are_resident_than_fit_and_none_is_lost(string name) => Cases.Sample(test =>
    {
        var cache = Create(name, test);
        long misses = 0;
        foreach (var page in test.Trace)
        {
            if (!cache.Access(page))
                misses++;

            Assert.InRange(cache.Count, 1, test.Capacity);
            Assert.Equal(Enumerable.Range(0, test.Pages).Count(other => cache.IsResident((uint)other)), cache.Count);
            Assert.Equal(misses, cache.Count + cache.Evictions);
        }
    });

    [Theory, MemberData(nameof(Names))]
    public void A_request_hits_exactly_if_the_page_is_resident_and_leaves_it_resident(string name) => Cases.Sample(test =>
    {
        var cache = Create(name, test);
        foreach (var page in test.Trace)
        {
            var resident = cache.IsResident(page);
            Assert.Equal(resident, cache.Access(page));
            Assert.True(cache.IsResident(page));
        }
    });

    [Theory, MemberData(nameof(Names))]
    public void A_page_leaves_only_when_there_is_no_room(string name) => Cases.Sample(test =>
    {
        var cache = Create(name, test);
        foreach (var page in test.Trace)
        {
            var full = cache.Count == test.Capacity;
            var evictions = cache.Evictions;
            var hit = cache.Access(page);
            Assert.Equal(evictions + (full && !hit ? 1 : 0), cache.Evictions);
        }
    });

    [Theory, MemberData(nameof(Names))]
    public void With_room_for_all_only_the_first_request_of_a_page_misses(string name) => Cases.Sample(test =>
    {
        var roomy = test with { Capacity = test.Pages };

        Assert.Equal(test.Trace.Distinct().Count(), Misses(name, roomy));
    });

    [Theory, MemberData(nameof(Names))]
    public void No_policy_misses_less_than_opt(string name) => Cases.Sample(test =>
        Assert.True(Misses(ReferencePolicies.Opt, test) <= Misses(name, test)));

    [Theory, MemberData(nameof(Names))]
    public void Replay_is_one_access_after_the_other(string name) => Cases.Sample(test =>
    {
        var (one, all) = (Create(name, test), Create(name, test));
        var hits = new bool[test.Trace.Length];

        var count = all.Replay(test.Trace, hits);

        Assert.Equal(Array.ConvertAll(test.Trace, one.Access), hits);
        Assert.Equal(hits.Count(hit => hit), count);
    });

    private static ReferencePolicy Create(string name, Case test) =>
        ReferencePolicies.Create(name, test.Pages, test.Capacity, test.Trace);

    private static int Misses(string name, Case test) =>
        test.Trace.Length - Create(name, test).Replay(test.Trace, new bool[test.Trace.Length]);
}
