using System.Buffers.Binary;
using System.IO.Compression;

namespace Reclaim.Client.Traces;

/// <summary>
/// Tells whether gzip data was complete. .NET's decompressor checks each member that it sees the end of, but takes data that just stops for
/// a shorter file. The last eight bytes of a file that is complete are the CRC-32 and the length of its last member's content (RFC 1952).
/// </summary>
internal sealed class GzipEnd
{
    private const int TrailerLength = 8;

    private readonly string _path;
    private readonly uint _expectedCrc;
    private readonly uint _expectedLength;
    private readonly bool _endsEmpty;
    private Crc32 _crc;
    private long _length;

    /// <param name="file">The compressed file; its position does not move.</param>
    public GzipEnd(FileStream file)
    {
        _path = file.Name;
        Span<byte> end = stackalloc byte[TrailerLength + 2];
        var count = (int)Math.Min(end.Length, file.Length);
        RandomAccess.Read(file.SafeFileHandle, end[..count], file.Length - count);
        _expectedCrc = BinaryPrimitives.ReadUInt32LittleEndian(end[^8..]);
        _expectedLength = BinaryPrimitives.ReadUInt32LittleEndian(end[^4..]);

        // An empty last member, as block gzip has it: a final block without anything.
        _endsEmpty = end.SequenceEqual<byte>([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    public void Append(ReadOnlySpan<byte> content)
    {
        _crc.Append(content);
        _length += content.Length;
    }

    /// <summary>Whether all that was appended ends as the file's last bytes say.</summary>
    public bool IsReached()
    {
        if (_expectedLength == 0 && _endsEmpty)
            return true;
        if (_length > 0 && _expectedLength == (uint)_length && _expectedCrc == _crc.Value)
            return true;

        // Several members: the last one's content is the last _expectedLength bytes (members beyond 4 GiB aside).
        return _expectedLength > 0 && _expectedLength < _length && CrcFrom(_length - _expectedLength) == _expectedCrc;
    }

    private uint CrcFrom(long start)
    {
        using var content = new GZipStream(File.OpenRead(_path), CompressionMode.Decompress);
        var crc = default(Crc32);
        var buffer = new byte[1 << 16];
        long position = 0;
        while (content.Read(buffer) is var count and > 0)
        {
            var skip = (int)Math.Clamp(start - position, 0, count);
            crc.Append(buffer.AsSpan(skip, count - skip));
            position += count;
        }

        return crc.Value;
    }
}
