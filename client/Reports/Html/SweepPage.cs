using System.Xml.Linq;
using Reclaim.Client.Sweeps;

namespace Reclaim.Client.Reports.Html;

/// <summary>What <c>--report</c> writes of a sweep: curves over one key, heat maps over two, a table, and how to repeat it.</summary>
internal static class SweepPage
{
    /// <summary>Figures that have a drawing each, where none was asked for.</summary>
    private static readonly string[] _drawn = ["hit ratio %", "IOPS", "p99 us", "workingset_refault_file"];

    /// <summary>Whether the runs of a sweep are few enough to be drawn over virtual time, one over the other.</summary>
    public static bool ShowsTime(SweepGrid grid) => grid.Cells <= LineChart.MostCurves;

    /// <param name="outcome">What came of the sweep.</param>
    /// <param name="figure">The figure asked for; null: those that are usual.</param>
    /// <param name="command">The command line that repeats it.</param>
    public static string Of(SweepOutcome outcome, string? figure, string command)
    {
        var (grid, overlaid) = (outcome.Grid, Overlaid(outcome));
        string[] figures = figure is null ? _drawn : [figure];
        return Page.Of(outcome.Scenario,
        [
            new XElement("h1", $"{outcome.Scenario}: {string.Join(", ", grid.Axes.Select(axis => axis.Name))}"),
            outcome.IsComplete ? null : new XElement("p", $"Incomplete: {outcome.Runs.Count(outcome.IsWhole)} of {outcome.Runs.Length} cells came to their end. Figures marked * cover a part of the time."),
            .. Notes(outcome, figure ?? SweepFigure.Usual),
            HtmlReport.Section("What ran", Facts(outcome)),
            .. grid.Axes.Length == 2 ? [HtmlReport.Section("Over both", Charts(figures.SelectMany(name => Maps(outcome, name))))] : (XElement[])[],
            Curves(outcome, figures) is { Length: > 0 } curves ? HtmlReport.Section(grid.Axes.Length == 1 ? $"Over {grid.Axes[0].Key}" : "Curves", Charts(curves)) : null,
            overlaid is null ? null : HtmlReport.Latencies([.. overlaid.Names.Zip(overlaid.Results)]),
            overlaid is not null && HtmlReport.Overlays(overlaid).ToArray() is { Length: > 0 } overlays ? HtmlReport.Section("Over time", overlays) : null,
            HtmlReport.Section("All figures", Table(outcome)),
            HtmlReport.Section("To run it again", HtmlReport.Again(command)),
        ]);
    }

    private static IEnumerable<XElement> Notes(SweepOutcome outcome, string figure)
    {
        foreach (var note in SweepTable.Notes(outcome, figure))
        {
            yield return new XElement("p", note + ".");
        }
    }

    private static XElement Facts(SweepOutcome outcome) => Page.Table(2, ["key", "values"],
    [
        .. outcome.Grid.Axes.Select(axis => (IReadOnlyList<object>)[axis.Key, string.Join(", ", axis.Points.Select(point => point.Text))]),
        .. outcome.Grid.Fixed.Select(assignment => (IReadOnlyList<object>)[assignment.Split('=', 2)[0], assignment.Split('=', 2)[^1]]),
        (IReadOnlyList<object>)["seeds", outcome.Seeds.Length == 1 ? $"{outcome.Seeds[0]}" : $"{outcome.Seeds[0]} to {outcome.Seeds[^1]}: means, and bands where they lie with 95 % confidence"],
    ]);

    private static XElement Charts(IEnumerable<XElement> charts) => new("div", new XAttribute("class", "charts"), charts);

    private static IEnumerable<XElement> Maps(SweepOutcome outcome, string figure)
    {
        var (rows, columns) = (outcome.Grid.Axes[0], outcome.Grid.Axes[1]);
        return SweepTable.Lines(outcome, figure).Select(line => HeatMap.Draw(
            line.Name,
            (rows.Name, [.. rows.Points.Select(point => point.Text)]),
            (columns.Name, [.. columns.Points.Select(point => point.Text)]),
            [.. Enumerable.Range(0, outcome.Runs.Length).Select(cell => (outcome.Figure(line, cell)?.Mean, SweepTable.Show(outcome, line, cell)))]));
    }

    /// <summary>Each figure over the first axis of numbers, or the first: a curve for each combination of the others, or for each workload where there is no other.</summary>
    private static XElement[] Curves(SweepOutcome outcome, IReadOnlyList<string> figures)
    {
        var grid = outcome.Grid;
        var over = Math.Max(0, grid.Axes.ToList().FindIndex(axis => axis.IsNumeric));
        var axis = grid.Axes[over];
        var series = Enumerable.Range(0, outcome.Runs.Length).GroupBy(cell => string.Join(", ", grid.Values(cell).RemoveAt(over)), StringComparer.Ordinal).ToList();
        if (series.Count > LineChart.MostCurves)
        {
            return [];
        }

        string[] values = [.. axis.Points.Select(point => point.Text)];
        double[]? places = axis.IsNumeric ? [.. axis.Points.Select(point => axis.IsGeometric ? Math.Log(point.Number!.Value) : point.Number!.Value)] : null;
        var lines = figures.SelectMany(figure => grid.Axes.Length == 1
            ? SweepTable.Lines(outcome, figure).Chunk(LineChart.MostCurves).Select(some => (Title: figure, Curves: some.Select(line => (line.Place, Line: line, Cells: (IEnumerable<int>)series[0])).ToList()))
            : SweepTable.Lines(outcome, figure).Select(line => (Title: line.Name, Curves: series.Select(group => (Place: group.Key, Line: line, Cells: (IEnumerable<int>)group)).ToList())));
        return [.. lines.Select(chart => ValueChart.Draw(
            chart.Curves is [{ Place: { Length: > 0 } place }] && grid.Axes.Length == 1 ? $"{place} {chart.Title}" : chart.Title,
            axis.IsGeometric ? $"{axis.Key} (logarithmic)" : axis.Key,
            values, places,
            [.. chart.Curves.Select(curve => new ValueCurve(curve.Place, [.. curve.Cells
                .Select(cell => (At: grid.At(cell)[over], Figure: outcome.Figure(curve.Line, cell))).Where(one => one.Figure is not null)
                .Select(one => (one.At, one.Figure!.Mean, one.Figure.HalfWidth))]))],
            chart.Curves.Count == 1 && SweepTable.BendOf(outcome, chart.Curves[0].Line) is { } bend ? (bend.Index, $"{100 * bend.Had:0} % of the change by {values[bend.Index]}") : null))];
    }

    /// <summary>Few runs are drawn over each other.</summary>
    private static ComparedSides? Overlaid(SweepOutcome outcome) => outcome.Seeds.Length > 1 || !ShowsTime(outcome.Grid) || outcome.Runs.Any(cell => cell.IsEmpty) ? null
        : new ComparedSides(outcome.Scenario, [.. outcome.Runs.Select((_, cell) => outcome.Grid.Label(cell))], [.. outcome.Runs.Select(cell => cell[0])]);

    private static XElement Table(SweepOutcome outcome) => Page.Table(
        outcome.Grid.Axes.Length,
        [.. outcome.Grid.Axes.Select(axis => axis.Name), .. outcome.Lines.Select(line => line.Name)],
        outcome.Runs.Select((_, cell) => (IReadOnlyList<object>)[.. outcome.Grid.Values(cell), .. outcome.Lines.Select(line => SweepTable.Show(outcome, line, cell))]));
}
