using System.Numerics;
using System.Runtime.CompilerServices;

namespace Reclaim.Model.Time;

/// <summary>
/// Counts of latencies in buckets that grow with the value: 64 to each power of two, so a percentile is off by 1.6 % at most,
/// as fio's own are.
/// </summary>
public sealed class LatencyHistogram
{
    private const int SubBits = 6;
    private const int SubCount = 1 << SubBits;

    private readonly long[] _counts = new long[(64 - SubBits) * SubCount + SubCount];

    /// <summary>Values recorded.</summary>
    public long Count { get; private set; }

    /// <summary>Records a latency so many times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Record(long ns, int times)
    {
        _counts[BucketOf((ulong)ns)] += times;
        Count += times;
    }

    /// <summary>One that was recorded turns out to take longer, unless it has been forgotten.</summary>
    public void Prolong(long ns, long byNs)
    {
        ref var recorded = ref _counts[BucketOf((ulong)ns)];
        if (recorded > 0)
        {
            recorded--;
            _counts[BucketOf((ulong)(ns + byNs))]++;
        }
    }

    /// <summary>Adds another histogram's counts.</summary>
    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _counts.AsSpan().Clear();
        Count = 0;
    }

    /// <summary>The value that a share of the latencies does not exceed, ns; 0 without any.</summary>
    public double Percentile(double share)
    {
        if (Count == 0)
        {
            return 0;
        }

        var rank = (long)Math.Ceiling(share * Count);
        var seen = 0L;
        for (var bucket = 0; bucket < _counts.Length; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= rank)
            {
                return MiddleOf(bucket);
            }
        }

        return MiddleOf(_counts.Length - 1);
    }

    /// <summary>The latencies that there were, each the middle of its bucket in ns, and how often; in rising order.</summary>
    public IReadOnlyList<(double Ns, long Count)> Buckets
    {
        get
        {
            var buckets = new List<(double Ns, long Count)>();
            for (var bucket = 0; bucket < _counts.Length; bucket++)
            {
                if (_counts[bucket] > 0)
                {
                    buckets.Add((MiddleOf(bucket), _counts[bucket]));
                }
            }

            return buckets;
        }
    }

    private static int BucketOf(ulong ns)
    {
        if (ns < SubCount)
        {
            return (int)ns;
        }

        var power = BitOperations.Log2(ns);
        return (power - SubBits + 1) * SubCount + (int)(ns >> (power - SubBits) & (SubCount - 1));
    }

    private static double MiddleOf(int bucket)
    {
        var power = bucket / SubCount;
        if (power == 0)
        {
            return bucket;
        }

        var width = 1ul << (power - 1);
        var low = (ulong)(SubCount + bucket % SubCount) * width;
        return low + (width - 1) / 2.0;
    }
}
