using System.Collections.Immutable;
using Reclaim.Client.Reports;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Sweeps;

/// <summary>What came of a sweep.</summary>
internal sealed class SweepOutcome
{
    /// <param name="scenario">The scenario's name.</param>
    /// <param name="grid">What ran.</param>
    /// <param name="runs">Of each cell its runs, seed by seed; those that never began are left out.</param>
    public SweepOutcome(string scenario, SweepGrid grid, ImmutableArray<ImmutableArray<RunResults>> runs)
    {
        (Scenario, Grid, Runs) = (scenario, grid, runs);
        var most = runs.Max(cell => cell.Length);
        Seeds = [.. runs.First(cell => cell.Length == most).Select(run => run.Seed)];
        Lines = [.. runs.Where(cell => !cell.IsEmpty).SelectMany(cell => FigureLine.Of(cell[0])).DistinctBy(line => line.Name)];
    }

    public string Scenario { get; }

    public SweepGrid Grid { get; }

    public ImmutableArray<ImmutableArray<RunResults>> Runs { get; }

    public ImmutableArray<ulong> Seeds { get; }

    /// <summary>The figures that there are, those of all cells.</summary>
    public ImmutableArray<FigureLine> Lines { get; }

    /// <summary>Whether every run of every cell was brought to its end.</summary>
    public bool IsComplete => Runs.All(IsWhole);

    /// <summary>Whether figures are there to be shown one by one: there is one workload, or one was asked for.</summary>
    public bool HasOnePlace => Lines.All(line => line.Place.Length == 0);

    /// <summary>Whether all runs of a cell were brought to their end.</summary>
    public bool IsWhole(ImmutableArray<RunResults> cell) => cell.Length == Seeds.Length && cell.All(run => run.Complete);

    /// <summary>A figure of a cell over its seeds; null: it has none.</summary>
    public Spread? Figure(FigureLine line, int cell)
    {
        var values = Runs[cell].Select(line.Figure).OfType<double>().ToList();
        return values.Count > 0 && values.Count == Runs[cell].Length ? Spread.Of(values) : null;
    }

    /// <summary>Axes along which nothing changed: every run gave the same to the last page whatever their value.</summary>
    public IEnumerable<SweepAxis> WithoutEffect() => Grid.Axes.Where((_, axis) => IsComplete && Enumerable.Range(0, Runs.Length)
        .GroupBy(cell => string.Join(' ', Grid.At(cell).RemoveAt(axis)), StringComparer.Ordinal)
        .All(row => row.Select(cell => string.Join(' ', Runs[cell].Select(run => run.Digest))).Distinct(StringComparer.Ordinal).Count() == 1));
}

/// <summary>Which figure of a sweep is shown: one of <see cref="FigureLine.Names"/>.</summary>
internal static class SweepFigure
{
    public const string Usual = "hit ratio %";

    /// <summary>The figure's name in full.</summary>
    /// <param name="asked">What <c>--figure</c> says; units may be left out.</param>
    /// <exception cref="InputException">There is no such figure.</exception>
    public static string Of(string asked) => FigureLine.Names.FirstOrDefault(name => Bare(name) == Bare(asked))
        ?? throw new InputException($"--figure {asked}: no such figure{Nearest.Suggestion(asked, FigureLine.Names)} ({string.Join(", ", FigureLine.Names)})");

    private static string Bare(string name) => name.Trim().ToLowerInvariant().Replace(" %", "", StringComparison.Ordinal).Replace(" us", "", StringComparison.Ordinal);
}
