using CsCheck;
using Reclaim.Model.Steps;
using Xunit;

namespace Reclaim.Model.Tests.Steps;

public sealed class TimeSeriesTests
{
    [Fact]
    public void Samples_stand_at_equal_distances_however_many_there_were() => Gen.Int[1, 5000].Sample(samples =>
    {
        var series = new TimeSeries();
        for (var i = 0; i < samples; i++)
        {
            var at = series.NextNs;
            series.Add()[0] = at;
        }

        Assert.Equal(Enumerable.Range(1, series.Count).Select(sample => sample * series.EveryNs), series.Column(0));
        Assert.InRange(series.Count, Math.Min(samples, TimeSeries.MostSamples / 2), TimeSeries.MostSamples);
    });
}
