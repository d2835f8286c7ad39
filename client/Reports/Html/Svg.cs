using System.Globalization;
using System.Xml.Linq;

namespace Reclaim.Client.Reports.Html;

/// <summary>What all drawings are made of. Colours are those of the page.</summary>
internal static class Svg
{
    public static readonly XNamespace Space = "http://www.w3.org/2000/svg";

    /// <summary>A drawing, and what it says to those who do not see it.</summary>
    public static XElement Canvas(double width, double height, string title, params IEnumerable<XElement?> content) => new(
        Space + "svg", new XAttribute("viewBox", $"0 0 {Number(width)} {Number(height)}"), new XAttribute("role", "img"), new XAttribute("aria-label", title), content);

    public static XElement Line(string kind, (double X, double Y) from, (double X, double Y) to) =>
        new(Space + "line", new XAttribute("class", kind), At("x1", from.X), At("y1", from.Y), At("x2", to.X), At("y2", to.Y));

    /// <summary>A point; its value is shown by what points at it.</summary>
    public static XElement Dot(string kind, double x, double y, string title) =>
        new(Space + "circle", new XAttribute("class", kind), At("cx", x), At("cy", y), At("r", 3), new XElement(Space + "title", title));

    /// <summary>A curve (polyline) or an area (polygon).</summary>
    public static XElement Path(string element, string kind, IEnumerable<(double X, double Y)> points) =>
        new(Space + element, new XAttribute("class", kind), new XAttribute("points", string.Join(' ', points.Select(point => $"{Number(point.X)},{Number(point.Y)}"))));

    public static XElement Label(double x, double y, string anchor, string text) =>
        new(Space + "text", At("x", x), At("y", y), new XAttribute("text-anchor", anchor), text);

    public static XElement Key(IEnumerable<string> names) => new(
        "span", new XAttribute("class", "key"), names.Select((name, i) => new XElement("span", new XElement("i", new XAttribute("class", $"c{i}"), ""), name)));

    public static XAttribute At(string name, double value) => new(name, Number(value));

    public static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>The next of 1, 2, 5 × 10ⁿ.</summary>
    public static double Nice(double most)
    {
        if (most <= 0)
        {
            return 1;
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        return power * (most <= power ? 1 : most <= 2 * power ? 2 : most <= 5 * power ? 5 : 10);
    }

    public static string Short(double value) => value switch
    {
        0 => "0",
        >= 1e9 => (value / 1e9).ToString("0.##", CultureInfo.InvariantCulture) + " G",
        >= 1e6 => (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + " M",
        >= 1e4 => (value / 1e3).ToString("0.##", CultureInfo.InvariantCulture) + " k",
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };
}
