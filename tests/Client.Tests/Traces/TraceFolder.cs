using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using ZstdSharp;

namespace Reclaim.Client.Tests.Traces;

/// <summary>A folder of trace files that lives as long as a test.</summary>
public sealed class TraceFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("reclaim-traces-");

    public string Root => _folder.FullName;

    public string Missing(string name) => Path.Combine(Root, name);

    public string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(Root, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public void Dispose() => _folder.Delete(recursive: true);

    public static byte[] U32(params uint[] pages)
    {
        var bytes = new byte[pages.Length * 4];
        for (var i = 0; i < pages.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), pages[i]);
        return bytes;
    }

    public static byte[] OracleGeneral(params ulong[] ids)
    {
        var bytes = new byte[ids.Length * 24];
        for (var i = 0; i < ids.Length; i++)
        {
            var record = bytes.AsSpan(i * 24, 24);
            BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)i);
            BinaryPrimitives.WriteUInt64LittleEndian(record[4..], ids[i]);
            BinaryPrimitives.WriteUInt32LittleEndian(record[12..], 4096);
            BinaryPrimitives.WriteInt64LittleEndian(record[16..], -1);
        }

        return bytes;
    }

    public static byte[] Gzip(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            gzip.Write(content);
        return compressed.ToArray();
    }

    public static byte[] Zstd(byte[] content)
    {
        using var compressor = new Compressor();
        return compressor.Wrap(content).ToArray();
    }

    /// <summary>Pages without a pattern, so that compressed data is about as long.</summary>
    public static uint[] Pages(int count)
    {
        var pages = new uint[count];
        var state = 12345u;
        for (var i = 0; i < count; i++)
            pages[i] = (state = state * 1664525 + 1013904223) >> 12;
        return pages;
    }
}
