using System.Globalization;

namespace Reclaim.Client.Compose;

/// <summary>Byte values of the Compose specification: <c>512m</c>, <c>1.5gb</c>, <c>64 MiB</c>, plain bytes; 1024-based.</summary>
internal static class ComposeBytes
{
    private const string Units = "kmgtp";

    /// <summary>As Docker's RAMInBytes reads it: a number, an optional unit, an optional <c>i</c>, an optional <c>b</c>; a fraction of a byte is dropped.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? TryParse(string text, out long bytes)
    {
#pragma warning disable CA1308 // Units are lower case in Compose.
        var unit = text.Trim().ToLowerInvariant();
#pragma warning restore CA1308
        var number = unit.TrimEnd('b', 'i', 'k', 'm', 'g', 't', 'p', ' ');
        unit = unit[number.Length..].TrimStart(' ');
        bytes = 0;
        var shift = unit.Length > 0 ? Units.IndexOf(unit[0], StringComparison.Ordinal) : -1;
        if (unit is not ("" or "b") && (shift < 0 || unit[1..] is not ("" or "b" or "ib")))
        {
            return Wrong(text);
        }

        if (number.Length > 20 || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
        {
            return Wrong(text);
        }

        var factor = 1L << (10 * (shift + 1));
        if (value > long.MaxValue / factor)
        {
            return $"{text} is too large";
        }

        bytes = (long)decimal.Truncate(value * factor);
        return null;
    }

    private static string Wrong(string text) => $"'{text}' is not a size (512m, 1.5gb, or plain bytes)";
}
