using System.Runtime.CompilerServices;

namespace Reclaim.Model.Workloads;

/// <summary>x mod n for one n and many x, by multiplication with the reciprocal.</summary>
internal readonly struct Remainder(uint divisor)
{
    private readonly ulong _reciprocal = ulong.MaxValue / divisor;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Of(ulong x)
    {
        // The quotient is right or up to two too small.
        var rest = x - Math.BigMul(x, _reciprocal, out _) * divisor;
        while (rest >= divisor)
            rest -= divisor;
        return (uint)rest;
    }
}
