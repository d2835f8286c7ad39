using System.Collections.Immutable;

namespace Reclaim.Client.Sweeps;

/// <summary>
/// A range of values, <c>FROM..TO[:STEP]</c>: each a step further than the last, as far as TO. A step <c>xF</c> multiplies. Without a step there are
/// <see cref="DefaultPoints"/> values at equal distances, both ends among them, rounded to what is well below the distance.
/// </summary>
internal static class SweepRange
{
    public const int DefaultPoints = 8;

    /// <summary>More values than anybody waits for: a step that is too small by mistake.</summary>
    private const int MaxPoints = 1000;

    private const string Dots = "..";

    /// <summary>Pages, so that a limit is not cut to less than it says.</summary>
    private const int Page = 4096;

    /// <summary>Whether a value was meant as a range: dots, and a number on one side at least. A path has a slash or letters there.</summary>
    public static bool IsOne(string text)
    {
        var dots = text.IndexOf(Dots, StringComparison.Ordinal);
        return dots >= 0 && !text.Contains('/', StringComparison.Ordinal)
            && (Quantity.Read(text[..dots]) is not null || Quantity.Read(text[(dots + Dots.Length)..].Split(':')[0]) is not null);
    }

    /// <exception cref="InputException">It makes no sense.</exception>
    public static ImmutableArray<SweepPoint> Read(string option, string text)
    {
        var dots = text.IndexOf(Dots, StringComparison.Ordinal);
        var rest = text[(dots + Dots.Length)..].Split(':', 2);
        var (from, to) = (Number(option, text[..dots]), Number(option, rest[0]));
        var factor = rest.Length == 2 && rest[1].StartsWith('x') ? Number(option, rest[1][1..]) : (Quantity?)null;
        var step = rest.Length == 2 && factor is null ? Number(option, rest[1]) : (Quantity?)null;
        var unit = SweepUnit.Of(step is { } given ? [from, to, given] : [from, to])
            ?? throw new InputException($"{option}: {string.Join(", ", new[] { from, to, step }.OfType<Quantity>())}: not in one unit (a size: 4G, 512M, 4k; a duration: 5m, 300s, 2ms; or plain numbers)");
        var (first, last) = (unit.Count(from), unit.Count(to));
        if (first == last)
        {
            throw new InputException($"{option}: from {from} to {to} is one value; a range has several");
        }

        var counts = factor is { } by ? Multiplied(option, first, last, by, unit) : step is { } distance ? Stepped(option, first, last, unit.Count(distance), (from, to, distance)) : Even(first, last, unit);
        return [.. counts.Select(count => new SweepPoint(unit.Text(count), (double)count)).DistinctBy(point => point.Text)];
    }

    private static Quantity Number(string option, string text) => Quantity.Read(text)
        ?? throw new InputException($"{option}: '{text}' is not a number, size or duration; a range is FROM..TO, FROM..TO:STEP or FROM..TO:xFACTOR");

    private static IEnumerable<decimal> Stepped(string option, decimal first, decimal last, decimal step, (Quantity From, Quantity To, Quantity Step) said)
    {
        if (step == 0 || (step > 0) != (last > first))
        {
            throw new InputException(step == 0
                ? $"{option}: a step of 0 leads nowhere"
                : $"{option}: a step of {said.Step} leads from {said.From} away from {said.To}");
        }

        return Counted(option, Math.Floor((last - first) / step) + 1) is var points ? Enumerable.Range(0, points).Select(i => first + (i * step)) : [];
    }

    private static IEnumerable<decimal> Multiplied(string option, decimal first, decimal last, Quantity factor, SweepUnit unit)
    {
        if (factor.Suffix.Length > 0 || factor.Value <= 0 || factor.Value == 1 || first <= 0 || last <= 0)
        {
            throw new InputException($"{option}: a factor must be above 0 and not 1, without a unit, and both ends above 0");
        }

        if (factor.Value > 1 != last > first)
        {
            throw new InputException($"{option}: a factor of {factor.Value} leads away from the end of the range");
        }

        var points = Counted(option, (decimal)Math.Floor((Math.Log((double)(last / first)) / Math.Log((double)factor.Value)) + 1e-9) + 1);
        var rounding = unit.IsSize && first % Page == 0 ? Page : 0;
        return Enumerable.Range(0, points).Select(i =>
        {
            var value = first * (decimal)Math.Pow((double)factor.Value, i);
            return rounding > 0 ? Math.Floor(value / rounding) * rounding : Math.Round(value, 9);
        });
    }

    private static IEnumerable<decimal> Even(decimal first, decimal last, SweepUnit unit)
    {
        var distance = Math.Abs(last - first) / (DefaultPoints - 1);
        var grain = unit.IsSize
            ? (decimal)Math.Max(first % Page == 0 && distance > Page ? Page : 1, Math.Pow(2, Math.Floor(Math.Log2((double)distance / 16))))
            : (decimal)Math.Max(IsWhole(first) && IsWhole(last) ? 1 : 0, Math.Pow(10, Math.Floor(Math.Log10((double)distance)) - 1));
        return Enumerable.Range(0, DefaultPoints).Select(i => i == DefaultPoints - 1 ? last : first + (Math.Round(i * (last - first) / (DefaultPoints - 1) / grain) * grain));
    }

    private static bool IsWhole(decimal value) => value == decimal.Truncate(value);

    private static int Counted(string option, decimal points) => points <= MaxPoints
        ? (int)points
        : throw new InputException($"{option}: {points:0} values, and a range has at most {MaxPoints}: take a larger step");
}
