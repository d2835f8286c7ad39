using System.Xml.Linq;

namespace Reclaim.Client.Reports.Html;

/// <summary>A figure over two keys: a cell for each pair of values, the more of the colour the larger it is, its number in it, so that it is read without the colour, too.</summary>
internal static class HeatMap
{
    private const double CellHeight = 26;
    private const double Character = 6.8;
    private const double Head = 40;

    /// <summary>How much of the colour the largest has, so that the number in it can still be read on a light page and on a dark one.</summary>
    private const double Deepest = 0.55;

    /// <param name="title">The figure.</param>
    /// <param name="rows">The key of the rows, and its values.</param>
    /// <param name="columns">The key of the columns, and its values.</param>
    /// <param name="cells">The figure of each cell, row by row, and how it is written; null: it is not known.</param>
    public static XElement Draw(
        string title, (string Name, IReadOnlyList<string> Values) rows, (string Name, IReadOnlyList<string> Values) columns, IReadOnlyList<(double? Value, string Text)> cells)
    {
        var left = ((double)Math.Max(rows.Name.Length, rows.Values.Max(value => value.Length)) * Character) + 16;
        var wide = (Math.Max(columns.Values.Max(value => value.Length), cells.Max(cell => cell.Text.Length)) * Character) + 14;
        var known = cells.Select(cell => cell.Value).OfType<double>().ToList();
        var (low, high) = (known.DefaultIfEmpty(0).Min(), known.DefaultIfEmpty(0).Max());
        var (width, height) = (left + (wide * columns.Values.Count) + 4, Head + (CellHeight * rows.Values.Count) + 4);

        var svg = Svg.Canvas(width, height, title);
        svg.SetAttributeValue("class", "heat");
        svg.SetAttributeValue("style", $"max-width: {Svg.Number(width)}px");
        svg.Add(Svg.Label(left + (wide * columns.Values.Count / 2), 12, "middle", columns.Name), Svg.Label(left - 8, Head - 8, "end", rows.Name));
        svg.Add(columns.Values.Select((value, i) => Svg.Label(left + (wide * (i + 0.5)), Head - 8, "middle", value)));
        for (var row = 0; row < rows.Values.Count; row++)
        {
            var y = Head + (CellHeight * row);
            svg.Add(Svg.Label(left - 8, y + (CellHeight / 2) + 4, "end", rows.Values[row]));
            for (var column = 0; column < columns.Values.Count; column++)
            {
                var ((value, text), x) = (cells[(row * columns.Values.Count) + column], left + (wide * column));
                if (value is { } figure)
                {
                    svg.Add(new XElement(
                        Svg.Space + "rect", new XAttribute("class", "cell c0"), Svg.At("x", x), Svg.At("y", y), Svg.At("width", wide - 1), Svg.At("height", CellHeight - 1),
                        new XAttribute("fill-opacity", (high == low ? Deepest / 2 : Deepest * (figure - low) / (high - low)).ToString("0.###", System.Globalization.CultureInfo.InvariantCulture))));
                }

                svg.Add(Ink(Svg.Label(x + (wide / 2), y + (CellHeight / 2) + 4, "middle", text)));
            }
        }

        return new XElement("figure", new XElement("figcaption", title), new XElement("div", new XAttribute("class", "wide"), svg));
    }

    private static XElement Ink(XElement label)
    {
        label.SetAttributeValue("class", "ink");
        return label;
    }
}
