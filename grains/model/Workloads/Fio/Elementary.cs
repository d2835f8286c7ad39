using System.Runtime.CompilerServices;

namespace Reclaim.Model.Workloads.Fio;

/// <summary>
/// Powers and logarithms that are the same on every machine: IEEE additions and multiplications alone, no fused ones, no library.
/// Results are within 0.6 units in the last place, as close as a good C library gets, so a draw that truncates such a value
/// lands on another block than there about once in 2^50 ÷ blocks of the file.
/// </summary>
/// <remarks>
/// The logarithm is the table method of P. T. P. Tang (ACM TOMS 16, 1990): x = 2^k · m, m/c near 1 for one of 128 tabled c, a polynomial
/// for ln(m/c); carried in two doubles, because an exponent multiplies its error. The exponential reduces by ln 2 / 128 likewise.
/// </remarks>
internal static class Elementary
{
    /// <summary>Bits of the least m (0.705…); 1 lies in the middle of interval 75, whose c is exactly 1.</summary>
    internal const ulong FirstInterval = 0x3FF0_0000_0000_0000 - (75UL << 45) - (1UL << 44);

    private const double Shift = 6755399441055744.0; // 1.5 · 2^52: adding it rounds to a whole number in the low bits
    private const double StepsPerUnit = 184.6649652337873; // 128 / ln 2
    private const ulong UpperHalf = 0xFFFF_FFFF_F800_0000;

    private static readonly (double InverseC, double LogHigh, double LogLow)[] s_logarithms = ElementaryTables.Logarithms();
    private static readonly (double Value, double Tail)[] s_powers = ElementaryTables.Powers();
    private static readonly double s_ln2High = ElementaryTables.Ln2Parts.High;
    private static readonly double s_ln2Low = ElementaryTables.Ln2Parts.Low;
    private static readonly double s_stepHigh = ElementaryTables.Ln2By128.High;
    private static readonly double s_stepLow = ElementaryTables.Ln2By128.Low;

    /// <summary>Natural logarithm of a normal positive number.</summary>
    public static double Log(double x) => LogParts(x, out _);

    /// <summary>x to the power of y; x is zero (then y is positive) or normal and positive. Below 2^−1021 the result is zero, above 2^1023 infinite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Pow(double x, double y)
    {
        if (x == 0)
            return 0;

        var high = LogParts(x, out var low);
        var yUpper = Upper(y);
        var yLower = y - yUpper;
        var logUpper = Upper(high);
        var logLower = high - logUpper;
        var product = y * high;
        var rest = ((yUpper * logUpper - product) + yUpper * logLower + yLower * logUpper) + yLower * logLower + y * low;
        return Exp(product, rest);
    }

    /// <summary>
    /// As <see cref="Pow"/> at a third of the cost, good to <see cref="RoughError"/>: where that decides the question,
    /// there is no need for the last bits.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double RoughPow(double x, double y)
    {
        var offset = BitConverter.DoubleToUInt64Bits(x) - FirstInterval;
        double exponent = (long)offset >> 52;
        var m = BitConverter.UInt64BitsToDouble((offset & 0x000F_FFFF_FFFF_FFFF) + FirstInterval);
        ref readonly var entry = ref s_logarithms[(int)(offset >> 45) & 127];
        var r = m * entry.InverseC - 1;
        var square = r * r;
        var curve = square * ((-1.0 / 2 + r * (1.0 / 3)) + square * ((-1.0 / 4 + r * (1.0 / 5)) - square * (1.0 / 6)));
        var z = y * (exponent * s_ln2High + entry.LogHigh + (r + curve));
        if (!(z > -707.7 && z < 709.0))
            return Pow(x, y);

        var shifted = z * StepsPerUnit + Shift;
        var steps = (int)BitConverter.DoubleToInt64Bits(shifted);
        var whole = shifted - Shift;
        var t = z - whole * s_stepHigh - whole * s_stepLow;
        var more = t + t * t * ((0.5 + t * (1.0 / 6)) + t * t * (1.0 / 24));
        var scale = BitConverter.Int64BitsToDouble(
            BitConverter.DoubleToInt64Bits(s_powers[steps & 127].Value) + ((long)(steps >> 7) << 52));
        return scale + scale * more;
    }

    /// <summary>
    /// Bound of the relative error of <see cref="RoughPow"/> where the result is between 2^−32 and 2^32: what it leaves out of ln 2 (2^−43 for each
    /// power of two) and of the table (2^−43, and multiplied by the exponent), the roundings, and a factor to spare.
    /// </summary>
    public static double RoughError(double y) => (Math.Abs(y) + 32) * (1.0 / (1L << 41));

    /// <summary>e to the power of <c>high + low</c>, low being a correction in the last places of high.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Exp(double high, double low)
    {
        if (!(high > -707.7 && high < 709.0))
            return high < 0 ? 0 : high > 0 ? double.PositiveInfinity : double.NaN;

        var shifted = high * StepsPerUnit + Shift;
        var steps = (int)BitConverter.DoubleToInt64Bits(shifted);
        var whole = shifted - Shift;
        var r = high - whole * s_stepHigh - whole * s_stepLow + low;
        var (value, tail) = s_powers[steps & 127];
        var square = r * r;
        var more = tail + r + square * (0.5 + r * (1.0 / 6)) + square * square * (1.0 / 24 + r * (1.0 / 120));
        var scale = BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(value) + ((long)(steps >> 7) << 52));
        return scale + scale * more;
    }

    /// <summary>ln x, rounded, and the rest: together good to about 2^−66.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double LogParts(double x, out double low)
    {
        var offset = BitConverter.DoubleToUInt64Bits(x) - FirstInterval;
        double exponent = (long)offset >> 52;
        var m = BitConverter.UInt64BitsToDouble((offset & 0x000F_FFFF_FFFF_FFFF) + FirstInterval);
        var (inverse, logHigh, logLow) = s_logarithms[(int)(offset >> 45) & 127];

        // r + rTail = m/c − 1; both products are exact.
        var mUpper = Upper(m);
        var a = mUpper * inverse - 1;
        var b = (m - mUpper) * inverse;
        var r = a + b;
        var back = r - a;
        var rTail = (a - (r - back)) + (b - back);

        // −r²/2 in two parts, the first exact.
        var rUpper = Upper(r);
        var rLower = r - rUpper;
        var halfSquare = -0.5 * rUpper * rUpper;
        var halfSquareTail = -0.5 * rLower * (r + rUpper);

        var square = r * r;
        var cube = square * r * (((1.0 / 3 - r * (1.0 / 4)) + square * (1.0 / 5 - r * (1.0 / 6)))
                                 + square * square * ((1.0 / 7 - r * (1.0 / 8)) + square * (1.0 / 9)));

        var first = exponent * s_ln2High + logHigh;
        var second = first + r;
        var third = second + halfSquare;
        var rest = (first - second + r) + (second - third + halfSquare)
                   + (exponent * s_ln2Low + logLow + rTail + halfSquareTail + cube);
        var high = third + rest;
        low = third - high + rest;
        return high;
    }

    /// <summary>The number cut to its upper 26 bits, so that products of halves are exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Upper(double x) => BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(x) & UpperHalf);
}
