using System.Text;
using Reclaim.Client.Traces;
using Xunit;

namespace Reclaim.Client.Tests.Traces;

public sealed class TraceFileTests : IDisposable
{
    private readonly TraceFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("raw")]
    [InlineData("gz")]
    [InlineData("zst")]
    public void Page_numbers_are_read_as_they_stand(string compression)
    {
        var pages = TraceFolder.Pages(100_000);
        var trace = Open(TraceFormat.U32, TraceFolder.U32(pages), compression);
        Assert.Equal(pages.Length, trace.Accesses);
        Assert.Equal(pages.Max() + 1L, trace.Pages);
        Assert.Equal(pages, All(trace));
        Assert.Equal(pages, All(trace));
    }

    [Theory]
    [InlineData("raw")]
    [InlineData("gz")]
    [InlineData("zst")]
    public void Ids_of_oracleGeneral_become_pages_in_order_of_appearance(string compression)
    {
        var trace = Open(TraceFormat.OracleGeneral, TraceFolder.OracleGeneral(900, ulong.MaxValue, 900, 3, ulong.MaxValue, 0), compression);
        Assert.Equal([0u, 1, 0, 2, 1, 3], All(trace));
        Assert.Equal(4, trace.Pages);
        Assert.Equal([0u, 1, 0, 2, 1, 3], All(trace));
    }

    [Fact]
    public void Many_records_of_oracleGeneral_cross_blocks()
    {
        var ids = TraceFolder.Pages(50_000).Select(page => page * 1000UL).ToArray();
        var first = new Dictionary<ulong, uint>();
        var expected = ids.Select(id => first.TryAdd(id, (uint)first.Count) ? (uint)first.Count - 1 : first[id]).ToArray();
        Assert.Equal(expected, All(Open(TraceFormat.OracleGeneral, TraceFolder.OracleGeneral(ids), "gz")));
    }

    [Theory]
    [InlineData("7\n9\n7\n", null, null, new uint[] { 0, 1, 0 })]
    [InlineData("id\n7\n9\n7\n", null, null, new uint[] { 0, 1, 0 })]
    [InlineData("a\nb\na\n", null, false, new uint[] { 0, 1, 0 })]
    [InlineData("7\r\n9\r\n\r\n7", null, null, new uint[] { 0, 1, 0 })]
    [InlineData("time,obj_id,size\n1,70,8\n2,90,8\n3,70,8\n", null, null, new uint[] { 0, 1, 0 })]
    [InlineData("1,70,8\n2,90,8\n3,70,8\n", "2", null, new uint[] { 0, 1, 0 })]
    [InlineData("t, key ,s\n1,70,8\n2,90,8\n3,70,8\n", "KEY", null, new uint[] { 0, 1, 0 })]
    [InlineData("# by hand\n1,\"a,b\",8\n2, \"a \"\"b\" ,8\n3,\"a,b\",8\n", "2", false, new uint[] { 0, 1, 0 })]
    [InlineData("0x1f\n0x20\n0x1f\n", null, null, new uint[] { 0, 1, 0 })]
    public void Ids_of_a_csv_become_pages_in_order_of_appearance(string text, string? column, bool? header, uint[] expected)
    {
        var trace = TraceFile.Open(
            _folder.Write("trace.csv", text), TraceFormat.Csv, options: new TraceOptions { Column = column, Header = header });
        Assert.Equal(expected, All(trace));
        Assert.Equal(2, trace.Pages);
    }

    [Fact]
    public void A_csv_may_have_another_delimiter_and_be_compressed()
    {
        var path = _folder.Write("trace.csv.zst", TraceFolder.Zstd("1;5\n2;6\n"u8.ToArray()));
        Assert.Equal([0u, 1], All(TraceFile.Open(path, TraceFormat.Csv, options: new TraceOptions { Delimiter = ';', Column = "2" })));
    }

    [Fact]
    public void A_csv_of_many_lines_is_read_to_its_end()
    {
        var pages = TraceFolder.Pages(60_000);
        var path = _folder.Write("trace.csv.gz", TraceFolder.Gzip(Encoding.UTF8.GetBytes(string.Join("\r\n", pages.Select((page, i) => $"{i},{page}")))));
        var first = new Dictionary<uint, uint>();
        var expected = pages.Select(page => first.TryAdd(page, (uint)first.Count) ? (uint)first.Count - 1 : first[page]).ToArray();
        Assert.Equal(expected, All(TraceFile.Open(path, TraceFormat.Csv, options: new TraceOptions { Column = "2" })));
    }

    [Fact]
    public void A_given_size_of_the_file_is_kept() =>
        Assert.Equal(1000, TraceFile.Open(_folder.Write("t.u32", TraceFolder.U32(1, 2, 3)), TraceFormat.U32, pages: 1000).Pages);

    [Fact]
    public void Gzip_members_one_after_the_other_are_one_trace()
    {
        var path = _folder.Write("t.u32.gz", [.. TraceFolder.Gzip(TraceFolder.U32(1, 2, 3)), .. TraceFolder.Gzip(TraceFolder.U32(4, 5))]);
        Assert.Equal([1u, 2, 3, 4, 5], All(TraceFile.Open(path, TraceFormat.U32)));
    }

    [Fact]
    public void An_empty_member_may_end_a_gzip_file()
    {
        byte[] end = [0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 0xFF, 6, 0, 0x42, 0x43, 2, 0, 0x1B, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        var path = _folder.Write("t.u32.gz", [.. TraceFolder.Gzip(TraceFolder.U32(1, 2, 3)), .. end]);
        Assert.Equal([1u, 2, 3], All(TraceFile.Open(path, TraceFormat.U32)));
    }

    [Fact]
    public void Page_numbers_that_look_like_gzip_are_page_numbers_under_a_name_that_says_so() =>
        Assert.Equal([0x00088B1Fu, 1], All(TraceFile.Open(_folder.Write("t.u32", TraceFolder.U32(0x00088B1F, 1)), TraceFormat.U32)));

    [Fact]
    public void Batches_are_the_blocks_as_bytes()
    {
        var pages = TraceFolder.Pages(10_000);
        var trace = TraceFile.Open(_folder.Write("t.u32", TraceFolder.U32(pages)), TraceFormat.U32);
        var batches = trace.Batches(4096).ToList();
        Assert.Equal([16384, 16384, 7232], batches.Select(batch => batch.Length));
        Assert.Equal(TraceFolder.U32(pages), batches.SelectMany(batch => batch.ToArray()));
    }

    private static uint[] All(TraceFile trace) => [.. trace.Blocks(777).SelectMany(block => block.ToArray())];

    private TraceFile Open(TraceFormat format, byte[] content, string compression) => compression switch
    {
        "gz" => TraceFile.Open(_folder.Write("trace.bin.gz", TraceFolder.Gzip(content)), format),
        "zst" => TraceFile.Open(_folder.Write("trace.bin.zst", TraceFolder.Zstd(content)), format),
        _ => TraceFile.Open(_folder.Write("trace.bin", content), format),
    };
}
