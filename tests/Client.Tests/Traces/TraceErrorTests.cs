using Reclaim.Client.Traces;
using Xunit;

namespace Reclaim.Client.Tests.Traces;

public sealed class TraceErrorTests : IDisposable
{
    private readonly TraceFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_is_not_there() => Refuses(_folder.Missing("none.u32"), "no such file");

    [Fact]
    public void A_folder_that_is_not_there() => Refuses(Path.Combine(_folder.Missing("none"), "none.u32"), "no such file");

    [Fact]
    public void A_directory() => Refuses(_folder.Root, "is a directory");

    [Fact]
    public void A_path_that_is_none() => Refuses("a\0b", "cannot be opened");

    [Fact]
    public void A_file_without_permission()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess || OperatingSystem.IsWindows(), "permissions do not bind this user");
        var path = _folder.Write("secret.u32", TraceFolder.U32(1));
#pragma warning disable CA1416 // skipped on Windows
        File.SetUnixFileMode(path, UnixFileMode.None);
#pragma warning restore CA1416
        Refuses(path, "no permission");
    }

    [Fact]
    public void A_device() => Refuses("/dev/null", "");

    [Fact]
    public void An_empty_file()
    {
        Refuses(_folder.Write("empty.u32", []), "is empty");
        Refuses(_folder.Write("empty.u32.gz", []), "is empty");
    }

    [Fact]
    public void Nothing_inside_a_compressed_file()
    {
        byte[] nothing = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        Refuses(_folder.Write("nothing.u32.gz", nothing), "no accesses");
        Refuses(_folder.Write("nothing.u32.zst", TraceFolder.Zstd([])), "no accesses");
    }

    [Fact]
    public void A_length_that_is_not_a_multiple_of_four()
    {
        Refuses(_folder.Write("odd.u32", [1, 0, 0, 0, 2]), "5 bytes of content are not a multiple of four");
        Refuses(_folder.Write("odd.u32.gz", TraceFolder.Gzip([1, 0, 0, 0, 2, 3])), "6 bytes of content are not a multiple of four");
    }

    [Fact]
    public void Names_that_promise_another_compression()
    {
        Refuses(_folder.Write("t.u32.gz", TraceFolder.U32(1, 2)), "is not gzip");
        Refuses(_folder.Write("t.u32.zst", TraceFolder.U32(1, 2)), "is not zstd");
    }

    [Fact]
    public void Gzip_data_cut_short_anywhere()
    {
        var gzip = TraceFolder.Gzip(TraceFolder.U32(TraceFolder.Pages(3000)));
        for (var length = 3; length < gzip.Length; length += length < 40 || length > gzip.Length - 40 ? 1 : 331)
            Refuses(_folder.Write("cut.u32.gz", gzip[..length]), "gzip");
    }

    [Fact]
    public void The_second_of_two_gzip_members_cut_short()
    {
        var first = TraceFolder.Gzip(TraceFolder.U32(TraceFolder.Pages(1000)));
        var second = TraceFolder.Gzip(TraceFolder.U32(TraceFolder.Pages(2000)));
        foreach (var length in new[] { second.Length / 2, second.Length - 8, second.Length - 1 })
            Refuses(_folder.Write("cut.u32.gz", [.. first, .. second[..length]]), "gzip");
    }

    [Fact]
    public void Corrupt_gzip_data()
    {
        var gzip = TraceFolder.Gzip(TraceFolder.U32(TraceFolder.Pages(3000)));
        gzip[gzip.Length / 2] ^= 0x55;
        Refuses(_folder.Write("bad.u32.gz", gzip), "gzip data is");
    }

    [Fact]
    public void Zstd_data_cut_short_anywhere()
    {
        var zstd = TraceFolder.Zstd(TraceFolder.U32(TraceFolder.Pages(3000)));
        for (var length = 4; length < zstd.Length; length += length < 40 || length > zstd.Length - 40 ? 1 : 331)
            Refuses(_folder.Write("cut.u32.zst", zstd[..length]), "zstd data is truncated");
    }

    [Fact]
    public void Corrupt_zstd_data() =>
        Refuses(_folder.Write("bad.u32.zst", [.. TraceFolder.Zstd(TraceFolder.U32(1, 2)), 1, 2, 3, 4, 5, 6]), "zstd data is corrupt");

    [Fact]
    public void Compressed_data_that_becomes_too_much()
    {
        var limited = new TraceOptions { MaxDecompressedBytes = 1 << 20 };
        var zeros = new byte[(1 << 20) + 4];
        Refuses(_folder.Write("bomb.u32.gz", TraceFolder.Gzip(zeros)), "more than the 1048576 bytes", options: limited);
        Refuses(_folder.Write("bomb.u32.zst", TraceFolder.Zstd(zeros)), "more than the 1048576 bytes", options: limited);
        Assert.Equal(1 << 18, TraceFile.Open(_folder.Write("fits.u32.gz", TraceFolder.Gzip(zeros[4..])), TraceFormat.U32, options: limited).Accesses);
        Assert.Equal((1 << 18) + 1, TraceFile.Open(_folder.Write("raw.u32", zeros), TraceFormat.U32, options: limited).Accesses);
    }

    [Fact]
    public void A_page_beyond_the_file()
    {
        var pages = TraceFolder.Pages(20_000);
        pages[17_000] = 1 << 25;
        Refuses(_folder.Write("far.u32", TraceFolder.U32(pages)), "access 17000 is to page 33554432, but the file has only 1048576 pages", pages: 1 << 20);
        Refuses(_folder.Write("huge.u32", TraceFolder.U32(0, 0x80000000)), "access 1 is to page 2147483648");
        Refuses(_folder.Write("ids.bin", TraceFolder.OracleGeneral(5, 6, 5, 7)), "access 3 is to page 2", TraceFormat.OracleGeneral, pages: 2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData((1L << 31) + 1)]
    public void A_file_of_no_size_or_too_large(long pages) => Refuses(_folder.Write("t.u32", TraceFolder.U32(0)), "pages must be", pages: pages);

    [Fact]
    public void A_record_of_oracleGeneral_cut_short()
    {
        var records = TraceFolder.OracleGeneral(5, 6, 5);
        Refuses(_folder.Write("cut.bin", records[..^5]), "record 2 is cut short after 19", TraceFormat.OracleGeneral);
    }

    [Theory]
    [InlineData("1,7\n2,8\n3\n", "2", "line 3: has 1 columns, but the ids are in column 2")]
    [InlineData("1,7\n2,\n", "2", "line 2: column 2 is empty")]
    [InlineData("1,7\n2,\"8\n", "2", "line 2: a quote is not closed")]
    [InlineData("1,7\n2,\"8\"x\n", "2", "line 2: 'x' follows a closing quote")]
    [InlineData("1,7\n", "3", "line 1: there is no column 3")]
    [InlineData("a,b\n1,7\n", "c", "line 1: there is no column 'c' among a, b")]
    [InlineData("1,7\n", null, "line 1: the line has 2 columns")]
    [InlineData("\n\n", null, "no accesses")]
    [InlineData("obj_id\n", null, "no accesses")]
    public void A_bad_line_of_a_csv(string text, string? column, string problem) =>
        Refuses(_folder.Write("t.csv", text), problem, TraceFormat.Csv, options: new TraceOptions { Column = column });

    [Fact]
    public void A_line_of_a_csv_without_an_end() =>
        Refuses(_folder.Write("t.csv", "7\n" + new string('8', 70_000)), "line 2: is longer than 65536 characters", TraceFormat.Csv);

    [Fact]
    public void A_file_that_changes_after_it_was_opened()
    {
        var path = _folder.Write("t.u32", TraceFolder.U32(1, 2, 3));
        var trace = TraceFile.Open(path, TraceFormat.U32);
        _folder.Write("t.u32", TraceFolder.U32(1, 2));
        Assert.Contains("shrunk", Assert.Throws<TraceException>(() => trace.Blocks().Count()).Message, StringComparison.Ordinal);
        _folder.Write("t.u32", TraceFolder.U32(1, 2, 3, 0));
        Assert.Contains("grown", Assert.Throws<TraceException>(() => trace.Blocks().Count()).Message, StringComparison.Ordinal);
    }

    private static void Refuses(
        string path, string problem, TraceFormat format = TraceFormat.U32, long? pages = null, TraceOptions? options = null)
    {
        var error = Assert.Throws<TraceException>(() => TraceFile.Open(path, format, pages, options));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
