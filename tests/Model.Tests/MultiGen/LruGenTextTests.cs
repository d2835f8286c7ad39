using System.Globalization;
using CsCheck;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Tests.Memcg;
using Xunit;

namespace Reclaim.Model.Tests.MultiGen;

/// <summary>The texts of lru_gen and lru_gen_full where it can be written down by hand, and what holds of it always.</summary>
public class LruGenTextTests
{
    [Fact]
    public void A_fresh_memcg_with_100_pages_read_once()
    {
        var cgroup = Cgroup.MultiGen(1 << 20, 1000);
        cgroup.Read(Cgroup.Pages(0, 100));
        cgroup.Mglru.Drain();

        var zero = "          0";
        string[] expected =
        [
            "memcg     7 /bench",
            " node     0",
            $" {zero[1..]} {"12040",10} {zero[1..]}  {zero[1..]} ",
            .. Tiers("r", "e", "p"), Walk("      "),
            $" {"1",10} {"12040",10} {zero[1..]}  {"100",10} ",
            .. Tiers(" ", " ", " "), Walk("      "),
            $" {"2",10} {"12040",10} {zero[1..]}  {zero[1..]} ",
            .. Tiers(" ", " ", " "), Walk("      "),
            $" {"3",10} {"12040",10} {zero[1..]}  {zero[1..]} ",
            .. Tiers("R", "T", " "), Walk("LOYNFA"), "",
        ];
        Assert.Equal(string.Join('\n', expected), LruGenText.Full(cgroup.Mglru, 7, "/bench", 12_040_000_000));

        string[] Tiers(string a, string b, string c) =>
            [.. Enumerable.Range(0, 4).Select(tier => $"            {tier,10}{string.Concat(Enumerable.Repeat($"{zero}{a}{zero}{b}{zero}{c}", 2))}")];

        string Walk(string letters) => new string(' ', 22) + string.Concat(letters.Select(letter => $"{zero}{letter}"));
    }

    [Fact]
    public void The_short_text_has_only_the_generations()
    {
        var cgroup = Cgroup.MultiGen(1 << 20, 1000);
        cgroup.Read(Cgroup.Pages(0, 100));
        cgroup.Mglru.Drain();

        string[] expected =
        [
            "memcg     7 /bench",
            " node     0",
            "          0      12040          0           0 ",
            "          1      12040          0         100 ",
            "          2      12040          0           0 ",
            "          3      12040          0           0 ", "",
        ];
        Assert.Equal(string.Join('\n', expected), LruGenText.Short(cgroup.Mglru, 7, "/bench", 12_040_000_000));
    }

    [Fact]
    public void Ages_are_whole_ticks_of_four_milliseconds()
    {
        var cgroup = Cgroup.MultiGen(1 << 20, 64);

        Assert.Contains(" 4 ", Line(LruGenText.Full(cgroup.Mglru, 1, "/", 7_999_999), 2), StringComparison.Ordinal);
        Assert.Contains(" 8 ", Line(LruGenText.Full(cgroup.Mglru, 1, "/", 8_000_000), 2), StringComparison.Ordinal);
    }

    [Fact]
    public void It_lists_the_last_four_generations_and_marks_those_that_are_gone() => TraceCases.MultiGen.Sample(test =>
    {
        var cgroup = test.Build();
        cgroup.Read(test.Trace);
        var lruvec = cgroup.Mglru;
        var rows = Enumerable.Range(0, 4).Select(row => Line(LruGenText.Full(lruvec, 1, "/A", 0), 2 + row * 6)).ToArray();
        var listed = 0L;
        for (var row = 0; row < 4; row++)
        {
            var seq = lruvec.MaxSeq - 3 + (ulong)row;
            Assert.Equal(seq, ulong.Parse(rows[row].AsSpan(1, 10), CultureInfo.InvariantCulture));
            Assert.Equal(seq < lruvec.MinSeq(MultiGenLruvec.File), rows[row][^1] == 'x');
            listed += rows[row][^1] == 'x' ? 0 : long.Parse(rows[row].AsSpan(rows[row].Length - 11, 10), CultureInfo.InvariantCulture);
        }

        Assert.Equal(cgroup.Memcg.FilePages - lruvec.Batched.Length, listed);
        Assert.All(rows[2..], row => Assert.DoesNotContain('x', row));
    });

    private static string Line(string text, int line) => text.Split('\n')[line];
}
