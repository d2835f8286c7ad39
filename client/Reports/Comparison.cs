using System.Collections.Immutable;
using System.Globalization;
using Reclaim.Contracts.Results;
using Spectre.Console;

namespace Reclaim.Client.Reports;

/// <summary>The same workload under several kernels, in the shape of <c>reclaim-comparison/1</c>.</summary>
internal sealed record Comparison(string Schema, ImmutableArray<RunResults> Sides)
{
    public const string SchemaName = "reclaim-comparison/1";
}

/// <summary>Runs to be set side by side, and what each is called.</summary>
internal sealed record ComparedSides(string Scenario, ImmutableArray<string> Names, ImmutableArray<RunResults> Results);

/// <summary>A comparison as kernel developers post it: a name, the figure of each side, and its change against the first.</summary>
internal static class ComparisonTable
{
    public static void Write(IAnsiConsole console, string scenario, IReadOnlyList<string> names, IReadOnlyList<RunResults> sides)
    {
        console.WriteLine($"{scenario}: {string.Join(" / ", names)}");
        if (sides.Any(side => !side.Complete))
        {
            console.WriteLine("incomplete: stopped before its end; figures of different sides cover different times");
        }

        console.WriteLine();
        var headers = new List<string> { "", names[0] };
        foreach (var name in names.Skip(1))
        {
            headers.AddRange([name, "change"]);
        }

        var table = TextTable.Make(1, headers);
        foreach (var line in FigureLine.Of(sides[0]))
        {
            var first = line.Figure(sides[0]);
            var cells = new List<string> { line.Name, Show(first, line.Digits) };
            foreach (var side in sides.Skip(1))
            {
                var figure = line.Figure(side);
                cells.AddRange([Show(figure, line.Digits), Change(first, figure)]);
            }

            table.Row(cells);
        }

        console.Write(table);
    }

    internal static string Change(double? first, double? other)
    {
        if (first is null || other is null)
        {
            return "";
        }

        if (first == other)
        {
            return "0.00%";
        }

        return first == 0 ? "-" : ((other.Value - first.Value) / first.Value * 100).ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture) + "%";
    }

    internal static string Show(double? value, int digits) => value?.ToString("F" + digits, CultureInfo.InvariantCulture) ?? "";
}
