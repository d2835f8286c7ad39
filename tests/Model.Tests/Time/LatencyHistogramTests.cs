using CsCheck;
using Reclaim.Model.Time;
using Xunit;

namespace Reclaim.Model.Tests.Time;

/// <summary>Percentiles against those of the sorted values.</summary>
public class LatencyHistogramTests
{
    private static readonly Gen<long[]> Latencies =
        Gen.Select(Gen.Long[0, 1 << 20], Gen.Int[0, 30], (value, shift) => value << shift).Array[1, 300];

    [Fact]
    public void A_percentile_is_off_by_at_most_1_6_percent() => Gen.Select(Latencies, Gen.Double[0.001, 1]).Sample((values, share) =>
    {
        var histogram = Of(values);
        var exact = values.Order().ElementAt((int)Math.Ceiling(share * values.Length) - 1);

        Assert.InRange(histogram.Percentile(share), exact * (1 - 0.016), exact * (1 + 0.016));
        Assert.Equal(values.Length, histogram.Count);
    });

    [Fact]
    public void Percentiles_do_not_fall() => Latencies.Sample(values =>
    {
        var histogram = Of(values);
        var percentiles = Enumerable.Range(1, 100).Select(percent => histogram.Percentile(percent / 100.0)).ToArray();

        Assert.Equal(percentiles.Order(), percentiles);
    });

    [Fact]
    public void Two_histograms_together_are_the_histogram_of_all_values() => Gen.Select(Latencies, Latencies).Sample((ours, theirs) =>
    {
        var together = Of(ours);
        together.Add(Of(theirs));
        var all = Of([.. ours, .. theirs]);

        Assert.Equal(all.Count, together.Count);
        foreach (var share in new[] { 0.01, 0.5, 0.99, 1 })
        {
            Assert.Equal(all.Percentile(share), together.Percentile(share));
        }
    });

    [Fact]
    public void Buckets_rise_and_hold_every_value_once_and_near_to_where_it_is() => Latencies.Sample(values =>
    {
        var buckets = Of(values).Buckets;

        Assert.Equal(buckets.Select(bucket => bucket.Ns).Order().Distinct(), buckets.Select(bucket => bucket.Ns));
        var near = buckets.SelectMany(bucket => Enumerable.Repeat(bucket.Ns, (int)bucket.Count)).Zip(values.Order()).ToList();
        Assert.Equal(values.Length, near.Count);
        Assert.All(near, pair => Assert.InRange(pair.First, pair.Second * (1 - 0.008), pair.Second * (1 + 0.008)));
    });

    [Fact]
    public void A_latency_recorded_many_times_counts_as_often()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(10, 99);
        histogram.Record(50, 1);

        Assert.Equal(10, histogram.Percentile(0.99));
        Assert.Equal(50, histogram.Percentile(1));
    }

    [Fact]
    public void An_empty_one_says_zero_and_so_does_one_that_was_cleared()
    {
        var histogram = Of([5, 7]);
        histogram.Clear();

        Assert.Equal((0, 0), (histogram.Percentile(0.5), histogram.Count));
    }

    private static LatencyHistogram Of(long[] values)
    {
        var histogram = new LatencyHistogram();
        foreach (var value in values)
        {
            histogram.Record(value, 1);
        }

        return histogram;
    }
}
