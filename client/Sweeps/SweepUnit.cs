using System.Globalization;
using System.Text.RegularExpressions;

namespace Reclaim.Client.Sweeps;

/// <summary>A number as it is written, with what follows it.</summary>
internal readonly record struct Quantity(decimal Value, string Suffix)
{
    private static readonly Regex _form = new(@"^([+-]?(?:[0-9]{1,24}(?:\.[0-9]{0,12})?|\.[0-9]{1,12}))([A-Za-z]*)$", RegexOptions.CultureInvariant);

    public static Quantity? Read(string text) => _form.Match(text) is { Success: true } match
        ? new Quantity(decimal.Parse(match.Groups[1].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture), match.Groups[2].Value)
        : null;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture) + Suffix;
}

/// <summary>In what the numbers of an axis are counted: bytes, nanoseconds, or what stands behind each.</summary>
internal sealed class SweepUnit
{
    private delegate string? Parser(string text, out long value);

    private readonly Parser? _parser;
    private readonly Func<long, string>? _format;
    private readonly string _suffix;

    private SweepUnit(Parser? parser, Func<long, string>? format, string suffix) => (_parser, _format, _suffix) = (parser, format, suffix);

    /// <summary>Whether it counts bytes.</summary>
    public bool IsSize => _parser == Units.TrySize;

    /// <summary>The unit in which all of them can be counted; null if there is none.</summary>
    public static SweepUnit? Of(params IReadOnlyList<Quantity> quantities)
    {
        var suffixes = quantities.Where(quantity => quantity.Suffix.Length > 0 || quantity.Value != 0).Select(quantity => quantity.Suffix).Distinct(StringComparer.Ordinal).ToList();
        if (suffixes.Count == 0 || (suffixes.Count == 1 && suffixes[0] is "" or "m"))
        {
            // An 'm' alone may be minutes or MiB: that is for the key to say.
            return new SweepUnit(null, null, suffixes.FirstOrDefault() ?? "");
        }

        return suffixes.Contains("") ? null
            : All(Units.TryDuration) ? new SweepUnit(Units.TryDuration, Units.Duration, "")
            : All(Units.TrySize) ? new SweepUnit(Units.TrySize, Units.Size, "")
            : suffixes.Count == 1 ? new SweepUnit(null, null, suffixes[0])
            : null;

        bool All(Parser parser) => suffixes.TrueForAll(suffix => parser("1" + suffix, out _) is null);
    }

    /// <summary>A list as numbers; null if it is one of words.</summary>
    public static IReadOnlyList<decimal>? Numbers(IReadOnlyList<string> words)
    {
        var quantities = words.Select(Quantity.Read).OfType<Quantity>().ToList();
        return quantities.Count == words.Count && Of(quantities) is { } unit ? [.. quantities.Select(unit.Count)] : null;
    }

    /// <summary>How many of the unit it is.</summary>
    public decimal Count(Quantity quantity)
    {
        if (_parser is null || quantity.Value == 0)
        {
            return quantity.Value;
        }

        _parser("1" + quantity.Suffix, out var one);
        return quantity.Value * one;
    }

    /// <summary>So many of the unit, as the scenario's key reads it; fractions of a byte or nanosecond are left out.</summary>
    public string Text(decimal count) => _format is { } format
        ? format((long)decimal.Truncate(count))
        : count.ToString("0.############", CultureInfo.InvariantCulture) + (count == 0 ? "" : _suffix);
}
