using Reclaim.Contracts.Results;

namespace Reclaim.Client.Reports;

/// <summary>Samples of all cgroups of one or several runs as one table: a row for each sample of each cgroup.</summary>
/// <param name="Labels">Columns of text: side (of a comparison), host and cgroup; as many rows each as <paramref name="Seconds"/>.</param>
/// <param name="Seconds">Virtual time of the sample.</param>
/// <param name="Numbers">The other columns, by name in alphabetical order.</param>
internal sealed record SeriesTable(
    IReadOnlyList<(string Name, IReadOnlyList<string> Values)> Labels, IReadOnlyList<double> Seconds, IReadOnlyList<(string Name, IReadOnlyList<long> Values)> Numbers)
{
    /// <param name="runs">The runs, each with its name; one without a name has no column for it.</param>
    public static SeriesTable Of(IReadOnlyList<(string? Side, RunResults Run)> runs)
    {
        var parts = runs.SelectMany(run => run.Run.Hosts.SelectMany(host => host.Cgroups.Where(cgroup => cgroup.Value.Series is not null)
            .Select(cgroup => (run.Side, Host: host.Name, Cgroup: cgroup.Key, Series: cgroup.Value.Series!)))).ToList();
        var names = parts.SelectMany(part => part.Series.Columns.Keys).Distinct().Order(StringComparer.Ordinal).ToList();
        List<(string, IReadOnlyList<string>)> labels = [("host", Repeated(part => part.Host)), ("cgroup", Repeated(part => part.Cgroup))];
        if (runs.Any(run => run.Side is not null))
        {
            labels.Insert(0, ("side", Repeated(part => part.Side ?? "")));
        }

        return new SeriesTable(
            labels,
            [.. parts.SelectMany(part => Enumerable.Range(1, SamplesOf(part.Series)).Select(sample => sample * part.Series.EveryNs / 1e9))],
            [.. names.Select(name => (name, (IReadOnlyList<long>)[.. parts.SelectMany(part => part.Series.Columns[name])]))]);

        string[] Repeated(Func<(string? Side, string Host, string Cgroup, SeriesResult Series), string> label) =>
            [.. parts.SelectMany(part => Enumerable.Repeat(label(part), SamplesOf(part.Series)))];
    }

    private static int SamplesOf(SeriesResult series) => series.Columns.Values.First().Length;
}
