using System.Globalization;

namespace Reclaim.Client.Kubernetes;

/// <summary>Quantities of the Kubernetes API: <c>512Mi</c>, <c>1.5G</c>, <c>500m</c>, <c>1e9</c>, plain numbers.</summary>
internal static class Quantity
{
    private static readonly (string Suffix, decimal Factor)[] _suffixes =
    [
        ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40), ("Pi", 1L << 50), ("Ei", 1L << 60),
        ("n", 1e-9m), ("u", 1e-6m), ("m", 1e-3m), ("k", 1e3m), ("M", 1e6m), ("G", 1e9m), ("T", 1e12m), ("P", 1e15m), ("E", 1e18m), ("", 1),
    ];

    /// <returns>What is wrong, or null.</returns>
    public static string? TryParse(string text, out decimal value)
    {
        foreach (var (suffix, factor) in _suffixes)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal) && TryNumber(text[..^suffix.Length], suffix.Length == 0, out value)
                && Math.Abs(value) <= long.MaxValue / factor)
            {
                value *= factor;
                return null;
            }
        }

        value = 0;
        return $"'{text}' is not a quantity (512Mi, 1.5G, 500m, or a plain number)";
    }

    /// <summary>Whole units, rounded up, as the API's Value().</summary>
    public static long Whole(decimal value) => (long)decimal.Ceiling(value);

    private static bool TryNumber(string text, bool exponent, out decimal value)
    {
        var style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | (exponent ? NumberStyles.AllowExponent : NumberStyles.None);
        value = 0;
        return text.Length is > 0 and <= 28 && decimal.TryParse(text, style, CultureInfo.InvariantCulture, out value);
    }
}
