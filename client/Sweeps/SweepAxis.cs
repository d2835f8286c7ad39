using System.Collections.Immutable;

namespace Reclaim.Client.Sweeps;

/// <summary>A value of an axis.</summary>
/// <param name="Text">As the scenario's key takes it.</param>
/// <param name="Number">What it is as a number: bytes, nanoseconds, or the number itself; null where the axis is one of words.</param>
internal readonly record struct SweepPoint(string Text, double? Number);

/// <summary>A key of the scenario that takes several values, or the kernels of <c>--variants</c>.</summary>
internal sealed record SweepAxis(string Key, ImmutableArray<SweepPoint> Points)
{
    /// <summary>What the axis of <c>--variants</c> is called.</summary>
    public const string Variants = "variants";

    /// <summary>Words that say too little alone: the key's part before them is shown too.</summary>
    private static readonly string[] _short = ["max", "high", "low", "min", "mems", "cpus", "weight", "group", "type", "theta", "size"];

    /// <summary>Whether the values are numbers, so that a curve over them means something.</summary>
    public bool IsNumeric => Points.All(point => point.Number is not null);

    /// <summary>Whether equal distances between neighbours are equal factors, so that it is drawn on a logarithmic scale.</summary>
    public bool IsGeometric => IsNumeric && Points.Length > 2 && Points[0].Number > 0 && Points.Zip(Points.Skip(1), (a, b) => b.Number!.Value / a.Number!.Value).ToList() is var factors
        && factors.TrueForAll(factor => factor > 1 && Math.Abs((factor / factors[0]) - 1) < 0.05);

    /// <summary>The end of its key, for the head of a column.</summary>
    public string Name
    {
        get
        {
            var parts = Key.Split('.');
            var from = parts.Length - 1;
            while (from > 0 && _short.Contains(parts[from], StringComparer.Ordinal))
            {
                from--;
            }

            return string.Join('.', parts[from..]);
        }
    }

    /// <summary>Reads <c>KEY=FROM..TO[:STEP]</c> or <c>KEY=A,B,C</c>.</summary>
    /// <returns>Null if it is an assignment of one value.</returns>
    /// <exception cref="InputException">The range or the list makes no sense.</exception>
    public static SweepAxis? Of(string assignment)
    {
        var equals = assignment.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            return null;
        }

        var (key, text, option) = (assignment[..equals].Trim(), assignment[(equals + 1)..].Trim(), $"--set {assignment}");
        if (SweepRange.IsOne(text))
        {
            return new SweepAxis(key, SweepRange.Read(option, text));
        }

        // A list or a mapping of YAML, or a quoted text, is one value, whatever commas are in it.
        return text.Length == 0 || text[0] is '[' or '{' or '"' or '\'' || !text.Contains(',', StringComparison.Ordinal) ? null : new SweepAxis(key, List(option, text));
    }

    private static ImmutableArray<SweepPoint> List(string option, string text)
    {
        var words = text.Split(',', StringSplitOptions.TrimEntries);
        if (words.Contains(""))
        {
            throw new InputException($"{option}: an empty value in the list");
        }

        return words.GroupBy(word => word, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new InputException($"{option}: {twice.Key} stands there twice")
            : SweepUnit.Numbers(words) is { } numbers ? [.. words.Zip(numbers, (word, number) => new SweepPoint(word, (double)number))]
            : [.. words.Select(word => new SweepPoint(word, null))];
    }
}
