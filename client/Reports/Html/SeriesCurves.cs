using Reclaim.Contracts.Results;

namespace Reclaim.Client.Reports.Html;

/// <summary>Curves out of the samples of a cgroup.</summary>
internal static class SeriesCurves
{
    private const double MiBOfPages = 4096.0 / (1 << 20);

    /// <summary>What a counter grows by, a second.</summary>
    public static Curve Rate(this SeriesResult series, string column, string name) => new(name, [.. Steps(series, column).Select(step => (step.Seconds, step.Growth / (series.EveryNs / 1e9)))]);

    /// <summary>Of each access in an interval, how many grew the counter, per cent; intervals without accesses are left out.</summary>
    public static Curve PerAccess(this SeriesResult series, string column, string name) => new(name, [.. Steps(series, column)
        .Zip(Steps(series, "accesses"), (step, accesses) => (step.Seconds, step.Growth, Accesses: accesses.Growth))
        .Where(step => step.Accesses > 0).Select(step => (step.Seconds, 100 * step.Growth / step.Accesses))]);

    /// <summary>Share of an interval that a pressure total (µs) grew by, per cent.</summary>
    public static Curve Pressure(this SeriesResult series, string column, string name) =>
        new(name, [.. Steps(series, column).Select(step => (step.Seconds, Math.Min(100, 100 * step.Growth * 1000 / series.EveryNs)))]);

    /// <summary>A size in pages, in MiB.</summary>
    public static Curve MiB(this SeriesResult series, string column, string name) => new(name, [.. Values(series, column).Select(value => (value.Seconds, value.Value * MiBOfPages))]);

    /// <summary>Pages of a type by age, from the oldest on, ages without any left out.</summary>
    public static IReadOnlyList<Curve> Ages(this SeriesResult series, string type)
    {
        var ages = series.Columns.Keys.Where(column => column.StartsWith(type + "_age", StringComparison.Ordinal) && series.Columns[column].Any(pages => pages != 0))
            .OrderDescending(StringComparer.Ordinal).ToList();
        return [.. ages.Select((column, i) => series.MiB(column, i == ages.Count - 1 && ages.Count > 1 ? "youngest" : $"age {column[^1]}"))];
    }

    /// <summary>Whether a column is ever anything but 0.</summary>
    public static bool Has(this SeriesResult series, string column) => series.Columns.TryGetValue(column, out var values) && values.Any(value => value != 0);

    private static IEnumerable<(double Seconds, double Value)> Values(SeriesResult series, string column) =>
        series.Columns[column].Select((value, i) => ((i + 1) * series.EveryNs / 1e9, (double)value));

    private static IEnumerable<(double Seconds, double Growth)> Steps(SeriesResult series, string column)
    {
        var before = 0.0;
        foreach (var (seconds, value) in Values(series, column))
        {
            yield return (seconds, value - before);
            before = value;
        }
    }
}
