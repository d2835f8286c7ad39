using System.Globalization;

namespace Reclaim.Model.LruGenFiles;

/// <summary>The text is not one that lru_gen or lru_gen_full prints.</summary>
public sealed class LruGenFormatException : FormatException
{
    public LruGenFormatException(int line, string expected)
        : base(string.Create(CultureInfo.InvariantCulture, $"Line {line}: expected {expected}."))
    {
        Line = line;
        Expected = expected;
    }

    /// <summary>Where, counted from 1.</summary>
    public int Line { get; }

    /// <summary>What should have been there.</summary>
    public string Expected { get; }
}
