using System.Xml.Linq;

namespace Reclaim.Client.Reports.Html;

/// <summary>How a figure scatters over seeds: a row for each side, a point for each run, and a bar where the mean lies with 95 % confidence.</summary>
internal static class SpreadPlot
{
    private const double Width = 640;
    private const double Right = 24;
    private const double Row = 26;
    private const double Top = 6;
    private const double Bottom = 22;
    private const double Character = 6.5;

    /// <param name="title">The figure.</param>
    /// <param name="sides">Of each side its name, its runs, and where their mean lies.</param>
    public static XElement Draw(string title, IReadOnlyList<(string Name, IReadOnlyList<double> Runs, double Mean, double Low, double High)> sides)
    {
        var left = (sides.Max(side => side.Name.Length) * Character) + 12;
        var (low, high) = (sides.Min(side => Math.Min(side.Low, side.Runs.Min())), sides.Max(side => Math.Max(side.High, side.Runs.Max())));

        // Runs that are all alike stand in the middle.
        var margin = high == low ? Math.Max(1, Math.Abs(high) / 100) : (high - low) / 20;
        (low, high) = (low - margin, high + margin);
        double X(double value) => left + ((value - low) / (high - low) * (Width - left - Right));
        var height = Top + (Row * sides.Count) + Bottom;

        var svg = Svg.Canvas(Width, height, title);
        for (var i = 0; i <= 4; i++)
        {
            var value = low + ((high - low) * i / 4);
            svg.Add(Svg.Line("grid", (X(value), Top), (X(value), height - Bottom)), Svg.Label(X(value), height - 6, "middle", Short(value, high - low)));
        }

        foreach (var (side, row) in sides.Select((side, row) => (side, row)))
        {
            var (i, y) = (row % LineChart.MostCurves, Top + (Row * (row + 0.5)));
            svg.Add(
                Svg.Label(left - 8, y + 4, "end", side.Name),
                Svg.Path("polygon", $"band c{i}", [(X(side.Low), y - 8), (X(side.High), y - 8), (X(side.High), y + 8), (X(side.Low), y + 8)]),
                Svg.Line($"curve c{i}", (X(side.Mean), y - 8), (X(side.Mean), y + 8)),
                side.Runs.Select(run => Svg.Dot($"dot c{i}", X(run), y, Short(run, high - low))));
        }

        return new XElement("figure", new XElement("figcaption", title), svg);
    }

    /// <summary>With as many digits as it takes to tell values apart.</summary>
    private static string Short(double value, double range) => Figures.Fixed(value, Math.Clamp(2 - (int)Math.Floor(Math.Log10(range)), 0, 6));
}
