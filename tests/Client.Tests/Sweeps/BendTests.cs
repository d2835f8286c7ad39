using Reclaim.Client.Sweeps;
using Xunit;

namespace Reclaim.Client.Tests.Sweeps;

public sealed class BendTests
{
    private static Bend? Of(params double[] values) => Bend.Of([.. values.Select((value, i) => ((double)i, value))]);

    [Fact]
    public void A_curve_that_rises_and_then_lies_flat_bends_where_it_does() => Assert.Equal(new Bend(2, 1), Of(0, 40, 80, 80, 80, 80, 80));

    [Fact]
    public void A_curve_that_falls_bends_as_well() => Assert.Equal(2, Of(90, 50, 12, 11, 10, 10)!.Index);

    [Fact]
    public void A_curve_that_stays_flat_and_then_rises_bends_where_it_begins_to() => Assert.Equal(3, Of(0, 0, 0, 0, 30, 60)!.Index);

    [Theory]
    [InlineData(new double[] { 0, 10, 20, 30, 40, 50 })]
    [InlineData(new double[] { 0, 11, 22, 31, 41, 50 })]
    [InlineData(new double[] { 0, 40, 20, 80, 80, 80 })]
    [InlineData(new double[] { 0, 5, 45, 55, 95, 100 })]
    [InlineData(new double[] { 7, 7, 7, 7, 7, 7 })]
    [InlineData(new double[] { 0, 80, 80, 80 })]
    public void A_straight_line_a_zigzag_an_S_a_flat_line_and_few_points_bend_nowhere(params double[] values) => Assert.Null(Of(values));
}
