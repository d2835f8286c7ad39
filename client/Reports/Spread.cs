namespace Reclaim.Client.Reports;

/// <summary>A figure over several seeds.</summary>
/// <param name="Runs">Number of runs.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Min">The smallest.</param>
/// <param name="Max">The largest.</param>
/// <param name="Variance">Of the sample.</param>
internal sealed record Spread(int Runs, double Mean, double Min, double Max, double Variance)
{
    /// <summary>Student's t, two-sided 95 %, for 1, 2, … 30 degrees of freedom.</summary>
    private static readonly double[] _student =
    [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
        2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
    ];

    /// <summary>Half the width of the 95 % interval of the mean.</summary>
    public double HalfWidth => Runs < 2 ? 0 : Student(Runs - 1) * Math.Sqrt(Variance / Runs);

    public static Spread Of(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        var variance = values.Count < 2 ? 0 : values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1);
        return new Spread(values.Count, mean, values.Min(), values.Max(), variance);
    }

    /// <summary>Whether two means differ at the 95 % level, by Welch's test: the spreads need not be equal.</summary>
    public static bool Differ(Spread a, Spread b)
    {
        var (va, vb) = (a.Variance / a.Runs, b.Variance / b.Runs);
        if (va + vb == 0 || a.Runs < 2 || b.Runs < 2)
        {
            return a.Mean != b.Mean && a.Runs > 1 && b.Runs > 1;
        }

        var freedom = (va + vb) * (va + vb) / ((va * va / (a.Runs - 1)) + (vb * vb / (b.Runs - 1)));
        return Math.Abs(a.Mean - b.Mean) > Student((int)freedom) * Math.Sqrt(va + vb);
    }

    /// <summary>Rounded to fewer degrees of freedom where the table has none: the interval is never too narrow.</summary>
    private static double Student(int freedom) => freedom switch
    {
        < 1 => _student[0],
        <= 30 => _student[freedom - 1],
        < 40 => 2.042,
        < 60 => 2.021,
        < 120 => 2.000,
        _ => 1.980,
    };
}
