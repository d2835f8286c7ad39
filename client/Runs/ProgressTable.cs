using System.Globalization;
using Reclaim.Contracts.Steps;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Reclaim.Client.Runs;

/// <summary>Where a run stands after so much real time.</summary>
internal sealed record ProgressSample(string Label, RunProgress Progress, TimeSpan Elapsed)
{
    /// <summary>Share done, 0 to 1, or null while unknown.</summary>
    public double? Share => ShareOf(Progress);

    /// <summary>Where it stood at the beginning of that time; null: at its beginning.</summary>
    public RunProgress? From { get; init; }

    /// <summary>Progress when the last line was written; null: this is the first.</summary>
    public RunProgress? Before { get; init; }

    /// <summary>Those cgroups with most refaults since the last line, in the order of the scenario.</summary>
    public IEnumerable<CgroupProgress> MostRefaults(int count) => Progress.Cgroups
        .Select((cgroup, i) => (cgroup, i, since: cgroup.Refaults - (Before is { } before && i < before.Cgroups.Length ? before.Cgroups[i].Refaults : 0)))
        .OrderByDescending(item => item.since).ThenBy(item => item.i).Take(count).OrderBy(item => item.i).Select(item => item.cgroup);

    public double AccessesPerSecond => (Progress.Accesses - (From?.Accesses ?? 0)) / Math.Max(Elapsed.TotalSeconds, 1e-3);

    public TimeSpan? Remaining => Share is { } share && share - (From is null ? 0 : ShareOf(From) ?? 0) is > 0.001 and var since ? Elapsed * ((1 - share) / since) : null;

    private static double? ShareOf(RunProgress progress) => progress.EndNs is > 0 and var end
        ? Math.Min(1, (double)progress.NowNs / end)
        : progress.TotalAccesses is > 0 and var total ? Math.Min(1, (double)progress.Accesses / total) : null;
}

/// <summary>Draws the progress of runs.</summary>
internal static class ProgressTable
{
    /// <summary>Cgroups that a line names.</summary>
    private const int LineCgroups = 3;

    public static IRenderable Make(IReadOnlyList<ProgressSample> samples, string? count = null)
    {
        var table = new Table().Border(TableBorder.None);
        table.Caption = count is null ? null : new TableTitle(count);
        foreach (var (name, right) in new[] { ("", false), ("done", true), ("virtual time", true), ("accesses/s", true), ("ETA", true), ("refaults", true) })
        {
            var column = new TableColumn(new Text(name)) { Padding = new Padding(0, 0, 2, 0) };
            table.AddColumn(right ? column.RightAligned() : column);
        }

        foreach (var sample in samples)
        {
            var progress = sample.Progress;
            table.AddRow(
                new Text(sample.Label), new Text(Percent(sample.Share)), new Text(Seconds(progress.NowNs)), new Text(Rate(sample.AccessesPerSecond)),
                new Text(Time(sample.Remaining)), new Text(progress.Cgroups.Sum(cgroup => cgroup.Refaults).ToString("N0", CultureInfo.InvariantCulture)));
        }

        return table;
    }

    /// <summary>How far a run is, how fast it goes and when it will be done.</summary>
    public static string Head(ProgressSample sample) => $"{sample.Label}: {Percent(sample.Share)} done, {Seconds(sample.Progress.NowNs)} virtual, {Rate(sample.AccessesPerSecond)} accesses/s, ETA {Time(sample.Remaining)}";

    public static string Line(ProgressSample sample)
    {
        var progress = sample.Progress;
        var most = sample.MostRefaults(LineCgroups).ToList();
        var refaults = string.Join(" ", most.Select(cgroup => $"{cgroup.Path} {cgroup.Refaults}"))
            + (progress.Cgroups.Length > most.Count ? $" and {progress.Cgroups.Length - most.Count} others" : "");
        return $"{Head(sample)}, refaults {refaults}";
    }

    private static string Percent(double? share) => share is null ? "-" : (share.Value * 100).ToString("F0", CultureInfo.InvariantCulture) + "%";

    private static string Seconds(long ns) => (ns / 1e9).ToString("F2", CultureInfo.InvariantCulture) + " s";

    private static string Rate(double rate) => rate >= 1e6
        ? (rate / 1e6).ToString("F1", CultureInfo.InvariantCulture) + " M"
        : (rate / 1e3).ToString("F0", CultureInfo.InvariantCulture) + " k";

    private static string Time(TimeSpan? time) => time is null || time.Value.TotalDays > 99 ? "-" : time.Value.ToString(time.Value.TotalHours >= 1 ? @"d\.hh\:mm\:ss" : @"mm\:ss", CultureInfo.InvariantCulture);
}
