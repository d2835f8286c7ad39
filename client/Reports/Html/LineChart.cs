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

    /// <param name="title">What the vertical axis shows.</param>
    /// <param name="curves">What to draw.</param>
    /// <param name="stacked">Whether each stands on the one before, as areas.</param>
    public static XElement Draw(string title, IReadOnlyList<Curve> curves, bool stacked = false)
    {
        var drawn = stacked ? Stack(curves) : curves;
        var seconds = Math.Max(1e-9, drawn.SelectMany(curve => curve.Points).Select(point => point.Seconds).DefaultIfEmpty(1).Max());
        var most = Svg.Nice(drawn.SelectMany(curve => curve.Points).Select(point => point.Value).DefaultIfEmpty(0).Max());
        double X(double at) => Left + at / seconds * (Width - Left - 8);
        double Y(double value) => Top + (1 - value / most) * (Height - Top - Bottom);

        var svg = new XElement(Svg.Space + "svg", new XAttribute("viewBox", $"0 0 {Width:0} {Height:0}"), new XAttribute("role", "img"), new XAttribute("aria-label", title));
        for (var i = 0; i <= 4; i++)
        {
            var (value, at) = (most * i / 4, seconds * i / 4);
            svg.Add(
                new XElement(Svg.Space + "line", new XAttribute("class", "grid"), Svg.At("x1", Left), Svg.At("x2", Width - 8), Svg.At("y1", Y(value)), Svg.At("y2", Y(value))),
                Svg.Label(Left - 6, Y(value) + 4, "end", Svg.Short(value)),
                Svg.Label(X(at), Height - 6, i == 0 ? "start" : i == 4 ? "end" : "middle", $"{Svg.Short(at)} s"));
        }

        // Areas from the top one down, so that each covers what is below it.
        foreach (var (curve, i) in drawn.Select((curve, i) => (curve, i)).Where(one => one.curve.Points.Count > 0).OrderByDescending(one => stacked ? one.i : 0))
        {
            var line = string.Join(' ', curve.Points.Select(point => $"{Svg.Number(X(point.Seconds))},{Svg.Number(Y(point.Value))}"));
            svg.Add(stacked
                ? new XElement(Svg.Space + "polygon", new XAttribute("class", $"area c{i}"), new XAttribute(
                    "points", $"{Svg.Number(X(curve.Points[0].Seconds))},{Svg.Number(Y(0))} {line} {Svg.Number(X(curve.Points[^1].Seconds))},{Svg.Number(Y(0))}"))
                : new XElement(Svg.Space + "polyline", new XAttribute("class", $"curve c{i}"), new XAttribute("points", line)));
        }

        return new XElement("figure", new XElement("figcaption", title, curves.Count > 1 ? Key(curves) : null), svg);
    }

    private static XElement Key(IReadOnlyList<Curve> curves) => Svg.Key(curves.Select(curve => curve.Name));

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
}
