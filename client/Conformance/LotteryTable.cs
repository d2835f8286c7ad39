using System.Globalization;
using Reclaim.Client.Reports;
using Spectre.Console;

namespace Reclaim.Client.Conformance;

/// <summary>Shows, of the cases in which the kernel draws lots, which of the four things asked hold, and by how much.</summary>
internal static class LotteryTable
{
    private static readonly string[] _headers = ["where the kernel draws lots", "asked", "kernel", "simulator", "gives", "holds"];

    public static void Write(IAnsiConsole console, ConformanceReport report)
    {
        if (report.Cases.All(c => c.Lottery is null))
        {
            return;
        }

        var table = TextTable.Make(2, _headers);
        foreach (var cells in Rows(report))
        {
            table.AddRow(cells.Select((cell, i) => new Text(cell, i == _headers.Length - 1 ? Colour(cell) : Style.Plain)));
        }

        console.Write(table);
        console.WriteLine();
    }

    public static void WriteMarkdown(TextWriter output, ConformanceReport report)
    {
        if (report.Cases.All(c => c.Lottery is null))
        {
            return;
        }

        output.WriteLine($"| {string.Join(" | ", _headers)} |");
        output.WriteLine("| --- | --- | ---: | ---: | ---: | --- |");
        foreach (var cells in Rows(report))
        {
            output.WriteLine($"| {string.Join(" | ", cells)} |");
        }

        output.WriteLine();
    }

    private static IEnumerable<string[]> Rows(ConformanceReport report)
    {
        foreach (var drawn in report.Cases)
        {
            if (drawn.Lottery is not { } verdict)
            {
                continue;
            }

            var (total, streams, range, spread) = (verdict.Total, verdict.Streams, verdict.KernelRunsInRange, verdict.Spread);
            var reads = drawn.Figures.Single(figure => figure.Name == total.Figure);
            yield return
            [
                ConformanceTable.Title(drawn), $"mean of all device reads within {Short(total.BoundPercent)} %",
                Whole(reads.Measured), Whole(reads.Simulated), ConformanceTable.Percent(total.ErrorPercent), YesNo(total.Holds),
            ];
            var worst = drawn.Figures.Single(figure => figure.Name == streams.Figure);
            yield return
            [
                "", $"mean of each stream within {Short(streams.BoundPercent)} %; worst: {streams.Figure}",
                Whole(worst.Measured), Whole(worst.Simulated), ConformanceTable.Percent(streams.ErrorPercent), YesNo(streams.Holds),
            ];
            var all = reads.MeasuredRange.IsDefault ? Whole(reads.Measured) : $"{Whole(reads.MeasuredRange[0])} to {Whole(reads.MeasuredRange[1])}";
            yield return
            [
                "", $"every run of the kernel in the simulator's range, widened by {Short(LotteryVerdict.RangeMargin)} %",
                all, $"{Whole(range.Widened[0])} to {Whole(range.Widened[1])}", $"{range.Inside} of {range.Runs}", YesNo(range.Holds),
            ];
            yield return
            [
                "", "standard deviation half to double the kernel's",
                spread.Measured is { } kernel ? Whole(kernel) : "one run", spread.Simulated is { } simulator ? Whole(simulator) : "one run",
                spread is { Measured: > 0, Simulated: not null } ? $"×{(spread.Simulated / spread.Measured).Value.ToString("F2", CultureInfo.InvariantCulture)}" : "",
                YesNo(spread.Holds),
            ];
        }
    }

    private static Style Colour(string holds) => new(holds == "yes" ? Color.Green : holds == "no" ? Color.Red : Color.Default);

    private static string YesNo(bool? holds) => holds switch { true => "yes", false => "no", null => "unknown" };

    private static string Whole(double value) => value.ToString("F0", CultureInfo.InvariantCulture);

    private static string Short(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
