using Spectre.Console;

namespace Reclaim.Client.Reports;

/// <summary>Tables without frames, as they can be pasted into a mail: the first columns to the left, figures to the right.</summary>
internal static class TextTable
{
    /// <param name="left">How many columns, from the first, are text.</param>
    /// <param name="headers">Names of the columns.</param>
    public static Table Make(int left, params IReadOnlyList<string> headers)
    {
        var table = new Table { Border = TableBorder.None };
        for (var i = 0; i < headers.Count; i++)
        {
            var column = new TableColumn(new Text(headers[i], new Style(decoration: Decoration.Bold))) { NoWrap = true, Padding = new Padding(0, 0, 2, 0) };
            table.AddColumn(i < left ? column.LeftAligned() : column.RightAligned());
        }

        return table;
    }

    public static void Row(this Table table, params IEnumerable<string> cells) => table.AddRow(cells.Select(cell => new Text(cell)));
}
