using System.Text;

namespace Reclaim.Model.Workloads.Fio;

/// <summary>
/// Seeds of a job's generators, as fio (3.35 and later) derives them from <c>randseed</c>, the number of the job
/// and, for the distributions, the name of the file.
/// </summary>
internal readonly struct FioSeeds
{
    private const ulong Step = 0x9E370001;
    private const int StepsBefore = 4;
    private const int MixIndex = 4;
    private const int BlockIndex = 6;
    private const int ZoneIndex = 16;

    public FioSeeds(ulong randSeed, uint threadNumber, string fileName)
    {
        var seed = randSeed;
        for (var i = 0; i < StepsBefore; i++)
            seed *= Step;
        for (var i = 0; i <= ZoneIndex; i++)
        {
            var own = seed * threadNumber + (ulong)i;
            if (i == MixIndex)
                Mix = own;
            else if (i == BlockIndex)
                Offset = own;
            else if (i == ZoneIndex)
                Zone = own;
            seed *= Step;
        }

        Distribution = JenkinsHash(Encoding.UTF8.GetBytes(fileName)) * threadNumber * (uint)Offset;
    }

    /// <summary>For the choice between read and write.</summary>
    public ulong Mix { get; }

    /// <summary>For uniform offsets.</summary>
    public ulong Offset { get; }

    /// <summary>For the choice of a zone.</summary>
    public ulong Zone { get; }

    /// <summary>For zipf, pareto and normal offsets.</summary>
    public uint Distribution { get; }

    /// <summary>Bob Jenkins' lookup3 hash in fio's variant, which takes only one byte of each word but the last three.</summary>
    internal static uint JenkinsHash(ReadOnlySpan<byte> key)
    {
        var a = 0x61C88647 + (uint)key.Length;
        var b = a;
        var c = a;
        while (key.Length > 12)
        {
            a += key[0];
            b += key[4];
            c += key[8];
            a = (a - c) ^ Rotate(c, 4);
            c += b;
            b = (b - a) ^ Rotate(a, 6);
            a += c;
            c = (c - b) ^ Rotate(b, 8);
            b += a;
            a = (a - c) ^ Rotate(c, 16);
            c += b;
            b = (b - a) ^ Rotate(a, 19);
            a += c;
            c = (c - b) ^ Rotate(b, 4);
            b += a;
            key = key[12..];
        }

        if (key.IsEmpty)
            return c;

        for (var i = key.Length - 1; i >= 0; i--)
        {
            var part = (uint)key[i] << (8 * (i & 3));
            if (i >= 8)
                c += part;
            else if (i >= 4)
                b += part;
            else
                a += part;
        }

        c = (c ^ b) - Rotate(b, 14);
        a = (a ^ c) - Rotate(c, 11);
        b = (b ^ a) - Rotate(a, 25);
        c = (c ^ b) - Rotate(b, 16);
        a = (a ^ c) - Rotate(c, 4);
        b = (b ^ a) - Rotate(a, 14);
        return (c ^ b) - Rotate(b, 24);
    }

    private static uint Rotate(uint x, int bits) => uint.RotateLeft(x, bits);
}
