using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Reclaim.Model.Nodes;
using Xunit;

namespace Reclaim.Model.Tests.Nodes;

/// <summary>Free pages at which kswapd wakes and stops, against worked examples and against what real machines had.</summary>
public sealed partial class WatermarksTests
{
    private const long GiB = 1L << 18;

    public static TheoryData<string> Measured() =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "ground-truth"), "*.json").Where(file => Zones(file).Any()).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Fact]
    public void A_small_node_has_a_quarter_of_the_min_mark_between_marks_or_a_thousandth_of_itself() =>
        Assert.Equal(new Watermarks(2048, 3096, 4144, 5192), Watermarks.Of(4 * GiB, 4 * GiB));

    [Fact]
    public void A_large_one_has_a_thousandth_of_itself() =>
        Assert.Equal((5792, 14_180, 22_568), Marks(Watermarks.Of(32 * GiB, 32 * GiB)));

    [Theory]
    [InlineData(10, 8388)]
    [InlineData(200, 167_772)]
    [InlineData(1000, 838_860)]
    public void Watermark_scale_factor_is_in_ten_thousandths_of_the_node(int factor, long gap)
    {
        var marks = Watermarks.Of(32 * GiB, 32 * GiB, scaleFactor: factor);

        Assert.Equal((gap, gap, gap), (marks.Low - marks.Min, marks.High - marks.Low, marks.Promo - marks.High));
    }

    [Fact]
    public void Nodes_divide_min_free_kbytes_by_their_sizes()
    {
        var (large, small) = (Watermarks.Of(3 * GiB, 4 * GiB, 40_000), Watermarks.Of(GiB, 4 * GiB, 40_000));

        Assert.Equal((7500, 2500), (large.Min, small.Min));
    }

    [Theory]
    [InlineData(64, 128)]
    [InlineData(1L << 40, 262_144)]
    public void What_the_kernel_keeps_of_itself_has_bounds(long pages, long kbytes) => Assert.Equal(kbytes, Watermarks.MinFreeKbytes(pages));

    /// <summary>Marks are computed while the kernel boots, and its boot code has some pages yet that are managed later: a page or two.</summary>
    [Theory, MemberData(nameof(Measured))]
    public void From_the_min_mark_of_a_measured_zone_follow_its_other_marks(string name)
    {
        foreach (var zone in Zones(Path.Combine(AppContext.BaseDirectory, "ground-truth", name)))
        {
            var marks = Watermarks.Of(zone.Managed, zone.Managed, zone.Min * 4);
            Assert.Equal(zone.Min, marks.Min);
            Assert.InRange(marks.Low - zone.Low, 0, 1);
            Assert.InRange(marks.High - zone.High, 0, 2);
        }
    }

    [Theory, MemberData(nameof(Measured))]
    public void The_min_marks_of_a_measured_machine_are_what_its_memory_gives_but_for_what_booting_held(string name)
    {
        var zones = Zones(Path.Combine(AppContext.BaseDirectory, "ground-truth", name)).ToList();
        var measured = zones.Sum(zone => zone.Min) * 4.0;

        Assert.InRange(measured / Watermarks.MinFreeKbytes(zones.Sum(zone => zone.Managed)), 0.95, 1);
    }

    private static (long Min, long Low, long High) Marks(Watermarks marks) => (marks.Min, marks.Low, marks.High);

    private static IEnumerable<(long Managed, long Min, long Low, long High)> Zones(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        var text = json.RootElement.TryGetProperty("zoneinfoAtStart", out var info) ? info.GetString() ?? "" : "";
        return [.. Zone().Matches(text).Select(zone => (Number(zone, "managed"), Number(zone, "min"), Number(zone, "low"), Number(zone, "high"))).Where(zone => zone.Item1 != 0)];
    }

    private static long Number(Match match, string name) => long.Parse(match.Groups[name].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"pages free\s.*?\smin\s+(?<min>\d+)\s+low\s+(?<low>\d+)\s+high\s+(?<high>\d+)\s.*?managed\s+(?<managed>\d+)", RegexOptions.Singleline)]
    private static partial Regex Zone();
}
