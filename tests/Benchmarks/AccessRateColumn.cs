using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Mathematics;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Reclaim.Benchmarks;

/// <summary>Millions of accesses a second, the figure that simulators of caches are compared by.</summary>
internal sealed class AccessRateColumn(string name, string legend, Func<Statistics, double> nanoseconds) : IColumn
{
    public static AccessRateColumn Median { get; } =
        new("M acc/s", "Millions of accesses a second in the median iteration", times => times.Median);

    public static AccessRateColumn Best { get; } =
        new("Best M acc/s", "Millions of accesses a second in the fastest iteration", times => times.Min);

    public string Id => $"{nameof(AccessRateColumn)}.{name}";

    public string ColumnName => name;

    public string Legend => legend;

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Statistics;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
        summary[benchmarkCase]?.ResultStatistics is { } times ? $"{1e3 / nanoseconds(times):F1}" : "-";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;
}
