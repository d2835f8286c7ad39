using System.Globalization;

namespace Reclaim.Client.Fio;

/// <summary>
/// Numbers as fio writes them. Sizes: <c>1024m</c>, <c>4k</c>, <c>0x1000</c>; with <c>kb_base=1024</c> (fio's default) <c>k</c> is
/// 1024 and <c>ki</c> is 1000, with <c>kb_base=1000</c> the other way round. Times: <c>5m</c>, <c>300</c> (seconds unless the
/// option says otherwise), <c>250ms</c>.
/// </summary>
internal static class FioUnits
{
    private const string Prefixes = "kmgtp";

    public static bool TrySize(string text, int kbBase, out long bytes)
    {
        var rest = text.Trim().ToLowerInvariant();
        if (rest.Length > 1 && rest[^1] == 'b' && !char.IsAsciiHexDigit(rest[^2]))
        {
            rest = rest[..^1];
        }
        else if (rest.Length > 1 && rest[^1] == 'b' && char.IsAsciiDigit(rest[^2]) && !rest.StartsWith("0x", StringComparison.Ordinal))
        {
            rest = rest[..^1];
        }

        var unit = kbBase;
        if (rest.Length > 2 && rest[^1] == 'i' && Prefixes.Contains(rest[^2]))
        {
            unit = kbBase == 1024 ? 1000 : 1024;
            rest = rest[..^1];
        }

        decimal factor = 1;
        if (rest.Length > 1 && Prefixes.IndexOf(rest[^1]) is >= 0 and var power)
        {
            for (var i = 0; i <= power; i++)
            {
                factor *= unit;
            }

            rest = rest[..^1];
        }

        return Scale(rest, factor, out bytes);
    }

    public static bool TryTime(string text, long defaultUnitNs, out long ns)
    {
        var rest = text.Trim().ToLowerInvariant();
        var digits = rest.Length;
        while (digits > 0 && char.IsAsciiLetter(rest[digits - 1]))
        {
            digits--;
        }

        long unit = rest[digits..] switch
        {
            "" => defaultUnitNs,
            "d" => 86_400_000_000_000,
            "h" => 3_600_000_000_000,
            "m" => 60_000_000_000,
            "s" or "sec" => 1_000_000_000,
            "ms" or "msec" => 1_000_000,
            "us" or "usec" => 1_000,
            "ns" or "nsec" => 1,
            _ => 0,
        };
        ns = 0;
        return unit > 0 && Scale(rest[..digits], unit, out ns);
    }

    public static bool TryInteger(string text, out long value) => Scale(text.Trim().ToLowerInvariant(), 1, out value);

    private static bool Scale(string number, decimal factor, out long value)
    {
        value = 0;
        decimal parsed;
        if (number.StartsWith("0x", StringComparison.Ordinal))
        {
            if (!long.TryParse(number.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) || hex < 0)
            {
                return false;
            }

            parsed = hex;
        }
        else if (number.Length > 20 || !decimal.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out parsed))
        {
            return false;
        }

        if (Math.Abs(parsed) > long.MaxValue / factor)
        {
            return false;
        }

        value = (long)(parsed * factor);
        return true;
    }
}
