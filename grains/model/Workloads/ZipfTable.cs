using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Reclaim.Model.Workloads;

/// <summary>
/// The cumulative weights of a Zipf distribution and the way back from a random number to a rank:
/// rank k is the first with <c>cumulative[k] &gt; t</c>, t the random number scaled to the sum of all weights.
/// A guide table (Chen and Asau, 1974) says for each stretch of random numbers with which rank to begin,
/// so that a lookup takes a step or two on average and finds exactly what a binary search over everything would.
/// Workloads alike share one: a hundred containers then look things up in memory that is still in the processor's cache.
/// </summary>
internal sealed class ZipfTable
{
    private const int DrawBits = 53;
    private const double Unit = 1.0 / (1L << DrawBits);

    /// <summary>Ranks to step over one by one before halving what is left.</summary>
    private const int Steps = 8;

    private const int Batch = 128;

    /// <summary>Tables in use, by ranks and exponent.</summary>
    private static readonly ConcurrentDictionary<(int Ranks, ulong Exponent), WeakReference<ZipfTable>> _known = new();

    private readonly double[] _cumulative;
    private readonly double _sum;

    /// <summary>For each stretch of random numbers: the rank where it begins, and above 2^32 the rank where the next begins.</summary>
    private readonly ulong[] _stretches;
    private readonly int _guideShift;

    private ZipfTable(int ranks, ulong exponent)
    {
        Theta = exponent / 65536.0;
        _cumulative = new double[ranks];
        var sum = 0.0;
        for (var k = 0; k < ranks; k++)
        {
            sum += 1 / Power(k + 1.0, exponent);
            _cumulative[k] = sum;
        }

        _sum = sum;

        var bits = 1;
        while (bits < 24 && 1 << bits < ranks)
            bits++;
        _guideShift = DrawBits - bits;
        _stretches = new ulong[1 << bits];
        var rank = 0;
        for (var stretch = 0; stretch < _stretches.Length; stretch++)
        {
            var target = Target((ulong)stretch << _guideShift);
            while (rank < ranks - 1 && !(_cumulative[rank] > target))
                rank++;
            if (stretch > 0)
                _stretches[stretch - 1] |= (ulong)rank << 32;
            _stretches[stretch] = (uint)rank;
        }

        _stretches[^1] |= (ulong)(ranks - 1) << 32;
    }

    /// <summary>Number of ranks.</summary>
    public int Ranks => _cumulative.Length;

    /// <summary>The exponent, as far as it counts.</summary>
    public double Theta { get; }

    /// <summary>The table of a distribution.</summary>
    /// <param name="ranks">Number of ranks, at least 1.</param>
    /// <param name="theta">Exponent; only its first 16 binary places count.</param>
    public static ZipfTable Of(int ranks, double theta)
    {
        var exponent = (ulong)Math.Floor(theta * 65536 + 0.5);
        var known = _known.GetOrAdd((ranks, exponent), static _ => new WeakReference<ZipfTable>(null!));
        if (!known.TryGetTarget(out var table))
        {
            known.SetTarget(table = new ZipfTable(ranks, exponent));
        }

        return table;
    }

    /// <summary>Puts in the place of each random number of 53 bits the rank, from 0, that it falls on.</summary>
    /// <remarks>
    /// In three sweeps, so that the reads of a large table overlap: a search that stops at its own time would wait for each in turn.
    /// </remarks>
    public void Lookup(Span<ulong> draws)
    {
        Span<ulong> packed = stackalloc ulong[Batch];
        Span<double> firsts = stackalloc double[Batch];
        while (!draws.IsEmpty)
        {
            var batch = draws[..Math.Min(Batch, draws.Length)];
            for (var i = 0; i < batch.Length; i++)
                packed[i] = _stretches[(int)(batch[i] >> _guideShift)];
            for (var i = 0; i < batch.Length; i++)
                firsts[i] = _cumulative[(int)(uint)packed[i]];
            for (var i = 0; i < batch.Length; i++)
            {
                var target = Target(batch[i]);
                var rank = (int)(uint)packed[i];
                batch[i] = firsts[i] > target ? (uint)rank : (uint)SearchAfter(rank, (int)(packed[i] >> 32), target);
            }

            draws = draws[batch.Length..];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int SearchAfter(int rank, int last, double target)
    {
        var cumulative = _cumulative;
        for (var limit = Math.Min(last, rank + Steps); rank < limit; rank++)
        {
            if (cumulative[rank] > target)
                return rank;
        }

        return rank == last ? rank : Halve(rank, last, target);
    }

    private int Halve(int rank, int last, double target)
    {
        while (rank < last)
        {
            var middle = rank + (last - rank) / 2;
            if (_cumulative[middle] > target)
                last = middle;
            else
                rank = middle + 1;
        }

        return rank;
    }

    private double Target(ulong draw) => draw * Unit * _sum;

    /// <summary>x to the power of <paramref name="exponent"/> ÷ 65536, of multiplications and square roots alone: the same on every machine.</summary>
    private static double Power(double x, ulong exponent)
    {
        var result = 1.0;
        for (var whole = exponent >> 16; whole > 0; whole--)
            result *= x;
        var root = x;
        for (var bit = 0x8000u; bit != 0; bit >>= 1)
        {
            root = Math.Sqrt(root);
            if ((exponent & bit) != 0)
                result *= root;
        }

        return result;
    }
}
