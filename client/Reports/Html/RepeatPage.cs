using System.Globalization;
using System.Xml.Linq;

namespace Reclaim.Client.Reports.Html;

/// <summary>What <c>--report</c> writes of the same runs under several seeds: how each figure scatters, and where sides differ by more than that.</summary>
internal static class RepeatPage
{
    /// <summary>Drawings on a page; the table has all figures.</summary>
    private const int MostPlots = 60;

    /// <param name="report">The runs.</param>
    /// <param name="command">The command line that repeats them.</param>
    public static string Of(RepeatReport report, string command)
    {
        var scatter = report.Sides[0].Figures.Where(figure => Named(report, figure.Name).Any(one => one.Range[0] != one.Range[1]) || Named(report, figure.Name).DistinctBy(one => one.Mean).Count() > 1).ToList();
        var same = report.Sides[0].Figures.Length - scatter.Count;
        return Page.Of(report.Scenario,
        [
            new XElement("h1", report.Sides.Length == 1 ? report.Scenario : $"{report.Scenario}: {string.Join(" / ", report.Sides.Select(side => side.Name))}"),
            report.Sides.Any(side => side.Runs.Any(run => !run.Complete)) ? new XElement("p", "Incomplete: some runs were stopped before their end.") : null,
            HtmlReport.Section("What ran", Facts(report)),
            report.Sides.Length > 1 ? HtmlReport.Section("Which differences are more than chance", [.. Differences(report)]) : null,
            HtmlReport.Section("All figures", Table(report), Note("Mean ± half the 95 % interval (Student's t), and the smallest and largest run.")),
            HtmlReport.Section(
                "How they scatter",
                new XElement("div", new XAttribute("class", "charts"), scatter.Take(MostPlots).Select(figure => Plot(report, figure.Name))),
                Note("A point is a run, the line its side's mean, the bar where the mean lies with 95 % confidence."
                    + (same > 0 ? $" {same} figures were the same in every run." : "") + (scatter.Count > MostPlots ? $" The first {MostPlots} of {scatter.Count} figures are drawn." : ""))),
            HtmlReport.Section("The runs", Runs(report)),
            HtmlReport.Section("To run it again", HtmlReport.Again(command)),
        ]);
    }

    private static XElement Facts(RepeatReport report) => Page.Table(2, ["", ""],
    [
        ["scenario", report.Scenario],
        ["seeds", $"{report.Sides[0].Runs[0].Seed} to {report.Sides[0].Runs[^1].Seed}"],
        .. report.Sides.Select(side => (IReadOnlyList<object>)[side.Name, $"{side.Runs[0].Kernel.Policy} {side.Runs[0].Kernel.Variant}, LRU_REFS_WIDTH {side.Runs[0].Kernel.LruRefsWidth}"]),
    ]);

    private static IEnumerable<XElement> Differences(RepeatReport report)
    {
        var first = report.Sides[0];
        foreach (var side in report.Sides.Skip(1))
        {
            var differing = side.Figures.Where(figure => figure.Differs == true).ToList();
            yield return new XElement("h3", $"{first.Name} -> {side.Name}");
            yield return differing.Count == 0
                ? new XElement("p", "None: whatever differs may be chance.")
                : Page.Table(1, ["", first.Name, side.Name, "change"], differing.Select(figure => (IReadOnlyList<object>)[
                    figure.Name, Show(first.Figures.Single(one => one.Name == figure.Name)), Show(figure), Change(figure)]));
            if (differing.Count > 0 && differing.Count < side.Figures.Length)
            {
                yield return Note($"The other {side.Figures.Length - differing.Count} figures do not differ by more than chance (Welch's test, 95 %). Of twenty figures that are the same, one will seem to differ.");
            }
        }
    }

    private static XElement Table(RepeatReport report) => Page.Table(
        1,
        ["", .. report.Sides.SelectMany((side, i) => (string[])[side.Name, "smallest", "largest", .. i == 0 ? (string[])[] : ["change", "differs"]])],
        report.Sides[0].Figures.Select(figure => (IReadOnlyList<object>)[figure.Name, .. report.Sides.SelectMany((side, i) => Cells(side.Figures.FirstOrDefault(one => one.Name == figure.Name), i > 0))]));

    private static string[] Cells(RepeatFigure? figure, bool compared) => figure is null
        ? [.. Enumerable.Repeat("", compared ? 5 : 3)]
        : [Show(figure), Text(figure.Range[0], figure), Text(figure.Range[1], figure), .. compared ? (string[])[Change(figure), figure.Differs == true ? "yes" : "no"] : []];

    private static XElement Plot(RepeatReport report, string figure)
    {
        var sides = report.Sides.Where(side => side.Figures.Any(one => one.Name == figure)).Select(side => (side.Name, Line: side.Lines.First(line => line.Name == figure), side.Runs, Figure: side.Figures.First(one => one.Name == figure)));
        return SpreadPlot.Draw(figure, [.. sides.Select(side => (
            side.Name, (IReadOnlyList<double>)[.. side.Runs.Select(side.Line.Figure).OfType<double>()], side.Figure.Mean, side.Figure.Interval95[0], side.Figure.Interval95[1]))]);
    }

    private static XElement Runs(RepeatReport report) => Page.Table(2, ["", "digest", "seed", "accesses"], report.Sides.SelectMany(side => side.Runs.Select(run => (IReadOnlyList<object>)[
        side.Name, run.Digest, run.Seed.ToString(CultureInfo.InvariantCulture), Figures.Count(run.Accesses)])));

    private static IEnumerable<RepeatFigure> Named(RepeatReport report, string name) => report.Sides.SelectMany(side => side.Figures.Where(figure => figure.Name == name));

    private static XElement Note(string text) => new("p", new XAttribute("class", "note"), text);

    private static string Show(RepeatFigure figure) => $"{Text(figure.Mean, figure)} ± {Text(figure.Interval95[1] - figure.Mean, figure)}";

    private static string Text(double value, RepeatFigure figure) => value.ToString("F" + figure.Digits, CultureInfo.InvariantCulture);

    private static string Change(RepeatFigure figure) => figure.ChangePercent is { } change ? change.ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture) + "%" : "-";
}
