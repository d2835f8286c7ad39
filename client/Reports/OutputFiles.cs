using Reclaim.Client.Perfetto;
using Reclaim.Client.Reports.Html;
using Reclaim.Client.Sweeps;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Reports;

/// <summary>The files that a verb was asked to write: results, page, samples and trace. That they can be written is found out before the run.</summary>
internal sealed class OutputFiles
{
    private readonly ResultFile? _results;
    private readonly ResultFile? _report;
    private readonly ResultFile? _series;
    private readonly ResultFile? _trace;
    private readonly string _seriesPath;
    private readonly string _tracePath;
    private readonly string _command;

    /// <param name="results">What <c>--results</c> names, or null.</param>
    /// <param name="report">Likewise <c>--report</c>.</param>
    /// <param name="series">Likewise <c>--series</c>.</param>
    /// <param name="trace">Likewise <c>--trace</c>.</param>
    /// <param name="command">The command line.</param>
    public OutputFiles(string? results, string? report, string? series, string? trace, string command)
    {
        if (series is not null)
        {
            SeriesFormats.Check(series);
        }

        (_seriesPath, _tracePath, _command) = (series ?? "", trace ?? "", command);
        _results = ResultFile.Prepare(results);
        _report = ResultFile.Prepare(report, "--report");
        _series = ResultFile.Prepare(series, "--series");
        _trace = ResultFile.Prepare(trace, "--trace");
    }

    /// <summary>Writes what is known of one run.</summary>
    public async Task WriteAsync(RunResults run)
    {
        _results?.Write(run);
        _report?.WriteText(HtmlReport.Of(run, _command));
        await WriteWayAsync([(null, run)]);
    }

    /// <summary>Writes what is known of several, side by side.</summary>
    public async Task WriteAsync(ComparedSides compared)
    {
        _results?.Write(new Comparison(Comparison.SchemaName, compared.Results));
        _report?.WriteText(HtmlReport.Of(compared, _command));
        await WriteWayAsync([.. compared.Names.Zip(compared.Results, (name, run) => ((string?)name, run))]);
    }

    /// <summary>Writes what is known of the same runs under several seeds.</summary>
    public void Write(RepeatReport report)
    {
        _results?.Write(report);
        _report?.WriteText(RepeatPage.Of(report, _command));
    }

    /// <summary>Writes what is known of a grid of runs.</summary>
    /// <param name="outcome">The runs.</param>
    /// <param name="figure">The figure that was asked for; null: those that are usual.</param>
    public async Task WriteAsync(SweepOutcome outcome, string? figure)
    {
        _results?.Write(SweepReport.Of(outcome));
        _report?.WriteText(SweepPage.Of(outcome, figure, _command));
        await WriteWayAsync([.. outcome.Runs.SelectMany((runs, cell) => runs.Select(run => ((string?)outcome.Grid.Label(cell), run)))]);
    }

    /// <summary>What they were like on the way.</summary>
    private async Task WriteWayAsync(IReadOnlyList<(string? Side, RunResults Run)> runs)
    {
        _series?.WriteBytes(await SeriesFormats.WriteAsync(SeriesTable.Of(runs), _seriesPath));
        _trace?.WriteBytes(PerfettoTrace.Of(runs, _tracePath));
    }
}
