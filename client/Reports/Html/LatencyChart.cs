using System.Globalization;
using System.Xml.Linq;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Reports.Html;

/// <summary>How long requests took: which latencies there were, and how many requests took longer. Both over latencies on a logarithmic scale.</summary>
internal static class LatencyChart
{
    private const double Width = 640;
    private const double Height = 180;
    private const double Left = 64;
    private const double Right = 20;
    private const double Bottom = 24;
    private const double Top = 8;

    /// <summary>Bars to a doubling of the latency.</summary>
    private const int Bars = 8;

    /// <summary>Requests that took longer, the rarest that is drawn: of fewer, the last ones say nothing.</summary>
    private const double Rarest = 1e-6;

    private static readonly (double Longer, string Name)[] _percentiles =
        [(0.5, "p50"), (0.1, "p90"), (0.01, "p99"), (0.001, "p99.9"), (1e-4, "p99.99"), (1e-5, "p99.999"), (Rarest, "p99.9999")];

    /// <summary>Both drawings of one workload, or of the same workload in several runs.</summary>
    /// <param name="sides">What each is called, and its latencies.</param>
    public static IEnumerable<XElement> Draw(IReadOnlyList<(string Name, LatencyHistogramResult Latencies)> sides)
    {
        var some = sides.Where(side => !side.Latencies.Us.IsEmpty).Take(LineChart.MostCurves).ToList();
        if (some.Count == 0)
        {
            return [];
        }

        // What takes no time at all is drawn as a nanosecond.
        var low = Math.Max(0.001, some.Min(side => side.Latencies.Us[0]));
        var high = Math.Max(low * 2, some.Max(side => side.Latencies.Us[^1]) * 1.1);
        double X(double us) => Left + (Math.Log(Math.Max(us, low) / low) / Math.Log(high / low) * (Width - Left - Right));
        var names = some.ConvertAll(side => side.Name);
        return [Figure("requests by latency, % of them", names, Shares(some, X, (low, high))), Figure("requests by percentile: how many took longer", names, Longer(some, X, (low, high)))];
    }

    private static XElement Figure(string title, List<string> names, XElement svg) => new("figure", new XElement("figcaption", title, names.Count > 1 ? Svg.Key(names) : null), svg);

    private static XElement Shares(List<(string Name, LatencyHistogramResult Latencies)> sides, Func<double, double> x, (double Low, double High) us)
    {
        var shares = sides.ConvertAll(side => Binned(side.Latencies));
        var most = Svg.Nice(shares.Max(side => side.Max(bar => bar.Share)) * 100);
        double Y(double percent) => Top + (1 - (percent / most)) * (Height - Top - Bottom);
        var svg = Svg.Canvas(Width, Height, "requests by latency");
        svg.Add(Enumerable.Range(0, 5).SelectMany(i => Level(Y(most * i / 4), Svg.Short(most * i / 4))), Times(x, us));
        foreach (var (bars, i) in shares.Select((bars, i) => (bars, i)))
        {
            List<(double X, double Y)> steps = [.. bars.SelectMany(bar => (IEnumerable<(double, double)>)[(x(bar.From), Y(100 * bar.Share)), (x(bar.To), Y(100 * bar.Share))])];
            svg.Add(
                sides.Count == 1 ? Svg.Path("polygon", "band c0", [(steps[0].X, Y(0)), .. steps, (steps[^1].X, Y(0))]) : null,
                Svg.Path("polyline", $"curve c{i}", [(steps[0].X, Y(0)), .. steps, (steps[^1].X, Y(0))]));
        }

        return svg;
    }

    private static XElement Longer(List<(string Name, LatencyHistogramResult Latencies)> sides, Func<double, double> x, (double Low, double High) us)
    {
        var rarest = Math.Max(Rarest, 1.0 / sides.Max(side => side.Latencies.Counts.Sum()));
        double Y(double longer) => Top + (Math.Log(Math.Max(longer, rarest)) / Math.Log(rarest) * (Height - Top - Bottom));
        var svg = Svg.Canvas(Width, Height, "requests that took longer");
        svg.Add(_percentiles.Where(percentile => percentile.Longer >= rarest).SelectMany(percentile => Level(Y(percentile.Longer), percentile.Name)), Times(x, us));
        foreach (var (side, i) in sides.Select((side, i) => (side, i)))
        {
            svg.Add(Svg.Path("polyline", $"curve c{i}", StillLonger(side.Latencies).Select(step => (x(step.Us), Y(step.Share)))));
        }

        return svg;
    }

    /// <summary>The share of requests that took longer, before and after each latency: between two nothing changes. That none took longer than the slowest is left out.</summary>
    private static IEnumerable<(double Us, double Share)> StillLonger(LatencyHistogramResult latencies)
    {
        var (all, seen) = ((double)latencies.Counts.Sum(), 0L);
        for (var i = 0; i < latencies.Us.Length; i++)
        {
            yield return (latencies.Us[i], (all - seen) / all);
            seen += latencies.Counts[i];
            if (i < latencies.Us.Length - 1)
            {
                yield return (latencies.Us[i], (all - seen) / all);
            }
        }
    }

    /// <summary>Shares of all requests in bars of equal width on the scale, empty ones between them too.</summary>
    private static List<(double From, double To, double Share)> Binned(LatencyHistogramResult latencies)
    {
        static int Bar(double us) => (int)Math.Floor(Math.Log2(Math.Max(us, 0.001)) * Bars);
        var all = (double)latencies.Counts.Sum();
        var counts = latencies.Us.Zip(latencies.Counts).GroupBy(bucket => Bar(bucket.First)).ToDictionary(bar => bar.Key, bar => bar.Sum(bucket => bucket.Second));
        return [.. Enumerable.Range(counts.Keys.Min(), counts.Keys.Max() - counts.Keys.Min() + 1)
            .Select(bar => (Math.Pow(2, (double)bar / Bars), Math.Pow(2, (double)(bar + 1) / Bars), counts.GetValueOrDefault(bar) / all))];
    }

    private static IEnumerable<XElement> Level(double y, string name) => [Svg.Line("grid", (Left, y), (Width - Right, y)), Svg.Label(Left - 6, y + 4, "end", name)];

    private static IEnumerable<XElement> Times(Func<double, double> x, (double Low, double High) us)
    {
        double[] steps = us.High < 1000 * us.Low ? [1, 2, 5] : [1];
        var powers = Enumerable.Range((int)Math.Floor(Math.Log10(us.Low)), 20).TakeWhile(power => Math.Pow(10, power) <= us.High);
        foreach (var at in powers.SelectMany(power => steps.Select(step => step * Math.Pow(10, power))).Where(at => at >= us.Low && at <= us.High))
        {
            yield return Svg.Line("grid", (x(at), Top), (x(at), Height - Bottom));
            yield return Svg.Label(x(at), Height - 6, "middle", Time(at));
        }
    }

    private static string Time(double us) => us switch
    {
        < 1 => (us * 1e3).ToString("0.#", CultureInfo.InvariantCulture) + " ns",
        < 1e3 => us.ToString("0.#", CultureInfo.InvariantCulture) + " µs",
        < 1e6 => (us / 1e3).ToString("0.#", CultureInfo.InvariantCulture) + " ms",
        _ => (us / 1e6).ToString("0.#", CultureInfo.InvariantCulture) + " s",
    };
}
