using System.Globalization;

namespace Reclaim.Model.Control;

/// <summary>Sizes as they are written to cgroup files (memparse in lib/cmdline.c; page_counter_memparse in mm/page_counter.c).</summary>
internal static class MemorySize
{
    private const int PageShift = 12;

    /// <summary>Reads a size at the beginning of a text: a number, perhaps with one of the suffixes k, m, g, t, p, e.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pages">Whole pages; <see cref="long.MaxValue"/> for <c>max</c>.</param>
    /// <param name="rest">What follows it.</param>
    public static bool TryRead(string text, out long pages, out string rest)
    {
        var trimmed = text.Trim();
        rest = "";
        if (trimmed == "max")
        {
            pages = long.MaxValue;
            return true;
        }

        var end = 0;
        while (end < trimmed.Length && char.IsAsciiDigit(trimmed[end]))
        {
            end++;
        }

        pages = 0;
        if (end == 0 || !UInt128.TryParse(trimmed[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
        {
            return false;
        }

        var shift = end == trimmed.Length ? -1 : "kmgtpe".IndexOf(char.ToLowerInvariant(trimmed[end]), StringComparison.Ordinal);
        if (shift >= 0)
        {
            bytes <<= 10 * (shift + 1);
            end++;
        }

        pages = (long)UInt128.Min(bytes >> PageShift, (UInt128)long.MaxValue);
        rest = trimmed[end..].Trim();
        return true;
    }

    /// <summary>Reads a text that is a size and nothing else.</summary>
    public static bool TryRead(string text, out long pages) => TryRead(text, out pages, out var rest) && rest.Length == 0;
}
