using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Reclaim.Client.Reports;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Sweeps;

/// <summary>A grid of runs in the shape of <c>reclaim-sweep/1</c>.</summary>
internal sealed record SweepReport(string Schema, string Scenario, bool Complete, ImmutableArray<SweepReportAxis> Axes, ImmutableArray<SweepReportCell> Cells)
{
    public const string SchemaName = "reclaim-sweep/1";

    public static SweepReport Of(SweepOutcome outcome) => new(
        SchemaName,
        outcome.Scenario,
        outcome.IsComplete,
        [.. outcome.Grid.Axes.Select(axis => new SweepReportAxis(axis.Key, [.. axis.Points.Select(point => point.Text)]))],
        [.. outcome.Runs.Select((runs, cell) => Cell(outcome, runs, cell))]);

    private static SweepReportCell Cell(SweepOutcome outcome, ImmutableArray<RunResults> runs, int cell) => new(outcome.Grid.Values(cell), outcome.IsWhole(runs))
    {
        Results = outcome.Seeds.Length == 1 && !runs.IsEmpty ? runs[0] : null,
        Runs = outcome.Seeds.Length == 1 ? default : [.. runs.Select(run => new SweepReportRun(run.Seed, run.Digest, run.Complete))],
        Figures = outcome.Seeds.Length == 1 ? default : [.. outcome.Lines.Select(line => (line, Spread: outcome.Figure(line, cell))).Where(one => one.Spread is not null)
            .Select(one => RepeatReport.Figure(one.line, one.Spread!, first: null))],
    };
}

/// <summary>An axis: the key, and its values as the scenario takes them.</summary>
internal sealed record SweepReportAxis(string Key, ImmutableArray<string> Values);

/// <summary>A cell: the value of each axis, and what came of it.</summary>
internal sealed record SweepReportCell(ImmutableArray<string> Values, bool Complete)
{
    /// <summary>Without <c>--repeat</c>; null: the run never began.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunResults? Results { get; init; }

    /// <summary>With <c>--repeat</c>: which runs there were.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<SweepReportRun> Runs { get; init; }

    /// <summary>With <c>--repeat</c>: their figures.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<RepeatFigure> Figures { get; init; }
}

/// <summary>A run of a cell.</summary>
internal sealed record SweepReportRun(ulong Seed, string Digest, bool Complete);
