using Reclaim.Tests.Otlp;

namespace Reclaim.Tests;

/// <summary>What spans and metrics say.</summary>
internal static class Readings
{
    public static string Text(this Span span, string key) => span.Attributes.Single(attribute => attribute.Key == key).Value.StringValue;

    public static long Number(this Span span, string key) => span.Attributes.Single(attribute => attribute.Key == key).Value.IntValue;

    /// <summary>The last value of a metric that was sent for what bears these attributes; null: none was.</summary>
    public static long? Last(this IReadOnlyList<Metric> metrics, string name, params IEnumerable<(string Key, string Value)> of) => metrics.Where(metric => metric.Name == name)
        .SelectMany(metric => (metric.Sum?.DataPoints ?? metric.Gauge.DataPoints).Where(point => of.All(tag => point.Attributes.Any(attribute => attribute.Key == tag.Key && attribute.Value.StringValue == tag.Value))))
        .LastOrDefault()?.AsInt;
}
