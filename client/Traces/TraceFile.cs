using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Reclaim.Client.Traces;

/// <summary>
/// A recorded trace on disk. Opening reads it once from end to end, so that its length and size are known and everything that may be wrong
/// with it is found before a run begins; the pages are then streamed in blocks, and the file is never in memory as a whole.
/// </summary>
internal sealed class TraceFile
{
    /// <summary>Accesses in a block: what goes into one message to a memcg.</summary>
    public const int BlockSize = 16 * 1024;

    /// <summary>Largest size of a file: page numbers have 31 bits.</summary>
    public const long MaxPages = 1L << 31;

    private readonly TraceOptions _options;

    private TraceFile(string path, TraceFormat format, long pages, TraceOptions options)
    {
        Path = path;
        Format = format;
        Pages = pages;
        _options = options;
    }

    public string Path { get; }

    public TraceFormat Format { get; }

    /// <summary>Number of accesses.</summary>
    public long Accesses { get; private set; }

    /// <summary>Size of the accessed file in pages: as given, or as far as the trace goes.</summary>
    public long Pages { get; private set; }

    /// <param name="path">The trace.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="pages">Size of the accessed file in pages, or null: up to the last page accessed.</param>
    /// <param name="options">What else there is to say.</param>
    /// <exception cref="TraceException">The file cannot be read, is damaged or not of the format, has no access, or one beyond <paramref name="pages"/>.</exception>
    public static TraceFile Open(string path, TraceFormat format, long? pages = null, TraceOptions? options = null)
    {
        if (pages is < 1 or > MaxPages)
            throw new TraceException(path, $"pages must be 1 to {MaxPages}, not {pages}");

        var trace = new TraceFile(path, format, pages ?? MaxPages, options ?? TraceOptions.Default);
        long accesses = 0;
        uint last = 0;
        foreach (var block in trace.Read(BlockSize, verify: true))
        {
            accesses += block.Length;
            foreach (var page in block.Span)
                last = Math.Max(last, page);
        }

        if (accesses == 0)
            throw new TraceException(path, "has no accesses");
        trace.Accesses = accesses;
        trace.Pages = pages ?? last + 1L;
        return trace;
    }

    /// <summary>The pages in order. A block holds until the next is asked for.</summary>
    /// <exception cref="TraceException">The file has changed since it was opened, or cannot be read any more.</exception>
    public IEnumerable<ReadOnlyMemory<uint>> Blocks(int blockSize = BlockSize)
    {
        long accesses = 0;
        foreach (var block in Read(blockSize, verify: false))
        {
            accesses += block.Length;
            if (accesses > Accesses)
                throw new TraceException(Path, $"has grown beyond the {Accesses} accesses it had when it was opened");
            yield return block;
        }

        if (accesses != Accesses)
            throw new TraceException(Path, $"has shrunk from {Accesses} to {accesses} accesses since it was opened");
    }

    /// <summary>The pages in order as little-endian bytes, a new array for each block: ready to be sent.</summary>
    /// <exception cref="TraceException">As for <see cref="Blocks"/>.</exception>
    public IEnumerable<ReadOnlyMemory<byte>> Batches(int blockSize = BlockSize)
    {
        foreach (var block in Blocks(blockSize))
            yield return ToLittleEndian(block.Span);
    }

    private static byte[] ToLittleEndian(ReadOnlySpan<uint> pages)
    {
        var bytes = MemoryMarshal.AsBytes(pages).ToArray();
        if (!BitConverter.IsLittleEndian)
        {
            var numbers = MemoryMarshal.Cast<byte, uint>(bytes.AsSpan());
            BinaryPrimitives.ReverseEndianness(numbers, numbers);
        }

        return bytes;
    }

    private IEnumerable<ReadOnlyMemory<uint>> Read(int blockSize, bool verify)
    {
        using var content = TraceContent.Open(Path, _options.MaxDecompressedBytes, verify);
        using TraceReader reader = Format switch
        {
            TraceFormat.U32 => new U32Reader(Path, content),
            TraceFormat.OracleGeneral => new OracleGeneralReader(Path, content),
            TraceFormat.Csv => new CsvReader(Path, content, _options),
            _ => throw new TraceException(Path, $"format {Format} is not known"),
        };
        var block = new uint[blockSize];
        long accesses = 0;
        while (reader.Read(block) is var count and > 0)
        {
            Check(block.AsSpan(0, count), accesses);
            accesses += count;
            yield return block.AsMemory(0, count);
        }
    }

    private void Check(ReadOnlySpan<uint> block, long first)
    {
        for (var i = 0; i < block.Length; i++)
        {
            if (block[i] >= Pages)
                throw new TraceException(Path, $"access {first + i} is to page {block[i]}, but the file has only {Pages} pages (0 to {Pages - 1})");
        }
    }
}
