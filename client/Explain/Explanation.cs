using Reclaim.Contracts.Results;

namespace Reclaim.Client.Explain;

/// <summary>A part of the difference in throughput of a workload between two runs.</summary>
/// <param name="What">What differs: a kind of time, or <c>misses</c>, <c>pages a request</c>, <c>jobs at work</c>.</param>
/// <param name="Unit">Unit of the two figures.</param>
/// <param name="Before">Its figure in the first run.</param>
/// <param name="After">In the other.</param>
/// <param name="Share">What it makes of the change in throughput: all parts together are that change.</param>
internal sealed record Part(string What, string Unit, double Before, double After, double Share);

/// <summary>
/// Why a workload is faster or slower in one run than in another.
///
/// Throughput is jobs at work ÷ (accesses a request × time an access), and the time of an access is what each pays for, and the share that misses
/// times what a miss costs:
/// <code>
///   requests/s = jobs ÷ ( accesses a request × ( Σ access kinds + misses × Σ miss kinds ) )
/// </code>
/// The logarithm of the change is divided among these by the logarithmic mean (LMDI), products by the mean of the other factor. So nothing is left over,
/// and it does not matter which run is called the first.
/// Source: B. W. Ang, "Decomposition analysis for policymaking in energy" (2004), for the method.
/// </summary>
internal sealed record Explanation(string Place, WorkloadResult Before, WorkloadResult After, IReadOnlyList<Part> Parts)
{
    public const string Misses = "misses";
    public const string Jobs = "jobs at work";
    public const string Pages = "pages a request";

    /// <summary>Change in requests a second, 0.1 for 10 % more.</summary>
    public double Change => After.Iops / Before.Iops - 1;

    /// <summary>The workload of the same name in each run; null if it did nothing after its ramp in one of them.</summary>
    public static Explanation? Of(string place, WorkloadResult before, WorkloadResult after) =>
        TimePerAccess.Of(before) is { } first && TimePerAccess.Of(after) is { } other
            ? new Explanation(place, before, after, PartsOf(first, other, before.Iops, after.Iops))
            : null;

    private static List<Part> PartsOf(TimePerAccess before, TimePerAccess after, double iopsBefore, double iopsAfter)
    {
        var logarithm = Math.Log(iopsAfter / iopsBefore);
        var scale = logarithm == 0 ? 1 : (iopsAfter / iopsBefore - 1) / logarithm;
        var mean = LogarithmicMean(before.Total, after.Total);
        double OfTime(double nanoseconds) => -nanoseconds / mean * scale;

        var (missesMean, missesMore) = ((before.MissesPerAccess + after.MissesPerAccess) / 2, after.MissesPerAccess - before.MissesPerAccess);
        var costMean = (before.PerMiss.Values.Sum() + after.PerMiss.Values.Sum()) / 2;
        var parts = new List<Part>
        {
            new(Misses, "% of accesses", 100 * before.MissesPerAccess, 100 * after.MissesPerAccess, OfTime(missesMore * costMean)),
        };
        foreach (var kind in Kinds(before.PerMiss, after.PerMiss))
        {
            var (was, now) = (before.PerMiss.GetValueOrDefault(kind), after.PerMiss.GetValueOrDefault(kind));
            parts.Add(new(kind, "ns a miss", was, now, OfTime(missesMean * (now - was))));
        }

        foreach (var kind in Kinds(before.PerAccess, after.PerAccess))
        {
            var (was, now) = (before.PerAccess.GetValueOrDefault(kind), after.PerAccess.GetValueOrDefault(kind));
            parts.Add(new(kind, "ns an access", was, now, OfTime(now - was)));
        }

        parts.Add(new(Pages, "", before.AccessesPerRequest, after.AccessesPerRequest, -Math.Log(after.AccessesPerRequest / before.AccessesPerRequest) * scale));
        parts.Add(new(Jobs, "", before.Concurrency, after.Concurrency, Math.Log(after.Concurrency / before.Concurrency) * scale));
        return parts;
    }

    private static IEnumerable<string> Kinds(IReadOnlyDictionary<string, double> before, IReadOnlyDictionary<string, double> after) =>
        before.Keys.Union(after.Keys).Order(StringComparer.Ordinal);

    private static double LogarithmicMean(double a, double b) => a == b ? a : (b - a) / Math.Log(b / a);
}
