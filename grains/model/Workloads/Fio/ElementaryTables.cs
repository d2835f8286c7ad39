using System.Numerics;

namespace Reclaim.Model.Workloads.Fio;

/// <summary>
/// Tables of <see cref="Elementary"/>, worked out once in fixed-point integers (192 binary places), hence the same everywhere.
/// A real number is kept as the sum of a rounded double and what that leaves over.
/// </summary>
internal static class ElementaryTables
{
    private const int Places = 192;
    private static readonly BigInteger One = BigInteger.One << Places;
    private static readonly BigInteger Ln2 = 2 * InverseTangent(1, 3);

    /// <summary>ln 2 in steps of 2^−42, so that its product with an exponent and the sum with a table entry are exact.</summary>
    public static readonly (double High, double Low) Ln2Parts = Split(Ln2, 42);

    /// <summary>ln 2 ÷ 128 in steps of 2^−42, so that its product with a whole number of up to 17 bits is exact.</summary>
    public static readonly (double High, double Low) Ln2By128 = Split(Ln2 / 128, 42);

    /// <summary>For each of 128 intervals around 1: 1/c in steps of 2^−10, c near the interval's middle, and ln c in two parts.</summary>
    public static (double InverseC, double LogHigh, double LogLow)[] Logarithms()
    {
        var table = new (double, double, double)[128];
        for (var i = 0; i < 128; i++)
        {
            var middle = BitConverter.UInt64BitsToDouble(Elementary.FirstInterval + ((ulong)i << 45) + (1UL << 44));
            var inverse = (int)Math.Floor(1024 / middle + 0.5);
            var (high, low) = Split(-2 * InverseTangent(inverse - 1024, inverse + 1024), 42);
            table[i] = (inverse / 1024.0, high, low);
        }

        return table;
    }

    /// <summary>2^(i/128) for i from 0 to 127: rounded, and the rest relative to it.</summary>
    public static (double Value, double Tail)[] Powers()
    {
        var table = new (double, double)[128];
        for (var i = 0; i < 128; i++)
        {
            var (value, rest) = Split(Exponential(Ln2 * i / 128), 52);
            table[i] = (value, rest / value);
        }

        return table;
    }

    /// <summary>artanh(p/q) by its series; |p/q| is at most 1/3.</summary>
    private static BigInteger InverseTangent(int p, int q)
    {
        var term = One * p / q;
        var sum = BigInteger.Zero;
        for (var k = 1; !term.IsZero; k += 2)
        {
            sum += term / k;
            term = term * p * p / ((BigInteger)q * q);
        }

        return sum;
    }

    private static BigInteger Exponential(BigInteger x)
    {
        var term = One;
        var sum = BigInteger.Zero;
        for (var k = 1; !term.IsZero; k++)
        {
            sum += term;
            term = term * x / k >> Places;
        }

        return sum;
    }

    private static (double High, double Low) Split(BigInteger x, int places)
    {
        var half = BigInteger.One << (Places - places - 1);
        var rounded = (x + half) >> (Places - places);
        var rest = x - (rounded << (Places - places));
        return (Scaled(rounded, places), Scaled(rest >> (Places - places - 60), places + 60));
    }

    private static double Scaled(BigInteger x, int places) => (double)(long)x * BitConverter.UInt64BitsToDouble((ulong)(1023 - places) << 52);
}
