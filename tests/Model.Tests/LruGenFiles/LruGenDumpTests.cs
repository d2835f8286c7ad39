using System.Text.Json;
using CsCheck;
using Reclaim.Model.LruGenFiles;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Tests.Memcg;
using Reclaim.Model.Workloads;
using Xunit;

namespace Reclaim.Model.Tests.LruGenFiles;

/// <summary>What is read from lru_gen and lru_gen_full is all that they say: printed again it gives the same bytes.</summary>
public class LruGenDumpTests
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "ground-truth");

    public static TheoryData<string> Measurements =>
        [.. Directory.EnumerateFiles(Folder, "*.json").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Seed => [SeedDumps.ThisPatch, SeedDumps.Rfc];

    [Theory, MemberData(nameof(Measurements))]
    public void Every_text_of_a_real_kernel_is_printed_back_as_it_was(string measurement)
    {
        using var truth = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, measurement + ".json")));
        var texts = Texts(truth.RootElement).ToList();

        Assert.NotEmpty(texts);
        Assert.All(texts, text => Assert.Equal(text, LruGenDump.Parse(text).Print()));
    }

    [Fact]
    public void There_are_texts_of_real_kernels_in_both_forms()
    {
        using var truth = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "v6.12.117.mglru.c3.json")));
        var dumps = Texts(truth.RootElement).Select(LruGenDump.Parse).ToList();

        Assert.All(dumps, dump => Assert.Equal(["/lab", "/lab/A", "/lab/B", "/lab/C"], dump.Memcgs.Select(memcg => memcg.Path)));
        Assert.Contains(dumps, dump => dump.Memcgs[1].Nodes[0].Generations[0].Tiers.IsEmpty);
        Assert.Contains(dumps, dump => dump.Memcgs[1].Nodes[0].Generations[0].Walk.Length == 4);
    }

    [Theory, MemberData(nameof(Seed))]
    public void The_texts_of_the_thread_are_printed_back_as_they_were(string text) => Assert.Equal(text, LruGenDump.Parse(text).Print());

    [Fact]
    public void The_text_of_the_series_says_what_the_thread_reads_in_it()
    {
        var memcg = Assert.Single(LruGenDump.Parse(SeedDumps.ThisPatch).Memcgs);
        var generations = Assert.Single(memcg.Nodes).Generations;

        Assert.Equal(86, memcg.Id);
        Assert.StartsWith("/system.slice/docker-1c3a", memcg.Path, StringComparison.Ordinal);
        Assert.Equal([1ul, 2, 3, 4], generations.Select(generation => generation.Seq));
        Assert.Equal([948187ul, 948187, 948187, 73045], generations.Select(generation => generation.AgeMs));
        Assert.Equal([true, false, false, false], generations.Select(generation => generation.File.Gone));
        Assert.Equal([0ul, 0, 1353160, 23573], generations.Select(generation => generation.Anon.Pages));
        Assert.Equal([0ul, 6051788, 6351, 12], generations.Select(generation => generation.File.Pages));
        Assert.Equal(
            new LruGenCounters(new LruGenField(11916, 'r'), new LruGenField(66442, 'e'), new LruGenField(0, 'p')), generations[1].Tiers[0].File);
        Assert.Equal(
            new LruGenCounters(new LruGenField(0, 'R'), new LruGenField(1983947, 'T'), new LruGenField(0, ' ')), generations[3].Tiers[3].File);
        Assert.Equal(
            [(1486579ul, 'L'), (0, 'O'), (1380614, 'Y'), (2945, 'N'), (2945, 'F'), (2734, 'A')],
            generations[3].Walk.Select(field => (field.Number, field.Letter)));
    }

    [Fact]
    public void Whatever_is_printed_is_read_as_it_was_meant() => Gen.ULong.Sample(seed =>
    {
        var dump = RandomDump.Of(seed);
        var read = LruGenDump.Parse(dump.Print());

        Assert.Equal(dump.Print(), read.Print());
        var (meant, got) = (Generations(dump), Generations(read));
        Assert.Equal(meant.Select(g => (g.Seq, g.AgeMs, g.Anon, g.File)), got.Select(g => (g.Seq, g.AgeMs, g.Anon, g.File)));
        Assert.Equal(meant.SelectMany(g => g.Tiers), got.SelectMany(g => g.Tiers));
        Assert.Equal(meant.SelectMany(g => g.Walk), got.SelectMany(g => g.Walk));
        Assert.Equal(dump.Memcgs.Select(memcg => (memcg.Id, memcg.Path)), read.Memcgs.Select(memcg => (memcg.Id, memcg.Path)));
    });

    [Fact]
    public void A_damaged_text_is_refused_with_its_place_or_still_printed_back_as_it_is() => Gen.ULong.Sample(seed =>
    {
        var random = new SplitMix64(seed);
        var text = RandomDump.Of(random.Next()).Print();
        var at = (int)random.Below((uint)text.Length);
        var character = " x0195rRTepLa\n/-·"[(int)random.Below(17)];
        var damaged = random.Below(3) switch
        {
            0 => text.Remove(at, 1),
            1 => text.Insert(at, character.ToString()),
            _ => text.Remove(at, 1).Insert(at, character.ToString()),
        };
        try
        {
            Assert.Equal(damaged, LruGenDump.Parse(damaged).Print());
        }
        catch (LruGenTextException e)
        {
            var lines = damaged.Split('\n');
            Assert.InRange(e.Line, 1, lines.Length);
            Assert.InRange(e.Column, 1, lines[e.Line - 1].Length + 1);
        }
    });

    [Fact]
    public void A_text_cut_anywhere_but_after_a_whole_lruvec_is_refused()
    {
        var text = SeedDumps.ThisPatch;
        for (var length = 0; length < text.TrimEnd('\n').LastIndexOf('\n'); length++)
        {
            Assert.Throws<LruGenTextException>(() => LruGenDump.Parse(text[..length]));
        }
    }

    [Fact]
    public void The_simulators_texts_are_read_and_the_short_one_has_the_generations_that_the_full_one_does_not_mark() =>
        TraceCases.MultiGen.Sample(test =>
        {
            var cgroup = test.Build();
            cgroup.Read(test.Trace);
            var full = LruGenText.Full(cgroup.Mglru, 3, "/A", 80_000_000);
            var brief = LruGenText.Short(cgroup.Mglru, 3, "/A", 80_000_000);

            Assert.Equal(full, LruGenDump.Parse(full).Print());
            Assert.Equal(brief, LruGenDump.Parse(brief).Print());
            var living = Generations(LruGenDump.Parse(full)).Where(generation => !generation.Anon.Gone || !generation.File.Gone);
            Assert.Equal(
                living.Select(g => (g.Seq, g.AgeMs, g.Anon.Pages, g.File.Pages)),
                Generations(LruGenDump.Parse(brief)).Select(g => (g.Seq, g.AgeMs, g.Anon.Pages, g.File.Pages)));
        });

    [Theory]
    [InlineData("", "line 1, column 1: expected 'memcg'; found the end of the line")]
    [InlineData("memcg     7 /a", "line 1, column 15: expected a newline; found the end of the line")]
    [InlineData("memcg     7 a\n", "line 1, column 13: expected the memcg's path, which starts with '/'; found 'a'")]
    [InlineData("memcg 7 /a\n", "line 1, column 7: expected the memcg's id to end 5 columns after column 6, without zeros in front; found '7'")]
    [InlineData("memcg 65536 /a\n", "line 1, column 7: expected the memcg's id, at most 65535; found '6'")]
    [InlineData("memcg     7 /a\n", "line 2, column 1: expected ' node'; found the end of the line")]
    [InlineData("memcg     7 /a\nnode     0\n", "line 2, column 1: expected ' node'; found 'n'")]
    [InlineData("memcg     7 /a\n node     0\n          x\n", "line 3, column 11: expected the generation's number, a number; found 'x'")]
    [InlineData(
        "memcg     7 /a\n node     0\n          1         40          0           0·\n",
        "line 3, column 46: expected the mark after file pages: a blank, 'x'; found '·'")]
    [InlineData(
        "memcg     7 /a\n node     0\n          1         40          0           0\n",
        "line 3, column 46: expected the mark after file pages: a blank, 'x'; found the end of the line")]
    [InlineData(
        "memcg     7 /a\n node     0\n          1         40          0           0 \n          3         40          0           0 \n",
        "line 4, column 2: expected generation 2 after 1, not 3")]
    [InlineData(
        "memcg     7 /a\n node     0\n          1         40          0x          0 \n",
        "line 4, column 1: expected the tiers of generation 1: lru_gen shows none that is marked; found the end of the line")]
    public void A_wrong_text_is_refused_with_line_and_column_and_what_was_expected(string text, string message) =>
        Assert.Equal(message, Assert.Throws<LruGenTextException>(() => LruGenDump.Parse(text)).Message);

    [Theory]
    [InlineData("3498607R", "3498607T", "line 22, column 70: expected a letter of counters of file pages: 'R', 'r', a blank, 'x'; found 'T'")]
    [InlineData("    2945F       2734A", "    2945F", "line 26, column 83: expected a blank; found the end of the line")]
    [InlineData("3498607R", "3498607r", "line 22, column 82: expected a letter of counters of file pages: 'e'; found 'T'")]
    [InlineData("1380614Y", "1380614A", "line 26, column 58: expected a letter of counters of page-table walks: 'Y'; found 'A'")]
    public void A_wrong_letter_is_named_with_those_that_could_stand_there(string right, string wrong, string message) =>
        Assert.Equal(message, Assert.Throws<LruGenTextException>(() =>
            LruGenDump.Parse(SeedDumps.ThisPatch.Replace(right, wrong, StringComparison.Ordinal))).Message);

    private static List<LruGenGeneration> Generations(LruGenDump dump) =>
        [.. dump.Memcgs.SelectMany(memcg => memcg.Nodes).SelectMany(node => node.Generations)];

    /// <summary>Every text of lru_gen or lru_gen_full, wherever it stands.</summary>
    private static IEnumerable<string> Texts(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Texts(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Texts),
        JsonValueKind.String when element.GetString()!.StartsWith("memcg ", StringComparison.Ordinal) => [element.GetString()!],
        _ => [],
    };
}
