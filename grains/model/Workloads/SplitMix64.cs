using System.Runtime.CompilerServices;

namespace Reclaim.Model.Workloads;

/// <summary>
/// The random numbers of the patterns: 64-bit state, one addition and two multiplications a number
/// (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
/// A mutable value: hot loops keep a copy in a local and write it back at the end.
/// </summary>
internal struct SplitMix64(ulong seed)
{
    private ulong _state = seed;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number below <paramref name="bound"/>, which is at most 2^32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Below(ulong bound) => (uint)(((Next() >> 32) * bound) >> 32);

    /// <summary>True with a probability of <paramref name="p"/> in 1024.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Chance(uint p) => Next() >> 54 < p;
}
