using System.Runtime.CompilerServices;

namespace Reclaim.Model.Workloads.Fio;

/// <summary>
/// fio's generator: the combined Tausworthe generator of three components and 32 bits a number
/// (P. L'Ecuyer, "Maximally equidistributed combined Tausworthe generators", Mathematics of Computation 65, 1996), seeded as fio does.
/// A mutable value: hot loops keep a copy in a local and write it back at the end.
/// </summary>
internal struct Tausworthe
{
    private const uint FirstMultiplicand = 53;
    private const int WarmUp = 6;

    private uint _s1;
    private uint _s2;
    private uint _s3;

    public Tausworthe(ulong seed)
    {
        _s1 = Component(FirstMultiplicand, (uint)seed, 1);
        _s2 = Component(_s1, (uint)seed, 7);
        _s3 = Component(_s2, (uint)seed, 15);
        for (var i = 0; i < WarmUp; i++)
            Next();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Next()
    {
        _s1 = ((_s1 & 0xFFFF_FFFE) << 12) ^ (((_s1 << 13) ^ _s1) >> 19);
        _s2 = ((_s2 & 0xFFFF_FFF8) << 4) ^ (((_s2 << 2) ^ _s2) >> 25);
        _s3 = ((_s3 & 0xFFFF_FFF0) << 17) ^ (((_s3 << 3) ^ _s3) >> 11);
        return _s1 ^ _s2 ^ _s3;
    }

    /// <summary>A number below <paramref name="bound"/>, by scaling in doubles as fio does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Below(double bound) => (uint)(long)(bound * (Next() * (1.0 / 4294967296.0)));

    /// <summary>A number from 1 to 100.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Percent() => 1 + Below(100);

    /// <summary>Components must not start below a minimum each, or they would degenerate.</summary>
    private static uint Component(uint x, uint seed, uint minimum)
    {
        var start = (x * 69069) ^ seed;
        return start < minimum ? start + minimum : start;
    }
}
