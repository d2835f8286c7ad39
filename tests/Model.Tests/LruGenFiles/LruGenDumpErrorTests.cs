using Reclaim.Model.LruGenFiles;
using Xunit;

namespace Reclaim.Model.Tests.LruGenFiles;

/// <summary>A text that no kernel prints is refused, with the line and what should have been in it.</summary>
public class LruGenDumpErrorTests
{
    private const string Short = "memcg     7 /bench\n node     0\n          0         16          0          10 \n          1         12          0          20 \n";

    private static readonly string[] Full = LruGenTexts.OfPublished("this-patch").Split('\n');

    [Theory]
    [InlineData("          0          10 \n", "          0\n", 3, "a letter or a blank after the size of the generation in anonymous pages")]
    [InlineData("          0          10 \n", "          0 \n", 3, "the size of the generation in file pages")]
    [InlineData("          0          10 \n", "          0          10\n", 3, "a letter or a blank after the size of the generation in file pages")]
    [InlineData("          0          10 \n", "          0          10y\n", 3, "x or a blank after the size of the generation in file pages")]
    [InlineData("          0          10 \n", "          0          10  \n", 3, "the end of the line")]
    [InlineData("          0          10 \n", "          0         10 \n", 3, "the size of the generation in file pages, to the right of 10 columns")]
    public void A_column_is_missing_or_misplaced(string good, string bad, int line, string expected) =>
        Refused(Short.Replace(good, bad, StringComparison.Ordinal), line, expected);

    [Theory]
    [InlineData("memcg     7", "memcg     g", 1, "the id of a memcg")]
    [InlineData("node     0", "node     O", 2, "the id of a node")]
    [InlineData("         12 ", "         I2 ", 4, "the age of the generation")]
    [InlineData("         20 ", "         -1 ", 4, "the size of the generation in file pages")]
    [InlineData("         20 ", "         02 ", 4, "the size of the generation in file pages, below 2^64 and without leading zeros")]
    [InlineData("         20 ", "18446744073709551616 ", 4, "the size of the generation in file pages, below 2^64 and without leading zeros")]
    public void There_is_a_letter_or_no_such_number_where_a_number_should_be(string good, string bad, int line, string expected) =>
        Refused(Short.Replace(good, bad, StringComparison.Ordinal), line, expected);

    [Theory]
    [InlineData("memcg     7 /bench\n", "", 1, "a line of a memcg")]
    [InlineData(" node     0\n", "", 2, "a line of a node")]
    [InlineData("memcg     7 /bench", "memcg     7", 1, "a blank and the path of the memcg")]
    [InlineData("          1         12", "          2         12", 4, "generation 1")]
    [InlineData("          1         12", "          0         12", 4, "generation 1")]
    [InlineData("20 \n", "20 \n node     0\n          0         16          0          10 \n", 5, "a node after node 0")]
    [InlineData("20 \n", "20 \n\n", 5, "a generation")]
    [InlineData("20 \n", "20 ", 4, "a newline at the end of the last line")]
    [InlineData("20 \n", "20 \nmemcg     8 /\n", 6, "a line of a node")]
    [InlineData("20 \n", "20 \nmemcg     8 /\n node     0\n", 7, "a generation")]
    public void Lines_are_missing_or_out_of_order(string good, string bad, int line, string expected) =>
        Refused(Short.Replace(good, bad, StringComparison.Ordinal), line, expected);

    [Fact]
    public void There_are_five_generations()
    {
        var rows = Enumerable.Range(0, 5).Select(seq => $" {seq,10}          4          0           0 \n");
        Refused($"memcg     1 /\n node     0\n{string.Concat(rows)}", 7, "a line of a memcg");
    }

    [Theory]
    [InlineData(9, 4, 10, "the row of tier 0")]
    [InlineData(9, 5, 10, "the row of tier 0")]
    [InlineData(11, 1, 12, "the row of tier 2")]
    [InlineData(12, 1, 13, "the row of tier 3")]
    [InlineData(13, 1, 14, "6 counters of walks")]
    [InlineData(3, 5, 9, "a generation")]
    [InlineData(23, 4, 24, "the row of tier 1")]
    public void Rows_of_tiers_or_of_walks_are_missing(int from, int count, int line, string expected) =>
        Refused(string.Join('\n', Full.Where((_, row) => row < from || row >= from + count)), line, expected);

    [Theory]
    [InlineData("       459r", "       459e", 12, "three counters of file pages, marked R T, r e p or nothing")]
    [InlineData("      9764e", "       many", 12, "three counters of file pages")]
    [InlineData("      9764e          0p", "      9764e", 12, "three counters of file pages")]
    [InlineData("      2874p", "      2874p ", 13, "the end of the line")]
    [InlineData("      2734A", "      2734F", 26, "6 counters of walks, marked L O Y N F A, T Y F A or nothing")]
    [InlineData("      2945F       2734A", "      2945F", 26, "6 counters of walks")]
    [InlineData("      2734A", "      2734A          0 ", 26, "the end of the line")]
    public void Counters_are_missing_or_marked_with_other_letters(string good, string bad, int line, string expected) =>
        Refused(string.Join('\n', Full).Replace(good, bad, StringComparison.Ordinal), line, expected);

    [Fact]
    public void The_first_row_of_walks_has_neither_six_fields_nor_four()
    {
        var rows = Full.ToArray();
        rows[7] = rows[7][..^12];
        Refused(string.Join('\n', rows), 8, "6 counters of walks, or 4");
    }

    private static void Refused(string text, int line, string expected)
    {
        var error = Assert.Throws<LruGenFormatException>(() => LruGenDump.Parse(text));

        Assert.Equal((line, expected), (error.Line, error.Expected));
        Assert.Equal($"Line {line}: expected {expected}.", error.Message);
    }
}
