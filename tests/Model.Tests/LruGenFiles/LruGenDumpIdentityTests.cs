using Reclaim.Model.LruGenFiles;
using Reclaim.Model.MultiGen;
using Reclaim.Model.Tests.Memcg;
using CsCheck;
using Xunit;

namespace Reclaim.Model.Tests.LruGenFiles;

/// <summary>What was parsed prints as the text it was parsed from.</summary>
public class LruGenDumpIdentityTests
{
    public static TheoryData<string> Measured() => [.. LruGenTexts.Measured()];

    public static TheoryData<string> Published() => [.. LruGenTexts.Published];

    [Theory, MemberData(nameof(Measured))]
    public void Every_lru_gen_full_of_a_real_kernel_prints_as_it_was(string name)
    {
        var text = LruGenTexts.FullOf(name);
        var dump = LruGenDump.Parse(text);

        Assert.Equal(text, dump.Print());
        Assert.All(Generations(dump), generation => Assert.Equal(LruGenTier.Count, generation.Tiers.Length));
        Assert.All(Generations(dump), generation => Assert.Equal(name.StartsWith("v6.1.", StringComparison.Ordinal) ? 6 : 4, generation.Walk.Length));
    }

    [Theory, MemberData(nameof(Measured))]
    public void Every_lru_gen_of_a_real_kernel_prints_as_it_was(string name)
    {
        var texts = LruGenTexts.SeriesOf(name);

        Assert.NotEmpty(texts);
        Assert.All(texts, text =>
        {
            var dump = LruGenDump.Parse(text);
            Assert.Equal(text, dump.Print());
            Assert.All(Generations(dump), generation => Assert.True(generation.Tiers.IsEmpty && generation.Walk.IsEmpty));
        });
    }

    [Theory, MemberData(nameof(Published))]
    public void The_published_dumps_print_as_they_were(string name)
    {
        var text = LruGenTexts.OfPublished(name);

        Assert.Equal(text, LruGenDump.Parse(text).Print());
    }

    [Fact]
    public void What_the_model_prints_is_parsed_and_prints_as_it_was() => TraceCases.MultiGen.Sample(test =>
    {
        var cgroup = test.Build();
        cgroup.Read(test.Trace);
        var text = LruGenText.Full(cgroup.Mglru, 7, "/bench", 12_040_000_000);
        var dump = LruGenDump.Parse(text);

        Assert.Equal(text, dump.Print());
        var memcg = Assert.Single(dump.Memcgs);
        Assert.Equal((7ul, "/bench"), (memcg.Id, memcg.Path));
        Assert.Equal(cgroup.Mglru.MaxSeq, Assert.Single(memcg.Nodes).Generations[^1].Seq);
    });

    [Theory]
    [InlineData("", 0)]
    [InlineData("memcg     0 \n node     0\n          0         16          0           1 \n", 1)]
    [InlineData("memcg 65535 / a path \n node     0\n          0         16          0           1 \n node     1\n          7          4          0           1 \n", 1)]
    [InlineData("memcg     1 /\n node     0\n 12345678901         16 123456789012  18446744073709551615x\n", 1)]
    public void Nothing_no_memcg_support_many_nodes_and_long_numbers_print_as_they_were(string text, int memcgs)
    {
        var dump = LruGenDump.Parse(text);

        Assert.Equal(memcgs, dump.Memcgs.Length);
        Assert.Equal(text, dump.Print());
    }

    [Fact]
    public void A_kernel_that_cannot_walk_page_tables_prints_no_row_of_walks()
    {
        var rows = LruGenTexts.OfPublished("rfc-v4").Split('\n').Where(line => !line.StartsWith(new string(' ', 23), StringComparison.Ordinal));
        var text = string.Join('\n', rows);
        var dump = LruGenDump.Parse(text);

        Assert.Equal(text, dump.Print());
        Assert.All(Generations(dump), generation => Assert.Empty(generation.Walk));
    }

    private static IEnumerable<LruGenGeneration> Generations(LruGenDump dump) =>
        dump.Memcgs.SelectMany(memcg => memcg.Nodes).SelectMany(node => node.Generations);
}
