using System.Globalization;
using System.Xml.Linq;

namespace Reclaim.Client.Reports.Html;

/// <summary>A curve.</summary>
/// <param name="Name">What the key calls it.</param>
/// <param name="Points">Virtual seconds and values, in order of time.</param>
internal sealed record Curve(string Name, IReadOnlyList<(double Seconds, double Value)> Points);

/// <summary>Curves over virtual time as SVG that needs no script; colours are those of the page.</summary>
internal static class LineChart
{
    /// <summary>Curves that the page has colours for.</summary>
    public const int MostCurves = 8;

    private const double Width = 640;
    private const double Height = 180;
    private const double Left = 64;
    private const double Bottom = 24;
    private const double Top = 8;

    private static readonly XNamespace _svg = "http://www.w3.org/2000/svg";

    /// <param name="title">What the vertical axis shows.</param>
    /// <param name="curves">What to draw.</param>
    /// <param name="stacked">Whether each stands on the one before, as areas.</param>
    public static XElement Draw(string title, IReadOnlyList<Curve> curves, bool stacked = false)
    {
        var drawn = stacked ? Stack(curves) : curves;
        var seconds = Math.Max(1e-9, drawn.SelectMany(curve => curve.Points).Select(point => point.Seconds).DefaultIfEmpty(1).Max());
        var most = Nice(drawn.SelectMany(curve => curve.Points).Select(point => point.Value).DefaultIfEmpty(0).Max());
        double X(double at) => Left + at / seconds * (Width - Left - 8);
        double Y(double value) => Top + (1 - value / most) * (Height - Top - Bottom);

        var svg = new XElement(_svg + "svg", new XAttribute("viewBox", $"0 0 {Width:0} {Height:0}"), new XAttribute("role", "img"), new XAttribute("aria-label", title));
        for (var i = 0; i <= 4; i++)
        {
            var (value, at) = (most * i / 4, seconds * i / 4);
            svg.Add(
                new XElement(_svg + "line", new XAttribute("class", "grid"), At("x1", Left), At("x2", Width - 8), At("y1", Y(value)), At("y2", Y(value))),
                Label(Left - 6, Y(value) + 4, "end", Short(value)),
                Label(X(at), Height - 6, i == 0 ? "start" : i == 4 ? "end" : "middle", $"{Short(at)} s"));
        }

        // Areas from the top one down, so that each covers what is below it.
        foreach (var (curve, i) in drawn.Select((curve, i) => (curve, i)).Where(one => one.curve.Points.Count > 0).OrderByDescending(one => stacked ? one.i : 0))
        {
            var line = string.Join(' ', curve.Points.Select(point => $"{Number(X(point.Seconds))},{Number(Y(point.Value))}"));
            svg.Add(stacked
                ? new XElement(_svg + "polygon", new XAttribute("class", $"area c{i}"), new XAttribute(
                    "points", $"{Number(X(curve.Points[0].Seconds))},{Number(Y(0))} {line} {Number(X(curve.Points[^1].Seconds))},{Number(Y(0))}"))
                : new XElement(_svg + "polyline", new XAttribute("class", $"curve c{i}"), new XAttribute("points", line)));
        }

        return new XElement("figure", new XElement("figcaption", title, curves.Count > 1 ? Key(curves) : null), svg);
    }

    private static XElement Key(IReadOnlyList<Curve> curves) => new(
        "span", new XAttribute("class", "key"), curves.Select((curve, i) => new XElement("span", new XElement("i", new XAttribute("class", $"c{i}"), ""), curve.Name)));

    private static List<Curve> Stack(IReadOnlyList<Curve> curves)
    {
        var stacked = new List<Curve>();
        foreach (var curve in curves)
        {
            var below = stacked.Count == 0 ? null : stacked[^1].Points;
            stacked.Add(curve with { Points = [.. curve.Points.Select((point, i) => (point.Seconds, point.Value + (below?[i].Value ?? 0)))] });
        }

        return stacked;
    }

    private static XElement Label(double x, double y, string anchor, string text) =>
        new(_svg + "text", At("x", x), At("y", y), new XAttribute("text-anchor", anchor), text);

    private static XAttribute At(string name, double value) => new(name, Number(value));

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>The next of 1, 2, 5 × 10ⁿ.</summary>
    private static double Nice(double most)
    {
        if (most <= 0)
        {
            return 1;
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        return power * (most <= power ? 1 : most <= 2 * power ? 2 : most <= 5 * power ? 5 : 10);
    }

    private static string Short(double value) => value switch
    {
        0 => "0",
        >= 1e9 => (value / 1e9).ToString("0.##", CultureInfo.InvariantCulture) + " G",
        >= 1e6 => (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + " M",
        >= 1e4 => (value / 1e3).ToString("0.##", CultureInfo.InvariantCulture) + " k",
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };
}
