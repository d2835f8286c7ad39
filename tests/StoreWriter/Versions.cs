using System.Runtime.InteropServices;

namespace Reclaim.StoreWriter;

/// <summary>Contents that tell their version, and whether they are whole: the version over and over, as often as it says.</summary>
public static class Versions
{
    private const int Least = 1 << 20;

    /// <summary>From 4 to 9 MiB, so that parts of two versions differ in length, too.</summary>
    public static byte[] Content(int version)
    {
        var words = new int[Words(version)];
        Array.Fill(words, version);
        return MemoryMarshal.AsBytes<int>(words).ToArray();
    }

    /// <summary>The version of a content.</summary>
    /// <returns>-1 for what is none: parts of several, or a part of one.</returns>
    public static int Of(ReadOnlyMemory<byte> content)
    {
        if (content.Length < sizeof(int) || content.Length % sizeof(int) != 0)
        {
            return -1;
        }

        var words = MemoryMarshal.Cast<byte, int>(content.Span);
        return words.Length == Words(words[0]) && !words.ContainsAnyExcept(words[0]) ? words[0] : -1;
    }

    private static int Words(int version) => Least + (version % 6 * (Least / 4));
}
