using System.Globalization;
using Reclaim.Client.Runs;
using Reclaim.Contracts.Steps;
using Spectre.Console;

namespace Reclaim.Client.Reports;

/// <summary>Draws the runs of a cluster.</summary>
internal static class RunTable
{
    public static Table Make(IEnumerable<RunEntry> runs)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var (name, right) in new[] { ("run", false), ("scenario", false), ("phase", false), ("created", false), ("done", true), ("virtual time", true), ("recoveries", true) })
        {
            var column = new TableColumn(new Text(name)) { Padding = new Padding(0, 0, 2, 0) };
            table.AddColumn(right ? column.RightAligned() : column);
        }

        foreach (var run in runs)
        {
            var (progress, share) = (run.Progress, Share(run.Progress));
            table.AddRow(
                new Text(run.Run),
                new Text(run.Scenario),
                new Text(Phase(run.Phase)),
                new Text(run.Created.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
                new Text(share is null ? "" : $"{Math.Floor(share.Value * 100):0}%"),
                new Text(progress is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{progress.NowNs / 1e9:F2} s")),
                new Text(progress is null ? "" : progress.Recoveries.ToString(CultureInfo.InvariantCulture)));
        }

        return table;
    }

    public static string Phase(RunPhase phase) => phase.ToString().ToLowerInvariant();

    /// <summary>Share done, 0 to 1; null: unknown.</summary>
    public static double? Share(RunProgress? progress) => progress is null ? null : new ProgressSample("", progress, TimeSpan.Zero).Share;
}
