using System.Globalization;
using Spectre.Console;

namespace Reclaim.Client.Reports;

/// <summary>Shows what several seeds gave: each figure as mean, 95 % interval and range, and whether sides differ.</summary>
internal static class RepeatTable
{
    public static void Write(IAnsiConsole console, RepeatReport report)
    {
        var runs = report.Sides[0].Runs;
        console.WriteLine($"{report.Scenario}: seeds {runs[0].Seed} to {runs[^1].Seed}; mean ± 95 % interval [smallest .. largest]");
        if (report.Sides.Any(side => side.Runs.Any(run => !run.Complete)))
        {
            console.WriteLine("incomplete: some runs were stopped before their end");
        }

        if (report.Sides.All(side => side.Figures.All(figure => figure.Range[0] == figure.Range[1])))
        {
            console.WriteLine("every seed gave the same figures: nothing in this scenario depends on the run's seed");
        }

        console.WriteLine();
        var first = report.Sides[0];
        var table = TextTable.Make(1, ["", first.Name, .. report.Sides.Skip(1).SelectMany(side => new[] { side.Name, "change", "differs" })]);
        foreach (var figure in first.Figures)
        {
            var others = report.Sides.Skip(1).SelectMany(side => Cells(side.Figures.FirstOrDefault(other => other.Name == figure.Name)));
            table.Row([figure.Name, Show(figure), .. others]);
        }

        console.Write(table);
    }

    private static string[] Cells(RepeatFigure? figure) => figure is null
        ? ["", "", ""]
        : [Show(figure), figure.ChangePercent is { } change ? change.ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture) + "%" : "-", figure.Differs == true ? "yes" : "no"];

    private static string Show(RepeatFigure figure)
    {
        var format = "F" + figure.Digits;
        return $"{Text(figure.Mean)} ± {Text(figure.Interval95[1] - figure.Mean)} [{Text(figure.Range[0])} .. {Text(figure.Range[1])}]";

        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
    }
}
