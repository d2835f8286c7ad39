using System.Xml.Linq;

namespace Reclaim.Client.Reports.Html;

/// <summary>A figure for each value of a key.</summary>
/// <param name="Name">What the key of the drawing calls it.</param>
/// <param name="Points">Number of the value, and the figure; with several seeds their mean, and where it lies with 95 % confidence.</param>
internal sealed record ValueCurve(string Name, IReadOnlyList<(int At, double Mean, double HalfWidth)> Points);

/// <summary>Curves of a figure over the values of a key, each with its interval as a band. Over words there are points alone: nothing lies between two of them.</summary>
internal static class ValueChart
{
    private const double Width = 640;
    private const double Height = 240;
    private const double Left = 64;
    private const double Right = 20;
    private const double Bottom = 40;
    private const double Top = 12;

    /// <summary>Characters of labels that there is room for along the axis.</summary>
    private const int Room = 84;

    /// <param name="title">The figure.</param>
    /// <param name="axis">What the key is called.</param>
    /// <param name="values">Its values.</param>
    /// <param name="places">Where each is along the axis, in rising or falling order; null: they are words.</param>
    /// <param name="curves">What to draw.</param>
    /// <param name="mark">The value that is to be marked, and why; null: none.</param>
    public static XElement Draw(
        string title, string axis, IReadOnlyList<string> values, IReadOnlyList<double>? places, IReadOnlyList<ValueCurve> curves, (int At, string Why)? mark = null)
    {
        var at = places ?? [.. Enumerable.Range(0, values.Count).Select(i => (double)i)];
        var (low, high) = (at.Min(), at.Max());
        var most = Svg.Nice(curves.SelectMany(curve => curve.Points).Select(point => point.Mean + point.HalfWidth).DefaultIfEmpty(0).Max());
        double X(int i) => Left + (high == low ? 0.5 : (at[i] - low) / (high - low)) * (Width - Left - Right);
        double Y(double value) => Top + (1 - Math.Clamp(value, 0, most) / most) * (Height - Top - Bottom);

        var svg = Svg.Canvas(Width, Height, title);
        for (var i = 0; i <= 4; i++)
        {
            var value = most * i / 4;
            svg.Add(Svg.Line("grid", (Left, Y(value)), (Width - Right, Y(value))), Svg.Label(Left - 6, Y(value) + 4, "end", Svg.Short(value)));
        }

        foreach (var i in Labelled(values, [.. Enumerable.Range(0, values.Count).Select(X)]))
        {
            svg.Add(Svg.Line("grid", (X(i), Top), (X(i), Height - Bottom)), Svg.Label(X(i), Height - Bottom + 14, "middle", values[i]));
        }

        svg.Add(Svg.Label((Left + Width - Right) / 2, Height - 6, "middle", axis));
        if (mark is { } bend)
        {
            var right = X(bend.At) > Width / 2;
            svg.Add(Svg.Line("mark", (X(bend.At), Top), (X(bend.At), Height - Bottom)), Svg.Label(X(bend.At) + (right ? -5 : 5), Height - Bottom - 6, right ? "end" : "start", bend.Why));
        }

        foreach (var (curve, i) in curves.Select((curve, i) => (curve, i)))
        {
            svg.Add(Curve(curve, i));
        }

        return new XElement("figure", new XElement("figcaption", title, curves.Count > 1 ? Svg.Key(curves.Select(curve => curve.Name)) : null), svg);

        IEnumerable<XElement> Curve(ValueCurve curve, int i)
        {
            if (places is not null)
            {
                if (curve.Points.Any(point => point.HalfWidth > 0))
                {
                    yield return Svg.Path("polygon", $"band c{i}", [
                        .. curve.Points.Select(point => (X(point.At), Y(point.Mean + point.HalfWidth))),
                        .. curve.Points.Reverse().Select(point => (X(point.At), Y(point.Mean - point.HalfWidth)))]);
                }

                yield return Svg.Path("polyline", $"curve c{i}", curve.Points.Select(point => (X(point.At), Y(point.Mean))));
            }

            foreach (var (index, mean, half) in curve.Points)
            {
                if (half > 0 && places is null)
                {
                    yield return Svg.Line($"curve c{i}", (X(index), Y(mean - half)), (X(index), Y(mean + half)));
                }

                yield return Svg.Dot($"dot c{i}", X(index), Y(mean), $"{values[index]}: {Figures.Fixed(mean, mean < 100 ? 2 : 0)}{(half > 0 ? $" ± {Figures.Fixed(half, mean < 100 ? 2 : 0)}" : "")}");
            }
        }
    }

    /// <summary>As many values as there is room to name, the first and the last among them.</summary>
    private static List<int> Labelled(IReadOnlyList<string> values, IReadOnlyList<double> places)
    {
        var needed = (values.Max(value => value.Length) + 2) * (Width - Left - Right) / Room;
        var (labelled, last) = (new List<int> { 0 }, values.Count - 1);
        for (var i = 1; i < last; i++)
        {
            if (Math.Abs(places[i] - places[labelled[^1]]) >= needed && Math.Abs(places[last] - places[i]) >= needed)
            {
                labelled.Add(i);
            }
        }

        return last > 0 ? [.. labelled, last] : labelled;
    }
}
