using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Reports;

/// <summary>The same runs under several seeds, one side or several, in the shape of <c>reclaim-repeat/1</c>.</summary>
internal sealed record RepeatReport(string Schema, string Scenario, ImmutableArray<RepeatSide> Sides)
{
    public const string SchemaName = "reclaim-repeat/1";

    public static RepeatReport Of(string scenario, IReadOnlyList<(string Name, List<RunResults> Runs)> sides)
    {
        var lines = FigureLine.Of(sides[0].Runs[0]).ToList();
        var spreads = sides.Select(side => lines.Select(line => SpreadOf(line, side.Runs)).ToList()).ToList();
        return new RepeatReport(SchemaName, scenario,
        [
            .. sides.Select((side, s) => new RepeatSide(side.Name, [.. side.Runs],
            [
                .. lines.Select((line, l) => spreads[s][l] is { } spread ? Figure(line, spread, s == 0 ? null : spreads[0][l]) : null).OfType<RepeatFigure>(),
            ])
            {
                Lines = [.. lines],
            }),
        ]);
    }

    private static Spread? SpreadOf(FigureLine line, List<RunResults> runs)
    {
        var values = runs.Select(line.Figure).OfType<double>().ToList();
        return values.Count == runs.Count ? Spread.Of(values) : null;
    }

    /// <summary>A figure over several seeds.</summary>
    /// <param name="line">Which.</param>
    /// <param name="spread">Its values.</param>
    /// <param name="first">Those of the side that it is held against, if there is one.</param>
    public static RepeatFigure Figure(FigureLine line, Spread spread, Spread? first) => new()
    {
        Name = line.Name,
        Digits = line.Digits,
        Mean = spread.Mean,
        Range = [spread.Min, spread.Max],
        Interval95 = [spread.Mean - spread.HalfWidth, spread.Mean + spread.HalfWidth],
        ChangePercent = first is null || first.Mean == 0 ? null : (spread.Mean - first.Mean) / first.Mean * 100,
        Differs = first is null ? null : Spread.Differ(first, spread),
    };
}

internal sealed record RepeatSide(string Name, ImmutableArray<RunResults> Runs, ImmutableArray<RepeatFigure> Figures)
{
    /// <summary>How figures are taken from a run.</summary>
    [JsonIgnore]
    public ImmutableArray<FigureLine> Lines { get; init; } = [];
}

internal sealed record RepeatFigure
{
    public required string Name { get; init; }

    public double Mean { get; init; }

    /// <summary>Smallest and largest.</summary>
    public ImmutableArray<double> Range { get; init; }

    /// <summary>Where the mean lies with 95 % confidence.</summary>
    public ImmutableArray<double> Interval95 { get; init; }

    /// <summary>Against the first side.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ChangePercent { get; init; }

    /// <summary>Whether the mean differs from the first side's at the 95 % level (Welch).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Differs { get; init; }

    [JsonIgnore]
    public int Digits { get; init; }
}
