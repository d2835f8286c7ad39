using Xunit;

namespace Reclaim.Client.Tests;

/// <summary><c>reclaim lru-gen</c> on the two texts of lru_gen_full in the thread of December 2023, and on what is no such text.</summary>
public sealed class LruGenTests : IDisposable
{
    private const string Short =
        "memcg     2 /lab\n"
        + " node     0\n"
        + "          0        300          0           0 \n"
        + "          1        300          0        1024 \n"
        + "memcg     3 /lab/A\n"
        + " node     0\n"
        + "          4        292          3           0 \n"
        + "          5        200          0           0 \n";

    private readonly string _folder = Directory.CreateTempSubdirectory("reclaim-lru-gen").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_shows_sizes_ages_and_tiers_with_the_series()
    {
        var (status, output, error) = await Reclaim("", "lru-gen", Dump("this-patch"));

        Assert.Equal((0, ""), (status, error));
        var rows = Rows(output);
        Assert.StartsWith("memcg 86 /system.slice/docker-1c3a", rows[0], StringComparison.Ordinal);
        Assert.EndsWith(".scope, node 0", rows[0], StringComparison.Ordinal);
        Assert.Contains("generation age s anon MiB % of anon file MiB % of file", rows);
        Assert.Contains("1 948.187 gone gone", rows);
        Assert.Contains("2 948.187 0.0 0.0 23639.8 99.9", rows);
        Assert.Contains("4 73.045 92.1 1.7 0.0 0.0", rows);
        Assert.Contains("file 3 71.1% 91.7% 87.7% 0.0% none", rows);
    }

    [Fact]
    public async Task With_the_RFC_every_tier_above_0_is_protected()
    {
        var (status, output, _) = await Reclaim("", "lru-gen", Dump("rfc"));

        Assert.Equal(0, status);
        Assert.Contains("file 0 0.0% 50.6% 0.0% 0.0% tiers 1 to 3", Rows(output));
    }

    [Fact]
    public async Task By_the_rules_of_v6_14_tiers_are_protected_at_half_again_the_refaults_of_tier_0()
    {
        // Tier 1 refaults 1.76 times as much as tier 0 here.
        var text = File.ReadAllText(Dump("this-patch"));
        var changed = Path.Combine(_folder, "dump");
        File.WriteAllText(changed, text.Replace("3498607R", "2554324R", StringComparison.Ordinal));

        Assert.Contains("file 3 52.0% 91.7% 87.7% 0.0% none", Rows((await Reclaim("", "lru-gen", changed, "--variant", "v6.8")).Out));
        Assert.Contains("file 0 52.0% 91.7% 87.7% 0.0% tiers 1 to 3", Rows((await Reclaim("", "lru-gen", changed, "--variant", "v6.14")).Out));
    }

    [Fact]
    public async Task A_kernel_that_does_not_exist_is_refused()
    {
        var (status, _, error) = await Reclaim("", "lru-gen", Dump("rfc"), "--variant", "v6.41");

        Assert.Equal((2, "--variant: no variant 'v6.41'; did you mean 'v6.14'?"), (status, error.Trim()));
    }

    [Fact]
    public async Task The_short_text_comes_from_standard_input_and_has_no_tiers()
    {
        var (status, output, error) = await Reclaim(Short, "lru-gen", "-");

        Assert.Equal((0, ""), (status, error));
        Assert.Equal(
            [
                "memcg 2 /lab, node 0", "generation age s anon MiB % of anon file MiB % of file",
                "0 0.300 0.0 - 0.0 0.0", "1 0.300 0.0 - 4.0 100.0",
                "memcg 3 /lab/A, node 0", "generation age s anon MiB % of anon file MiB % of file",
                "4 0.292 0.0 100.0 0.0 -", "5 0.200 0.0 0.0 0.0 -",
            ],
            Rows(output));
    }

    [Fact]
    public async Task Raw_prints_the_text_back_to_the_last_byte()
    {
        var text = File.ReadAllText(Dump("this-patch"));

        Assert.Equal((0, text, ""), await Reclaim("", "lru-gen", Dump("this-patch"), "--raw"));
        Assert.Equal((0, text, ""), await Reclaim(text, "lru-gen", "--raw", "-"));
    }

    [Fact]
    public async Task A_wrong_text_is_status_2_with_the_place_and_prints_nothing_else()
    {
        var file = Path.Combine(_folder, "cut");
        File.WriteAllText(file, Short[..^2]);

        Assert.Equal(
            (2, "", $"{file}: line 8, column 46: expected the mark after file pages: a blank; found the end of the line\n"),
            await Reclaim("", "lru-gen", file, "--raw"));
        Assert.Equal(
            (2, "", "standard input: line 1, column 1: expected 'memcg'; found the end of the line\n"), await Reclaim("", "lru-gen", "-"));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named() =>
        Assert.Equal((2, "", "no-such-file: no such file\n"), await Reclaim("", "lru-gen", "no-such-file"));

    private static string Dump(string name) => Path.Combine(AppContext.BaseDirectory, "LruGenFiles", name + ".lru_gen_full");

    private static List<string> Rows(string output) =>
        [.. output.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Where(line => line.Length > 0)];

    private static async Task<(int Status, string Out, string Error)> Reclaim(string input, params string[] args)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        var status = await Cli.InvokeAsync(
            args, new Terminal(output, error) { In = new StringReader(input) }, new CannedEngine().Engine, CancellationToken.None);
        return (status, output.ToString(), error.ToString());
    }
}
