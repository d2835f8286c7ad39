using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using ZstdSharp;

namespace Reclaim.Grains.Snapshots;

/// <summary>
/// The state of a simulation as bytes: a head that says with what it was taken, a checksum, and the compressed graph of its objects.
/// </summary>
/// <remarks>
/// Layout: 8 bytes of name, length of the version (4 bytes) and its text, 16 bytes of XXH128 over version and content, content (Zstandard). Integers are little-endian.
/// Only the build that wrote a snapshot can read it, since it holds the state of the model's objects as they are.
/// </remarks>
public static class Snapshot
{
    private const int CompressionLevel = 1;
    private const int HashBytes = 16;
    private const int MaxVersion = 4096;

    private static ReadOnlySpan<byte> Name => "RECLAIM1"u8;

    /// <summary>Takes one. Nothing may change meanwhile.</summary>
    /// <exception cref="SnapshotException">Something in it cannot be in a snapshot.</exception>
    public static byte[] Take(object state)
    {
        var version = Encoding.UTF8.GetBytes(SnapshotTypes.Version);
        using var result = new MemoryStream();
        result.Write(Name);
        result.Write(Int32(version.Length));
        result.Write(version);
        var hashAt = (int)result.Position;
        result.Write(new byte[HashBytes]);
        using (var compressed = new CompressionStream(result, CompressionLevel, leaveOpen: true))
        using (var buffered = new BufferedStream(compressed, 1 << 16))
        {
            new SnapshotWriter(buffered).Graph(state);
        }

        var bytes = result.ToArray();
        Hash(version, bytes.AsSpan(hashAt + HashBytes), bytes.AsSpan(hashAt, HashBytes));
        return bytes;
    }

    /// <summary>Makes the objects of a snapshot again.</summary>
    /// <exception cref="SnapshotException">It is damaged, of another build, or none at all.</exception>
    public static T Restore<T>(ReadOnlyMemory<byte> snapshot)
        where T : class
    {
        var content = Content(snapshot.Span, out var at);
        try
        {
            using var stream = new MemoryStream(snapshot[at..].ToArray(), writable: false);
            using var decompressed = new DecompressionStream(stream);
            using var buffered = new BufferedStream(decompressed, 1 << 16);
            return new SnapshotReader(buffered).Graph() as T ?? throw new SnapshotException($"it is no {typeof(T).Name}");
        }
        catch (Exception e) when (e is IOException or ZstdException or ArgumentException or OverflowException or OutOfMemoryException or InvalidCastException)
        {
            throw new SnapshotException($"a snapshot of {content} bytes cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Whether a snapshot is whole and of this build.</summary>
    /// <exception cref="SnapshotException">It is not; the message says why.</exception>
    public static void Check(ReadOnlySpan<byte> snapshot) => Content(snapshot, out _);

    private static int Content(ReadOnlySpan<byte> snapshot, out int at)
    {
        if (snapshot.Length < Name.Length + sizeof(int) || !snapshot.StartsWith(Name))
        {
            throw new SnapshotException("it is not a snapshot");
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(snapshot[Name.Length..]);
        at = Name.Length + sizeof(int) + length + HashBytes;
        if (length is < 0 or > MaxVersion || at > snapshot.Length)
        {
            throw new SnapshotException("it is damaged: its head is cut off");
        }

        var version = snapshot.Slice(Name.Length + sizeof(int), length);
        Span<byte> hash = stackalloc byte[HashBytes];
        Hash(version, snapshot[at..], hash);
        if (!hash.SequenceEqual(snapshot.Slice(at - HashBytes, HashBytes)))
        {
            throw new SnapshotException("it is damaged: its checksum does not fit its content");
        }

        return Encoding.UTF8.GetString(version) == SnapshotTypes.Version
            ? snapshot.Length - at
            : throw new SnapshotException("it was taken by another build of the program, or on another version of .NET");
    }

    private static void Hash(ReadOnlySpan<byte> version, ReadOnlySpan<byte> content, Span<byte> hash)
    {
        var sum = new XxHash128();
        sum.Append(version);
        sum.Append(content);
        sum.GetCurrentHash(hash);
    }

    private static byte[] Int32(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
