using Reclaim.Silo;
using Xunit;

namespace Reclaim.Client.Tests;

public sealed class UnitsTests
{
    [Theory]
    [InlineData("4G", 4L << 30)]
    [InlineData("512M", 512L << 20)]
    [InlineData("4k", 4096)]
    [InlineData("4K", 4096)]
    [InlineData("1.5g", 3L << 29)]
    [InlineData("2GiB", 2L << 30)]
    [InlineData("123", 123)]
    public void Sizes_are_1024_based(string text, long bytes)
    {
        Assert.Null(Units.TrySize(text, out var size));
        Assert.Equal(bytes, size);
    }

    [Theory]
    [InlineData("5m", 300_000_000_000)]
    [InlineData("300s", 300_000_000_000)]
    [InlineData("2ms", 2_000_000)]
    [InlineData("10us", 10_000)]
    [InlineData("5ns", 5)]
    [InlineData("0", 0)]
    public void Durations_have_a_unit(string text, long ns)
    {
        Assert.Null(Units.TryDuration(text, out var duration));
        Assert.Equal(ns, duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("4X")]
    [InlineData("1e3")]
    [InlineData("0.0001k")]
    [InlineData("99999999999G")]
    public void What_is_no_size_is_refused(string text) => Assert.NotNull(Units.TrySize(text, out _));

    [Theory]
    [InlineData("iodpeth", "; did you mean 'iodepth'?")]
    [InlineData("zzzzzz", "; known: iodepth, bs")]
    public void The_nearest_name_is_suggested_or_all_listed(string written, string said) =>
        Assert.Equal(said, Nearest.Suggestion(written, ["iodepth", "bs"]));
}
