using CsCheck;
using Reclaim.Model.Workloads.Fio;
using Xunit;

namespace Reclaim.Model.Tests.Workloads;

public sealed class ElementaryTests
{
    [Fact]
    public void Powers_are_within_a_unit_of_the_librarys() =>
        Gen.Select(Gen.Double[1e-9, 1e9], Gen.Double[-30, 30]).Sample((x, y) =>
            Assert.InRange(Units(Elementary.Pow(x, y), Math.Pow(x, y)), 0, 1), iter: 200_000);

    [Fact]
    public void Powers_of_numbers_near_one_too() =>
        Gen.Select(Gen.Double[0.99, 1.01], Gen.Double[-30_000, 30_000]).Sample((x, y) =>
            Assert.InRange(Units(Elementary.Pow(x, y), Math.Pow(x, y)), 0, 1), iter: 200_000);

    [Fact]
    public void Logarithms_are_within_a_unit_of_the_librarys() =>
        Gen.Double[1e-300, 2].Sample(x =>
            Assert.InRange(Units(Elementary.Log(x), Math.Log(x)), 0, 1), iter: 200_000);

    [Fact]
    public void Squares_are_rounded_as_the_product_is() =>
        Gen.Double[1e-9, 1].Sample(x => Assert.InRange(Units(Elementary.Pow(x, 2), x * x), 0, 1), iter: 100_000);

    [Fact]
    public void Rough_powers_keep_to_their_bound() =>
        Gen.Select(Gen.Double[1.0 / (1L << 31), 1], Gen.Double[0.01, 1000]).Where((x, y) => y * Math.Log2(x) > -32).Sample((x, y) =>
        {
            var exact = Elementary.Pow(x, y);
            Assert.InRange(Math.Abs(Elementary.RoughPow(x, y) - exact), 0, exact * Elementary.RoughError(y));
        }, iter: 100_000);

    [Theory]
    [InlineData(1, 12345.678, 1)]
    [InlineData(0, 0.5, 0)]
    [InlineData(2, 10, 1024)]
    [InlineData(0.5, 1, 0.5)]
    [InlineData(0.25, 0.5, 0.5)]
    [InlineData(1e-9, 500, 0)]
    [InlineData(1e9, 500, double.PositiveInfinity)]
    public void Powers_that_are_known_exactly(double x, double y, double power) => Assert.Equal(power, Elementary.Pow(x, y));

    private static long Units(double a, double b) => Math.Abs(BitConverter.DoubleToInt64Bits(a) - BitConverter.DoubleToInt64Bits(b));
}
