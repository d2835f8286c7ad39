using System.Globalization;

namespace Reclaim.Client;

/// <summary>Sizes (<c>4G 512M 4k</c>, 1024-based) and durations (<c>5m 300s 2ms 10us 5ns</c>) as scenarios write them.</summary>
internal static class Units
{
    private static readonly (string Suffix, long Ns)[] _times =
    [
        ("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000), ("d", 86_400_000_000_000),
    ];

    private static readonly (string Suffix, long Bytes)[] _sizes =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("k", 1L << 10), ("M", 1L << 20), ("G", 1L << 30), ("T", 1L << 40), ("B", 1),
    ];

    /// <summary>Parses a size into bytes; a fraction (<c>1.5G</c>) must come out at whole bytes.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? TrySize(string text, out long bytes)
    {
        foreach (var (suffix, factor) in _sizes)
        {
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) && Scale(text[..^suffix.Length], factor, out bytes))
            {
                return null;
            }
        }

        return Scale(text, 1, out bytes) ? null : $"'{text}' is not a size (4G, 512M, 4k, or plain bytes)";
    }

    /// <summary>Parses a duration into nanoseconds; a unit is required, except for 0.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? TryDuration(string text, out long ns)
    {
        foreach (var (suffix, factor) in _times)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal) && Scale(text[..^suffix.Length], factor, out ns))
            {
                return null;
            }
        }

        if (Scale(text, 1, out ns))
        {
            return ns == 0 ? null : $"'{text}' has no unit: write {text}s, {text}ms, {text}us or {text}ns";
        }

        return $"'{text}' is not a duration (5m, 300s, 2ms, 10us, 5ns)";
    }

    /// <summary>Bytes as people write them: the largest unit that divides them.</summary>
    public static string Size(long bytes)
    {
        foreach (var (suffix, factor) in new[] { ("T", 1L << 40), ("G", 1L << 30), ("M", 1L << 20), ("k", 1L << 10) })
        {
            if (bytes != 0 && bytes % factor == 0)
            {
                return $"{bytes / factor}{suffix}";
            }
        }

        return bytes.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Nanoseconds as people write them: the largest unit that divides them.</summary>
    public static string Duration(long ns)
    {
        for (var i = _times.Length - 1; i >= 0; i--)
        {
            if (ns != 0 && ns % _times[i].Ns == 0)
            {
                return $"{ns / _times[i].Ns}{_times[i].Suffix}";
            }
        }

        return ns == 0 ? "0" : $"{ns}ns";
    }

    private static bool Scale(string number, long factor, out long value)
    {
        value = 0;
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (number.Length > 28 || !decimal.TryParse(number, style, CultureInfo.InvariantCulture, out var parsed))
        {
            return false;
        }

        if (Math.Abs(parsed) > long.MaxValue / factor)
        {
            return false;
        }

        parsed *= factor;
        if (parsed != decimal.Truncate(parsed))
        {
            return false;
        }

        value = (long)parsed;
        return true;
    }
}
