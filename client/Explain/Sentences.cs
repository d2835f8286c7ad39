using Reclaim.Client.Reports;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Explain;

/// <summary>What the figures of a cgroup in two runs come to, in words. Each sentence is there only if its figures are.</summary>
internal static class Sentences
{
    /// <summary>A tenth of a per cent of the throughput, or of the pages, is worth a sentence.</summary>
    private const double WorthSaying = 0.001;

    public static IEnumerable<string> Of(CgroupPair pair, (string Before, string After) names)
    {
        var explanations = pair.Explanations().ToList();
        foreach (var explanation in explanations)
        {
            foreach (var sentence in OfThroughput(explanation, names, explanations.Count > 1))
            {
                yield return sentence;
            }
        }

        if (explanations.Count > 0)
        {
            foreach (var sentence in OfRefaults(pair, explanations, names))
            {
                yield return sentence;
            }
        }

        foreach (var sentence in OfFates(pair, names).Concat(OfOthers(pair, names)))
        {
            yield return sentence;
        }
    }

    private static IEnumerable<string> OfThroughput(Explanation explanation, (string Before, string After) names, bool several)
    {
        var name = several ? explanation.Before.Name + ": " : "";
        var biggest = explanation.Parts.MaxBy(part => Math.Abs(part.Share))!;
        if (Math.Abs(explanation.Change) < WorthSaying && Math.Abs(biggest.Share) < WorthSaying)
        {
            yield return $"{name}both are as fast, for the same reasons.";
            yield break;
        }

        var misses = explanation.Parts.Single(part => part.What == Explanation.Misses);
        if (Math.Abs(misses.Share) >= WorthSaying)
        {
            yield return $"{name}of 100 accesses {Number(misses.After, 2)} find no page with {names.After}, {Number(misses.Before, 2)} with {names.Before}: that alone makes {Percent(misses.Share)} of the requests a second.";
        }

        foreach (var part in explanation.Parts.Where(part => part != misses && Math.Abs(part.Share) >= 0.005).OrderByDescending(part => Math.Abs(part.Share)).Take(3))
        {
            yield return $"{name}{KindNames.Of(part.What)}: {Number(part.Before, 2)} -> {Number(part.After, 2)}{(part.Unit.Length > 0 ? " " + part.Unit : "")} makes {Percent(part.Share)}.";
        }
    }

    /// <summary>Refaults are counted, throughput is a rate: what they are an access, and whether they count the same thing.</summary>
    private static IEnumerable<string> OfRefaults(CgroupPair pair, List<Explanation> explanations, (string Before, string After) names)
    {
        var (accessesBefore, accessesAfter) = (pair.Before.Workloads.Sum(w => w.Accesses), pair.After.Workloads.Sum(w => w.Accesses));
        var (before, after) = (Refaults(pair.Before), Refaults(pair.After));
        if (accessesBefore == 0 || accessesAfter == 0 || (before == 0 && after == 0))
        {
            yield break;
        }

        var (rateBefore, rateAfter) = ((double)before / accessesBefore, (double)after / accessesAfter);
        var faster = explanations.Sum(e => e.After.Iops) > explanations.Sum(e => e.Before.Iops);
        yield return $"refaults: {Number(before, 0)} -> {Number(after, 0)}; an access {Number(100 * rateBefore, 2)} -> {Number(100 * rateAfter, 2)} of 100.";
        if (after > before && faster)
        {
            yield return rateAfter <= rateBefore
                ? $"more refaults and more throughput are no contradiction here: {names.After} made {ExplanationText.Percent((double)accessesAfter / accessesBefore - 1)} of accesses more in the time, and had fewer refaults for each."
                : MoreRefaultsFaster(pair, explanations, names);
        }

        var (returnedBefore, returnedAfter) = (Returned(pair.Before), Returned(pair.After));
        if (returnedBefore > 0 && returnedAfter > 0 && Counts(before, returnedBefore) != Counts(after, returnedAfter))
        {
            yield return $"the counters do not count the same: of the pages that came back, workingset_refault has {Number(100.0 * before / returnedBefore, 1)} % with {names.Before} and {Number(100.0 * after / returnedAfter, 1)} % with {names.After}. Compare misses instead.";
        }
    }

