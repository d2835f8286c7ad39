using System.IO.Compression;
using ZstdSharp;

namespace Reclaim.Client.Traces;

/// <summary>
/// The bytes of a trace file, decompressed where its name or its first bytes say so. Whatever goes wrong below comes out as a
/// <see cref="TraceException"/>.
/// </summary>
internal sealed class TraceContent : Stream
{
    private readonly string _path;
    private readonly FileStream _file;
    private readonly Stream _content;
    private readonly Compression _compression;
    private readonly long _limit;
    private GzipEnd? _end;
    private long _position;

    private TraceContent(string path, FileStream file, Compression compression, long limit, bool verify)
    {
        _path = path;
        _file = file;
        _compression = compression;
        _limit = compression == Compression.None ? long.MaxValue : limit;
        _content = compression switch
        {
            Compression.Gzip => new GZipStream(file, CompressionMode.Decompress, leaveOpen: true),
            Compression.Zstd => new DecompressionStream(file, leaveOpen: true),
            _ => file,
        };
        _end = verify && compression == Compression.Gzip ? new GzipEnd(file) : null;
    }

    private enum Compression
    {
        None,
        Gzip,
        Zstd,
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <param name="path">The file.</param>
    /// <param name="limit">Most bytes that may come out of a compressed file.</param>
    /// <param name="verify">Whether to make sure at the end that gzip data is complete, which the decompressor does not.</param>
    public static TraceContent Open(string path, long limit, bool verify)
    {
        var file = OpenFile(path);
        try
        {
            return new TraceContent(path, file, Detect(path, file), limit, verify);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        var count = ReadContent(buffer);
        _position += count;
        if (_position > _limit)
            throw new TraceException(_path, $"becomes more than the {_limit} bytes that a compressed trace may");
        if (count > 0)
            _end?.Append(buffer[..count]);
        else
            CheckEnd();
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content.Dispose();
            _file.Dispose();
        }

        base.Dispose(disposing);
    }

    private static FileStream OpenFile(string path)
    {
        if (Directory.Exists(path))
            throw new TraceException(path, "is a directory, not a trace file");
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            if (file.CanSeek)
                return file;
            file.Dispose();
            throw new TraceException(path, "is not a regular file: a trace is read twice");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TraceException(path, "there is no such file", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new TraceException(path, "no permission to read it", error);
        }
        catch (Exception error) when (error is IOException or ArgumentException or NotSupportedException)
        {
            throw new TraceException(path, $"cannot be opened: {error.Message}", error);
        }
    }

    private static Compression Detect(string path, FileStream file)
    {
        Span<byte> start = stackalloc byte[4];
        var count = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        if (count == 0)
            throw new TraceException(path, "is empty");

        start = start[..count];
        var extension = Path.GetExtension(path).ToUpperInvariant();
        var gzip = start.StartsWith<byte>([0x1F, 0x8B, 0x08]);
        var zstd = start.SequenceEqual<byte>([0x28, 0xB5, 0x2F, 0xFD]);
        if (extension == ".GZ" && !gzip)
            throw new TraceException(path, "is called .gz but is not gzip data");
        if (extension is ".ZST" or ".ZSTD" && !zstd)
            throw new TraceException(path, "is called .zst but is not zstd data");
        if (zstd)
            return Compression.Zstd;

        // Three bytes may as well be a page number where the name promises page numbers.
        return gzip && extension is not (".U32" or ".BIN") ? Compression.Gzip : Compression.None;
    }

    private int ReadContent(Span<byte> buffer)
    {
        try
        {
            return _content.Read(buffer);
        }
        catch (InvalidDataException error)
        {
            throw new TraceException(_path, $"the gzip data is corrupt after {_position} bytes of content", error);
        }
        catch (EndOfStreamException error)
        {
            throw new TraceException(_path, $"the {Name} data is truncated after {_position} bytes of content", error);
        }
        catch (ZstdException error)
        {
            throw new TraceException(_path, $"the zstd data is corrupt after {_position} bytes of content: {error.Message}", error);
        }
        catch (IOException error)
        {
            throw new TraceException(_path, $"cannot be read on after {_position} bytes of content: {error.Message}", error);
        }
    }

    private void CheckEnd()
    {
        if (_end is not null && !_end.IsReached())
            throw new TraceException(_path, $"the gzip data is truncated or damaged: its end does not fit the {_position} bytes of content before it");
        _end = null;
    }

    private string Name => _compression == Compression.Gzip ? "gzip" : "zstd";
}
