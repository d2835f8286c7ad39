using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.Workloads;

public sealed class PatternErrorTests
{
    [Theory]
    [InlineData("n", "uniform", 0, 1, 0.0, 1, 0, 0)]
    [InlineData("n", "uniform", -1, 1, 0.0, 1, 0, 0)]
    [InlineData("n", "scan", (1L << 31) + 1, 1, 0.0, 1, 0, 0)]
    [InlineData("n", "zipf", (1L << 28) + 1, 1, 0.5, 1, 0, 0)]
    [InlineData("acc", "uniform", 10, 0, 0.0, 1, 0, 0)]
    [InlineData("acc", "uniform", 10, -5, 0.0, 1, 0, 0)]
    [InlineData("theta", "zipf", 10, 10, -0.1, 1, 0, 0)]
    [InlineData("theta", "zipf", 10, 10, double.NaN, 1, 0, 0)]
    [InlineData("theta", "zipf", 10, 10, double.PositiveInfinity, 1, 0, 0)]
    [InlineData("nf", "zipf", 10, 10, 0.5, 0, 0, 0)]
    [InlineData("nf", "zipf", 10, 10, 0.5, -2, 0, 0)]
    [InlineData("nf", "zipf", 10, 10, 0.5, 3, 0, 0)]
    [InlineData("nf", "zipf", 10, 10, 0.5, 20, 0, 0)]
    [InlineData("w", "hotscan", 10, 10, 0.0, 1, 0, 5)]
    [InlineData("w", "hotscan", 10, 10, 0.0, 1, 10, 5)]
    [InlineData("w", "hotscan", 10, 10, 0.0, 1, 11, 5)]
    [InlineData("w", "phase", 10, 10, 0.0, 1, 0, 5)]
    [InlineData("w", "phase", 10, 10, 0.0, 1, 6, 5)]
    [InlineData("w", "burst", 10, 10, 0.0, 1, 0, 5)]
    [InlineData("w", "burst", 10, 10, 0.0, 1, -7, 5)]
    [InlineData("p", "hotscan", 10, 10, 0.0, 1, 5, 1025)]
    [InlineData("p", "phase", 10, 10, 0.0, 1, 5, -1)]
    [InlineData("p", "burst", 10, 10, 0.0, 1, 5, 2000)]
    [InlineData("n", "gc", (1L << 30) + 1, 1, 0.0, 1, 1, 0)]
    [InlineData("n", "grow", (1L << 30) + 1, 1, 0.0, 1, 0, 0)]
    [InlineData("p", "grow", 10, 10, 0.0, 1, 0, 1025)]
    [InlineData("w", "gc", 10, 10, 0.0, 1, 11, 5)]
    [InlineData("w", "gc", 10, 10, 0.0, 1, 0, 5)]
    [InlineData("w", "app-launch", 10, 10, 0.5, 2, 6, 0)]
    [InlineData("nf", "app-launch", 10, 10, 0.5, 3, 1, 0)]
    [InlineData("stay", "app-launch", 10, 10, 0.5, 2, 5, 0)]
    [InlineData("pattern", "zipff", 10, 10, 0.0, 1, 5, 5)]
    public void A_parameter_out_of_range_is_named(
        string parameter, string pattern, long n, long acc, double theta, int nf, long w, int p)
    {
        var error = Assert.Throws<ArgumentException>(() => Patterns.Create(pattern, n, acc, 1, theta, nf, w, p));
        Assert.Equal(parameter, error.ParamName);
        Assert.Contains(parameter, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_second_working_set_may_end_with_the_file() =>
        Assert.All(Patterns.Create("phase", 11, 1000, 1, w: 6, p: 1024).Drain(), page => Assert.InRange(page, 0u, 10u));
}
