using System.Collections.Immutable;
using System.Globalization;
using Reclaim.Client.Reports;
using Spectre.Console;

namespace Reclaim.Client.Conformance;

/// <summary>Shows a conformance report: each case with its figures, the worst first.</summary>
internal static class ConformanceTable
{
    private static readonly string[] _headers = ["case", "figure", "kernel", "simulator", "error"];

    public static void Write(IAnsiConsole console, ConformanceReport report)
    {
        var table = TextTable.Make(2, _headers);
        foreach (var (cells, style) in Rows(report))
        {
            table.AddRow(cells.Select((cell, i) => new Text(cell, i == _headers.Length - 1 ? style : Style.Plain)));
        }

        console.Write(table);
        console.WriteLine();
        LotteryTable.Write(console, report);
        foreach (var skipped in report.Cases.Where(c => !c.Supported))
        {
            console.WriteLine($"not replayed: {Title(skipped)}: {skipped.Reason}");
        }

        console.WriteLine(Verdict(report));
    }

    public static void WriteMarkdown(TextWriter output, ConformanceReport report)
    {
        output.WriteLine($"| {string.Join(" | ", _headers)} |");
        output.WriteLine("| --- | --- | ---: | ---: | ---: |");
        foreach (var (cells, _) in Rows(report))
        {
            output.WriteLine($"| {string.Join(" | ", cells)} |");
        }

        output.WriteLine();
        LotteryTable.WriteMarkdown(output, report);
        if (report.Cases.Any(c => !c.Supported))
        {
            output.WriteLine("| not replayed | why |");
            output.WriteLine("| --- | --- |");
            foreach (var skipped in report.Cases.Where(c => !c.Supported))
            {
                output.WriteLine($"| {Title(skipped)} | {skipped.Reason} |");
            }

            output.WriteLine();
        }

        output.WriteLine(Verdict(report));
    }

    private static IEnumerable<(string[] Cells, Style Style)> Rows(ConformanceReport report)
    {
        foreach (var replayed in report.Cases.Where(c => c.Supported))
        {
            var title = Title(replayed);
            foreach (var figure in replayed.Figures.OrderByDescending(figure => Math.Abs(figure.ErrorPercent)))
            {
                yield return ([title, figure.Name, Ranged(figure.Measured, figure.MeasuredRange), Ranged(figure.Simulated, figure.SimulatedRange), Percent(figure.ErrorPercent)],
                    Colour(Math.Abs(figure.ErrorPercent), Target(replayed, figure)));
                title = "";
            }

            if (replayed.ResidentAgreement is { } agreement)
            {
                var percent = agreement.ToString("P2", CultureInfo.InvariantCulture);
                yield return ([title, "resident pages in both", "", percent, ""], Style.Plain);
            }
        }
    }

    private static string Verdict(ConformanceReport report)
    {
        var replayed = report.Cases.Where(c => c.Supported).ToList();
        var exact = replayed.Where(c => c.Lottery is null).ToList();
        var good = exact.Count(c => c.Figures.All(figure => Math.Abs(figure.ErrorPercent) <= Target(c, figure)) && c.ResidentAgreement is null or >= 0.99);
        var drawn = replayed.Count - exact.Count;
        return $"{replayed.Count} of {report.Cases.Length} cases replayed, {good} of {exact.Count} with every figure on target "
            + "(device reads 0.1 %, with classic 0.5 %; counters 0.3 %, with classic 0.5 %; resident pages 99 %)"
            + (drawn == 0 ? "" : $", {replayed.Count(c => c.Lottery is { Good: true })} of {drawn} in which the kernel draws lots on theirs");
    }

    /// <summary>The error that counts as good, in per cent; where the kernel draws lots, of a mean.</summary>
    internal static double Target(ConformanceCase replayed, ConformanceFigure figure)
    {
        if (replayed.Lottery is not null)
        {
            return figure.Name == CaseJudge.AllReads ? LotteryVerdict.TotalBound : LotteryVerdict.StreamBound;
        }

        return replayed.Policy == "classic" ? 0.5 : figure.Name.EndsWith(CaseJudge.AllReads, StringComparison.Ordinal) ? 0.1 : 0.3;
    }

    private static Style Colour(double error, double target) =>
        new(error <= target ? Color.Green : error <= 10 * target ? Color.Yellow : Color.Red);

    internal static string Title(ConformanceCase c) => Path.GetFileNameWithoutExtension(c.File);

    private static string Ranged(double mean, ImmutableArray<double> range) =>
        range.IsDefault ? Plain(mean) : $"{Plain(mean)} ({Plain(range[0])} to {Plain(range[1])})";

    private static string Plain(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    internal static string Percent(double value) => value.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture) + "%";
}
