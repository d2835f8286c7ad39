using CsCheck;
using Reclaim.Client.Sweeps;
using Xunit;

namespace Reclaim.Client.Tests.Sweeps;

public sealed class SweepAxisTests
{
    private static readonly string[] _units = ["", "k", "M", "G", "ms", "s", "m"];

    [Theory]
    [InlineData("k=1G..4G:1G", "1G 2G 3G 4G")]
    [InlineData("k=512M..2G:512M", "512M 1G 1536M 2G")]
    [InlineData("k=1G..8G", "1G 2G 3G 4G 5G 6G 7G 8G")]
    [InlineData("k=64M..1G:x2", "64M 128M 256M 512M 1G")]
    [InlineData("k=1G..1M:x0.125", "1G 128M 16M 2M")]
    [InlineData("k=0..200:50", "0 50 100 150 200")]
    [InlineData("k=200..0:-100", "200 100 0")]
    [InlineData("k=1..4", "1 2 3 4")]
    [InlineData("k=0..200", "0 29 57 86 114 143 171 200")]
    [InlineData("k=0.2..1.2:0.5", "0.2 0.7 1.2")]
    [InlineData("k=100ms..1s:300ms", "100ms 400ms 700ms 1s")]
    [InlineData("k=1m..3m:1m", "1m 2m 3m")]
    [InlineData("k=0..2s:1s", "0 1s 2s")]
    [InlineData("k=4k..64k:x4", "4k 16k 64k")]
    [InlineData("k=1..4:2", "1 3")]
    [InlineData("k=v6.8,classic", "v6.8 classic")]
    [InlineData("k=1G, 3G, 4G", "1G 3G 4G")]
    public void A_range_or_a_list_has_these_values(string assignment, string values) =>
        Assert.Equal(values.Split(' '), SweepAxis.Of(assignment)!.Points.Select(point => point.Text));

    [Theory]
    [InlineData("k=4G")]
    [InlineData("k=[v6.8, classic]")]
    [InlineData("k={pattern: {kind: read, n: 3}}")]
    [InlineData("k='0,1'")]
    [InlineData("k=../traces/a.gz")]
    [InlineData("k=a..b")]
    [InlineData("k=zipf:0.5")]
    public void One_value_is_no_axis(string assignment) => Assert.Null(SweepAxis.Of(assignment));

    [Theory]
    [InlineData("k=1G..2G", true)]
    [InlineData("k=1G,3G", true)]
    [InlineData("k=1s,300ms", true)]
    [InlineData("k=1,2,x", false)]
    [InlineData("k=1G,3s", false)]
    public void Values_that_can_be_counted_in_one_unit_are_numbers(string assignment, bool numeric) => Assert.Equal(numeric, SweepAxis.Of(assignment)!.IsNumeric);

    [Theory]
    [InlineData("64M..1G:x2", true)]
    [InlineData("64M..512M:64M", false)]
    [InlineData("0..8:4", false)]
    public void Equal_factors_are_told_from_equal_distances(string range, bool geometric) => Assert.Equal(geometric, SweepAxis.Of("k=" + range)!.IsGeometric);

    [Theory]
    [InlineData("k=1G..1G", "from 1G to 1G is one value; a range has several")]
    [InlineData("k=8G..1G:1G", "a step of 1G leads from 8G away from 1G")]
    [InlineData("k=1G..8G:-1G", "a step of -1G leads from 1G away from 8G")]
    [InlineData("k=1G..8G:0", "a step of 0 leads nowhere")]
    [InlineData("k=1G..8G:x1", "a factor must be above 0 and not 1, without a unit, and both ends above 0")]
    [InlineData("k=0..8G:x2", "a factor must be above 0 and not 1, without a unit, and both ends above 0")]
    [InlineData("k=8G..1G:x2", "a factor of 2 leads away from the end of the range")]
    [InlineData("k=1G..8s", "1G, 8s: not in one unit (a size: 4G, 512M, 4k; a duration: 5m, 300s, 2ms; or plain numbers)")]
    [InlineData("k=1..8G", "1, 8G: not in one unit (a size: 4G, 512M, 4k; a duration: 5m, 300s, 2ms; or plain numbers)")]
    [InlineData("k=1G..", "'' is not a number, size or duration; a range is FROM..TO, FROM..TO:STEP or FROM..TO:xFACTOR")]
    [InlineData("k=..8G", "'' is not a number, size or duration; a range is FROM..TO, FROM..TO:STEP or FROM..TO:xFACTOR")]
    [InlineData("k=1G..8G:", "'' is not a number, size or duration; a range is FROM..TO, FROM..TO:STEP or FROM..TO:xFACTOR")]
    [InlineData("k=1..1000000:1", "1000000 values, and a range has at most 1000: take a larger step")]
    [InlineData("k=a,,b", "an empty value in the list")]
    [InlineData("k=a,b,a", "a stands there twice")]
    public void What_is_wrong_names_the_option(string assignment, string said) =>
        Assert.Equal($"--set {assignment}: {said}", Assert.Throws<InputException>(() => SweepAxis.Of(assignment)).Message);

    [Fact]
    public void A_column_is_called_by_the_end_of_its_key()
    {
        Assert.Equal("memory.max", SweepAxis.Of("host.cgroups.bench.memory.max=1G,2G")!.Name);
        Assert.Equal("swappiness", SweepAxis.Of("kernel.swappiness=1,2")!.Name);
    }

    [Fact]
    public void Any_range_without_a_step_has_both_ends_and_rises() => Check.Sample(
        Gen.Select(Gen.Int[1, 4000], Gen.Int[1, 4000], Gen.Int[0, 6].Select(i => _units[i])),
        one =>
        {
            var (from, more, unit) = (one.Item1, one.Item2, one.Item3);
            var points = SweepAxis.Of($"k={from}{unit}..{from + more}{unit}")!.Points;
            var numbers = points.Select(point => point.Number!.Value).ToList();
            Assert.InRange(points.Length, 2, SweepRange.DefaultPoints);
            Assert.Equal(numbers.Order().Distinct(), numbers);
            Assert.Equal(SweepAxis.Of($"k={from}{unit},{from + more}{unit}")!.Points.Select(point => point.Number), [numbers[0], numbers[^1]]);
        });
}
