namespace Reclaim.Client.Sweeps;

/// <summary>
/// Where a curve bends: the point farthest from the straight line between its ends, both axes scaled to 1. Only of a curve for which that says something:
/// it goes one way, lies on one side of the line, and leaves it by a sixth of its height or more.
/// Source: V. Satopää et al., "Finding a 'Kneedle' in a Haystack" (2011), for what a knee is; theirs looks for several in noise, this for one.
/// </summary>
/// <param name="Index">Number of the point.</param>
/// <param name="Had">Share of the curve's change that is behind it there.</param>
internal sealed record Bend(int Index, double Had)
{
    private const int FewestPoints = 5;
    private const double Least = 1.0 / 6;

    /// <summary>A step back of this share of the height is taken for noise.</summary>
    private const double Noise = 0.01;

    public static Bend? Of(IReadOnlyList<(double X, double Y)> points)
    {
        if (points.Count < FewestPoints || points[0].X == points[^1].X || points[0].Y == points[^1].Y)
        {
            return null;
        }

        var (first, last) = (points[0], points[^1]);

        var scaled = points.Select(point => (X: (point.X - first.X) / (last.X - first.X), Y: (point.Y - first.Y) / (last.Y - first.Y))).ToList();
        if (scaled.Zip(scaled.Skip(1)).Any(pair => pair.Second.Y < pair.First.Y - Noise))
        {
            return null;
        }

        var off = scaled.ConvertAll(point => point.Y - point.X);
        var side = off.Max() >= -off.Min() ? 1 : -1;
        var most = off.Max(distance => side * distance);
        var at = off.FindIndex(distance => side * distance == most);
        return most < Least || off.Exists(distance => side * distance < -Noise) ? null : new Bend(at, scaled[at].Y);
    }
}
