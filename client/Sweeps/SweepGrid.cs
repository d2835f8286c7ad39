using System.Collections.Immutable;
using Reclaim.Client.ScenarioFormat;

namespace Reclaim.Client.Sweeps;

/// <summary>The combinations of all values of all axes. The first axis moves slowest; cells are in that order wherever they are listed.</summary>
/// <param name="Axes">The axes, as given; that of <c>--variants</c> is the last.</param>
/// <param name="Fixed">The assignments of one value, which all cells share.</param>
/// <param name="Sides">The kernels of <c>--variants</c>, if any.</param>
internal sealed record SweepGrid(ImmutableArray<SweepAxis> Axes, ImmutableArray<string> Fixed, ImmutableArray<CompareSide> Sides)
{
    /// <summary>More runs than a command line should start by mistake.</summary>
    private const int MaxRuns = 10_000;

    /// <summary>How many combinations there are.</summary>
    public long Cells => Axes.Aggregate(1L, (cells, axis) => cells * axis.Points.Length);

    /// <param name="set">What <c>--set</c> says, each.</param>
    /// <param name="sides">What <c>--variants</c> names.</param>
    /// <param name="repeat">How many seeds each cell has.</param>
    /// <exception cref="InputException">There is nothing to sweep, or too much.</exception>
    public static SweepGrid Of(IReadOnlyList<string> set, ImmutableArray<CompareSide> sides, int repeat)
    {
        var read = set.Select(assignment => (Assignment: assignment, Axis: SweepAxis.Of(assignment))).ToList();
        List<SweepAxis> axes = [.. read.Select(one => one.Axis).OfType<SweepAxis>()];
        if (axes.GroupBy(axis => axis.Key, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new InputException($"--set {twice.Key}: two ranges for one key");
        }

        if (!sides.IsEmpty)
        {
            axes.Add(new SweepAxis(SweepAxis.Variants, [.. sides.Select(side => new SweepPoint(side.Text, null))]));
        }

        if (axes.Count == 0)
        {
            throw new InputException("reclaim sweep: nothing to sweep: give a range (--set KEY=FROM..TO[:STEP]), a list (--set KEY=A,B,C) or --variants A,B");
        }

        var runs = axes.Aggregate((decimal)repeat, (product, axis) => product * axis.Points.Length);
        if (runs > MaxRuns)
        {
            throw new InputException($"reclaim sweep: {string.Join(" x ", axes.Select(axis => $"{axis.Points.Length} ({axis.Name})").Concat(repeat > 1 ? [$"{repeat} seeds"] : []))} are {runs} runs, and a sweep has at most {MaxRuns}");
        }

        return new SweepGrid([.. axes], [.. read.Where(one => one.Axis is null).Select(one => one.Assignment)], sides);
    }

    /// <summary>Which value each axis has in a cell.</summary>
    public ImmutableArray<int> At(int cell)
    {
        var at = new int[Axes.Length];
        for (var i = Axes.Length - 1; i >= 0; i--)
        {
            (cell, at[i]) = (cell / Axes[i].Points.Length, cell % Axes[i].Points.Length);
        }

        return [.. at];
    }

    /// <summary>The values of a cell, as texts.</summary>
    public ImmutableArray<string> Values(int cell) => [.. At(cell).Select((at, axis) => Axes[axis].Points[at].Text)];

    /// <summary>What a cell is called.</summary>
    public string Label(int cell) => string.Join(", ", Values(cell).Select((value, axis) => Axes[axis].Key == SweepAxis.Variants ? value : $"{Axes[axis].Name}={value}"));

    /// <summary>The scenario of a cell.</summary>
    /// <param name="cell">Which.</param>
    /// <param name="load">Reads the scenario under assignments.</param>
    public Scenario Scenario(int cell, Func<ImmutableArray<string>, Scenario> load)
    {
        var at = At(cell);
        var scenario = load([.. Fixed, .. Axes.Select((axis, i) => (axis, i)).Where(one => one.axis.Key != SweepAxis.Variants).Select(one => $"{one.axis.Key}={one.axis.Points[at[one.i]].Text}")]);
        return (Sides.IsEmpty ? scenario : scenario.Under(Sides[at[^1]])) with { Label = Label(cell) };
    }
}
