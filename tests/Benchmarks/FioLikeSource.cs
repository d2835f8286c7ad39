using Reclaim.Model.Workloads;

namespace Reclaim.Benchmarks;

/// <summary>
/// Random reads of twelve files in turn, 32 at a time, uniform or zipf with exponent 0.5 within each file.
/// To be replaced by the model's own fio source once there is one; the shape is fio's, the numbers are not.
/// </summary>
/// <remarks>
/// The zipf ranks come from J. Gray et al., "Quickly generating billion-record synthetic databases", SIGMOD 1994, the method that
/// fio uses too: with exponent 0.5 its power 1/(1 − θ) is a square. Ranks are spread over the file by an odd factor.
/// </remarks>
internal sealed class FioLikeSource(bool zipf, ulong seed) : AccessSource
{
    private const int Batch = 32;
    private const ulong Spread = 0x61C88647;

    private static readonly double ZetaN = Zeta(SeedTraces.FilePages);
    private static readonly double Zeta2 = Zeta(2);
    private static readonly double Eta = (1 - Math.Sqrt(2.0 / SeedTraces.FilePages)) / (1 - Zeta2 / ZetaN);

    private ulong _random = seed;
    private long _position;

    public override long? Length => null;

    public override int Fill(Span<uint> blocks)
    {
        foreach (ref var block in blocks)
        {
            var file = (uint)(_position++ / Batch % SeedTraces.Files);
            block = (file * SeedTraces.FilePages) + (zipf ? Zipf() : (uint)(Next() >> 46));
        }

        return blocks.Length;
    }

    private uint Zipf()
    {
        var uniform = (Next() >> 11) * (1.0 / (1ul << 53));
        var sum = uniform * ZetaN;
        ulong rank;
        if (sum < 1)
        {
            rank = 0;
        }
        else if (sum < Zeta2)
        {
            rank = 1;
        }
        else
        {
            var root = (Eta * uniform) - Eta + 1;
            rank = (ulong)(SeedTraces.FilePages * root * root);
        }

        return (uint)(rank * Spread % SeedTraces.FilePages);
    }

    /// <summary>SplitMix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014).</summary>
    private ulong Next()
    {
        var z = _random += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static double Zeta(int n)
    {
        var sum = 0.0;
        for (var i = 1; i <= n; i++)
            sum += 1 / Math.Sqrt(i);
        return sum;
    }
}
