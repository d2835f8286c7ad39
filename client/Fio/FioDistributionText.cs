using System.Collections.Immutable;
using System.Globalization;
using Reclaim.Contracts.Spec;

namespace Reclaim.Client.Fio;

/// <summary><c>random_distribution</c> as fio writes it: <c>random</c>, <c>zipf:0.5</c>, <c>pareto:0.2:0.5</c>, <c>normal:20</c>, <c>zoned:60/10:30/20:8/30:2/40</c>.</summary>
internal static class FioDistributionText
{
    private static readonly string[] _kinds = ["random", "zipf", "pareto", "normal", "zoned"];

    public static string? Read(string text, Action<FioDistribution> take)
    {
        var parts = text.Split(':');
        var kind = parts[0];
        if (kind == "gauss")
        {
            kind = "normal";
        }

        if (kind == "zoned_abs")
        {
            return "'zoned_abs' is not in this version; zoned takes shares in per cent";
        }

        if (!_kinds.Contains(kind))
        {
            return $"no distribution '{kind}'{Nearest.Suggestion(kind, _kinds)}";
        }

        var values = parts[1..];
        return kind switch
        {
            "random" => values.Length == 0 ? Take(take, FioDistribution.Random) : "random takes no value",
            "zoned" => Zoned(values, take),
            _ => Shaped(kind, values, take),
        };
    }

    private static string? Shaped(string kind, string[] values, Action<FioDistribution> take)
    {
        // fio's own defaults: zipf 1.1, pareto 0.2; normal has none.
        double? standard = kind switch { "zipf" => 1.1, "pareto" => 0.2, _ => null };
        if (values.Length > 2 || (values.Length == 0 && standard is null))
        {
            return kind == "normal" ? "normal takes a deviation in per cent: normal:20" : $"{kind} takes a value and perhaps a centre: {kind}:{standard}:0.5";
        }

        var value = standard ?? 0;
        if (values.Length > 0 && !Number(values[0], out value))
        {
            return $"'{values[0]}' is not a number";
        }

        var center = -1.0;
        if (values.Length > 1 && !Number(values[1], out center))
        {
            return $"'{values[1]}' is not a number";
        }

        if (values.Length > 1 && (center < 0 || center > 1))
        {
            return $"the centre {values[1]} is outside 0 to 1";
        }

        var wrong = kind switch
        {
            "zipf" when value <= 0 || value == 1.0 => "zipf's theta must be above 0 and not 1",
            "pareto" when value is <= 0 or >= 1 => "pareto's h must be between 0 and 1",
            "normal" when value is <= 0 or > 100 => "normal's deviation must be above 0 and at most 100",
            _ => null,
        };
        return wrong ?? Take(take, new FioDistribution { Kind = kind, Value = value, Center = center });
    }

    private static string? Zoned(string[] values, Action<FioDistribution> take)
    {
        var zones = ImmutableArray.CreateBuilder<FioZone>();
        foreach (var value in values)
        {
            var shares = value.Split('/');
            if (shares.Length != 2 || !Percent(shares[0], out var accesses) || !Percent(shares[1], out var size))
            {
                return $"'{value}' is not a zone: ACCESSES/SIZE, both in per cent";
            }

            zones.Add(new FioZone(accesses, size));
        }

        if (zones.Count == 0)
        {
            return "zoned takes zones: zoned:60/10:30/20:10/70";
        }

        if (zones.Sum(zone => zone.AccessPercent) != 100 || zones.Sum(zone => zone.SizePercent) != 100)
        {
            return $"the zones' accesses add up to {zones.Sum(zone => zone.AccessPercent)} % and their sizes to {zones.Sum(zone => zone.SizePercent)} %, both must be 100 %";
        }

        return Take(take, new FioDistribution { Kind = "zoned", Zones = zones.ToImmutable() });
    }

    private static string? Take(Action<FioDistribution> take, FioDistribution distribution)
    {
        take(distribution);
        return null;
    }

    private static bool Number(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private static bool Percent(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is >= 0 and <= 100;
}
