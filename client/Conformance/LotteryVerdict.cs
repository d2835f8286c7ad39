using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Reclaim.Client.Reports;

namespace Reclaim.Client.Conformance;

/// <summary>
/// What is asked where the kernel itself draws lots: not the figures of one run, but that the simulator's draws and the kernel's could
/// be of the same urn. Four things, each of which holds or does not; null where one run cannot tell.
/// </summary>
internal sealed record LotteryVerdict
{
    /// <summary>Seeds that a case of this kind is replayed with unless told otherwise.</summary>
    public const int Seeds = 20;

    /// <summary>How far the mean of all device reads may be off, per cent.</summary>
    public const double TotalBound = 5;

    /// <summary>How far the mean of a stream's device reads may be off, per cent.</summary>
    public const double StreamBound = 15;

    /// <summary>By how much the simulator's range is widened at both ends, per cent.</summary>
    public const double RangeMargin = 5;

    /// <summary>Bounds of simulated ÷ measured spread.</summary>
    public const double LeastRatio = 0.5, LargestRatio = 2;

    /// <summary>Error of the mean of all device reads, per cent.</summary>
    public required LotteryCriterion Total { get; init; }

    /// <summary>The largest error of the mean of a stream's device reads, per cent.</summary>
    public required LotteryCriterion Streams { get; init; }

    /// <summary>Runs of the kernel whose device reads lie within the widened range, of how many.</summary>
    public required LotteryRange KernelRunsInRange { get; init; }

    /// <summary>Standard deviations of all device reads.</summary>
    public required LotterySpread Spread { get; init; }

    /// <summary>Whether nothing that could be judged failed.</summary>
    [JsonIgnore]
    public bool Good => Total.Holds && Streams.Holds && KernelRunsInRange.Holds && Spread.Holds != false;

    /// <param name="figures">The case's figures.</param>
    /// <param name="measured">Device reads of the kernel's runs.</param>
    /// <param name="simulated">Device reads of the simulator's.</param>
    public static LotteryVerdict Of(IReadOnlyCollection<ConformanceFigure> figures, IReadOnlyList<double> measured, IReadOnlyList<double> simulated)
    {
        var kernel = Reports.Spread.Of(measured);
        var simulator = Reports.Spread.Of(simulated);
        var streams = figures.Where(figure => figure.Name.StartsWith(CaseJudge.Stream, StringComparison.Ordinal)).MaxBy(figure => Math.Abs(figure.ErrorPercent));
        return new LotteryVerdict
        {
            Total = LotteryCriterion.Of(figures.Single(figure => figure.Name == CaseJudge.AllReads), TotalBound),
            Streams = LotteryCriterion.Of(streams!, StreamBound),
            KernelRunsInRange = LotteryRange.Of(measured, simulator),
            Spread = LotterySpread.Of(kernel, simulator),
        };
    }
}

/// <summary>An error and the bound that it is held to, per cent.</summary>
internal sealed record LotteryCriterion(bool Holds, string Figure, double ErrorPercent, double BoundPercent)
{
    public static LotteryCriterion Of(ConformanceFigure figure, double bound) =>
        new(Math.Abs(figure.ErrorPercent) <= bound, figure.Name, figure.ErrorPercent, bound);
}

/// <summary>How many of the kernel's runs lie within the simulator's range, widened.</summary>
internal sealed record LotteryRange(bool Holds, int Inside, int Runs, ImmutableArray<double> Widened)
{
    public static LotteryRange Of(IReadOnlyList<double> measured, Spread simulator)
    {
        var (least, most) = (simulator.Min * (1 - (LotteryVerdict.RangeMargin / 100)), simulator.Max * (1 + (LotteryVerdict.RangeMargin / 100)));
        var inside = measured.Count(reads => reads >= least && reads <= most);
        return new LotteryRange(inside == measured.Count, inside, measured.Count, [least, most]);
    }
}

/// <summary>
/// Standard deviation of the sample on both sides, which, other than a range, does not grow with the number of runs; null of a single run.
/// </summary>
internal sealed record LotterySpread(bool? Holds, double? Measured, double? Simulated)
{
    public static LotterySpread Of(Spread kernel, Spread simulator)
    {
        var (measured, simulated) = (Deviation(kernel), Deviation(simulator));
        bool? holds = measured is null || simulated is null
            ? null
            : simulated >= LotteryVerdict.LeastRatio * measured && simulated <= LotteryVerdict.LargestRatio * measured;
        return new LotterySpread(holds, measured, simulated);
    }

    private static double? Deviation(Spread spread) => spread.Runs > 1 ? Math.Sqrt(spread.Variance) : null;
}
