using Reclaim.Model.Workloads;

namespace Reclaim.Model.Tests.Workloads;

/// <summary>Sequences drained for inspection, and the checksum that the real-kernel measurements give for theirs.</summary>
internal static class Sequence
{
    /// <summary>The next <paramref name="count"/> numbers, or all that are left, pulled in blocks of <paramref name="blockSize"/>.</summary>
    public static uint[] Take(this AccessSource source, int count, int blockSize = 4096)
    {
        var taken = new uint[count];
        var done = 0;
        while (done < count)
        {
            var got = source.Fill(taken.AsSpan(done, Math.Min(blockSize, count - done)));
            if (got == 0)
                break;
            done += got;
        }

        return taken[..done];
    }

    /// <summary>Everything up to the end of a sequence that has one.</summary>
    public static uint[] Drain(this AccessSource source, int blockSize = 4096) => source.Take((int)source.Length!.Value + 1, blockSize);

    /// <summary>FNV-1a 64 over the numbers as four little-endian bytes each.</summary>
    public static ulong Fnv1a64(ReadOnlySpan<uint> numbers)
    {
        var hash = 0xcbf29ce484222325;
        foreach (var number in numbers)
        {
            for (var shift = 0; shift < 32; shift += 8)
                hash = (hash ^ (number >> shift & 0xff)) * 0x100000001b3;
        }

        return hash;
    }
}
