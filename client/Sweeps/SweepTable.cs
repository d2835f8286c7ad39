using System.Globalization;
using Reclaim.Client.Reports;
using Spectre.Console;

namespace Reclaim.Client.Sweeps;

/// <summary>A sweep on the terminal: a row for each cell; with two axes a grid for each workload, of one figure.</summary>
internal static class SweepTable
{
    /// <summary>Figures of a row, where there is one workload.</summary>
    private static readonly string[] _columns = ["hit ratio %", "IOPS", "MiB/s", "p99 us", "device reads", "workingset_refault_file", "pgscan"];

    /// <param name="console">Where it goes.</param>
    /// <param name="outcome">What came of the sweep.</param>
    /// <param name="figure">The figure asked for; null: those that are usual.</param>
    public static void Write(IAnsiConsole console, SweepOutcome outcome, string? figure)
    {
        var grid = outcome.Grid;
        console.WriteLine($"{outcome.Scenario}: {string.Join(", ", grid.Axes.Select(axis => axis.Key))}"
            + (outcome.Seeds.Length > 1 ? $"; seeds {outcome.Seeds[0]} to {outcome.Seeds[^1]}: mean ± 95 % interval" : ""));
        if (!outcome.IsComplete)
        {
            console.WriteLine($"incomplete: {outcome.Runs.Count(outcome.IsWhole)} of {outcome.Runs.Length} cells came to their end; those marked * were stopped before, and figures of different cells then cover different times");
        }

        console.WriteLine();
        if (grid.Axes.Length == 2)
        {
            foreach (var line in Lines(outcome, figure ?? SweepFigure.Usual))
            {
                console.WriteLine(line.Name);
                console.Write(Grid(outcome, line));
                console.WriteLine();
            }
        }
        else
        {
            console.Write(Rows(outcome, [.. outcome.HasOnePlace && figure is null
                ? _columns.SelectMany(name => Lines(outcome, name))
                : Lines(outcome, figure ?? SweepFigure.Usual)]));
        }

        foreach (var note in Notes(outcome, figure ?? SweepFigure.Usual))
        {
            console.WriteLine(note);
        }
    }

    /// <summary>What the figures say that is easily missed.</summary>
    public static IEnumerable<string> Notes(SweepOutcome outcome, string figure)
    {
        foreach (var axis in outcome.WithoutEffect())
        {
            yield return $"{axis.Key} changes nothing here: the results are the same whatever its value";
        }

        foreach (var line in Lines(outcome, figure))
        {
            if (BendOf(outcome, line) is { } bend)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{line.Name} bends at {outcome.Grid.Axes[0].Points[bend.Index].Text}: {100 * bend.Had:0} % of its change is had by there");
            }
        }
    }

    public static IEnumerable<FigureLine> Lines(SweepOutcome outcome, string figure) => outcome.Lines.Where(line => line.Kind == figure);

    /// <summary>Where the curve of a figure over the only axis bends; null if it does not, or is not known as a whole.</summary>
    public static Bend? BendOf(SweepOutcome outcome, FigureLine line)
    {
        if (outcome.Grid.Axes is not [{ IsNumeric: true } axis] || !outcome.IsComplete)
        {
            return null;
        }

        var values = axis.Points.Select((_, cell) => outcome.Figure(line, cell)).OfType<Spread>().ToList();
        var bend = values.Count == axis.Points.Length ? Bend.Of([.. axis.Points.Zip(values, (point, value) => (point.Number!.Value, value.Mean))]) : null;

        // A bend that chance may have made is none.
        return bend is not null && values[bend.Index].HalfWidth > Math.Abs(values[^1].Mean - values[0].Mean) / 10 ? null : bend;
    }

    public static string Show(SweepOutcome outcome, FigureLine line, int cell) => outcome.Figure(line, cell) is not { } figure ? "-"
        : figure.Mean.ToString("F" + line.Digits, CultureInfo.InvariantCulture)
            + (outcome.Seeds.Length > 1 ? " ± " + figure.HalfWidth.ToString("F" + line.Digits, CultureInfo.InvariantCulture) : "")
            + (outcome.IsWhole(outcome.Runs[cell]) ? "" : " *");

    private static Table Rows(SweepOutcome outcome, IReadOnlyList<FigureLine> lines)
    {
        var axes = outcome.Grid.Axes;
        var table = TextTable.Make(axes.Length, [.. axes.Select(axis => axis.Name), .. lines.Select(line => line.Name)]);
        for (var cell = 0; cell < outcome.Runs.Length; cell++)
        {
            var at = cell;
            table.Row([.. outcome.Grid.Values(cell), .. lines.Select(line => Show(outcome, line, at))]);
        }

        return table;
    }

    private static Table Grid(SweepOutcome outcome, FigureLine line)
    {
        var (rows, columns) = (outcome.Grid.Axes[0], outcome.Grid.Axes[1]);
        var table = TextTable.Make(1, [$"{rows.Name} \\ {columns.Name}", .. columns.Points.Select(point => point.Text)]);
        for (var row = 0; row < rows.Points.Length; row++)
        {
            var first = row * columns.Points.Length;
            table.Row([rows.Points[row].Text, .. columns.Points.Select((_, column) => Show(outcome, line, first + column))]);
        }

        return table;
    }
}