    /// <summary>More pages come back an access, and it is faster all the same: then misses cost less, or there are fewer of those that never were there.</summary>
    private static string MoreRefaultsFaster(CgroupPair pair, List<Explanation> explanations, (string Before, string After) names)
    {
        var misses = explanations.Sum(e => e.Parts.Single(part => part.What == Explanation.Misses).Share);
        var anon = (pair.Before.Stat("workingset_refault_anon"), pair.After.Stat("workingset_refault_anon"));
        var file = (pair.Before.Stat("workingset_refault_file"), pair.After.Stat("workingset_refault_file"));
        var what = misses > 0
            ? "its misses are fewer for all that: a refault counts only while the shadow of the page is there, a miss always"
            : "a miss costs less, on average";
        var kinds = Math.Sign(anon.Item2 - anon.Item1) * Math.Sign(file.Item2 - file.Item1) < 0
            ? $" Of anonymous pages there are {Number(anon.Item1, 0)} -> {Number(anon.Item2, 0)}, of file pages {Number(file.Item1, 0)} -> {Number(file.Item2, 0)}, and they do not cost the same."
            : "";
        return $"more refaults an access and more throughput: with {names.After} {what}.{kinds}";
    }

    private static IEnumerable<string> OfFates(CgroupPair pair, (string Before, string After) names)
    {
        if (pair.Before.Fates.IsDefaultOrEmpty || pair.After.Fates.IsDefaultOrEmpty)
        {
            yield break;
        }

        var evicted = pair.Before.Fates.Sum(fate => fate.Evicted);
        foreach (var was in pair.Before.Fates.Where(fate => fate.Class is not ("tier 0" or "inactive")))
        {
            if (pair.After.Fates.FirstOrDefault(fate => (fate.Type, fate.Class) == (was.Type, was.Class)) is not { } now)
            {
                if (was.Evicted > WorthSaying * evicted && SamePolicy(pair))
                {
                    yield return $"{was.Type} pages of {was.Class}: {names.Before} evicted {Number(was.Evicted, 0)}, {names.After} has none to evict or to keep.";
                }

                continue;
            }

            if (Math.Abs(was.Evicted - now.Evicted) > 0.01 * evicted)
            {
                yield return $"{was.Type} pages of {was.Class}, which were used again while they were there: {names.Before} evicted {Number(was.Evicted, 0)} and kept {Number(was.Kept, 0)}, {names.After} evicted {Number(now.Evicted, 0)} and kept {Number(now.Kept, 0)}.";
            }
        }
    }

    private static IEnumerable<string> OfOthers(CgroupPair pair, (string Before, string After) names)
    {
        var (before, after) = (Others(pair.TakenBefore), Others(pair.TakenAfter));
        if (before.Reclaimed + after.Reclaimed > 0)
        {
            yield return $"others took {Number(before.Reclaimed, 0)} -> {Number(after.Reclaimed, 0)} of its pages, of which it missed {Number(before.Refaulted, 0)} -> {Number(after.Refaulted, 0)} later ({names.Before} -> {names.After}).";
        }
    }

    private static (long Reclaimed, long Refaulted) Others(IReadOnlyList<ReclaimMatrixEntry> taken)
    {
        var others = taken.Where(entry => entry.Aggressor != entry.Victim).ToList();
        return (others.Sum(entry => entry.Reclaimed), others.Sum(entry => entry.Refaulted));
    }

    private static bool SamePolicy(CgroupPair pair) =>
        pair.After.Fates.Any(fate => fate.Class.StartsWith("tier", StringComparison.Ordinal)) == pair.Before.Fates.Any(fate => fate.Class.StartsWith("tier", StringComparison.Ordinal));

    private static long Refaults(CgroupResult cgroup) => cgroup.Stat("workingset_refault_file") + cgroup.Stat("workingset_refault_anon");

    private static long Returned(CgroupResult cgroup) => cgroup.Fates.IsDefault ? 0 : cgroup.Fates.Sum(fate => fate.Returned);

    /// <summary>Whether all that came back was counted.</summary>
    private static bool Counts(long refaults, long returned) => refaults >= returned * (1 - WorthSaying);

    private static string Percent(double share) => ExplanationText.Percent(share);

    private static string Number(double value, int digits) => ExplanationText.Number(value, digits);
}
