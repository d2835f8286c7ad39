using System.Globalization;
using System.Xml.Linq;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Reports.Html;

/// <summary>The parts of a report that are about one run.</summary>
internal static class RunSections
{
    /// <summary>Cgroups that get curves of their own; of more, those with most accesses.</summary>
    private const int MostCgroups = 12;

    /// <summary>Entries of the reclaim matrix that are shown, those with most refaults first.</summary>
    private const int MostCells = 16;

    private static readonly string[] _counters =
        ["workingset_refault_file", "workingset_refault_anon", "workingset_activate_file", "workingset_restore_file", "pgscan", "pgsteal", "pswpin", "pswpout"];

    /// <summary>What ran.</summary>
    public static XElement Facts(RunResults run) => Page.Table(1, ["", ""], Lines(run).Select(line => (IReadOnlyList<object>)[line.Item1, line.Item2]));

    private static IEnumerable<(string, string)> Lines(RunResults run)
    {
        yield return ("scenario", run.Scenario);
        yield return ("kernel", $"{run.Kernel.Policy} {run.Kernel.Variant}, LRU_REFS_WIDTH {run.Kernel.LruRefsWidth}{string.Concat(run.Kernel.Rules.Select(rule => $", {rule.Key}: {rule.Value}"))}");
        yield return ("seed", run.Seed.ToString(CultureInfo.InvariantCulture));
        yield return ("virtual time", $"{Figures.Fixed(run.VirtualSeconds, 2)} s{(run.Complete ? "" : ", stopped before its end")}");
        yield return ("accesses", Figures.Count(run.Accesses));
        yield return ("digest", run.Digest);
    }

    /// <summary>Speed, hits and latency of each workload.</summary>
    public static XElement Workloads(RunResults run) => Page.Table(
        2,
        ["cgroup", "workload", "accesses", "hit ratio", "device reads", "requests/s", "MiB/s", "p50 µs", "p99 µs", "p99.9 µs"],
        Cgroups(run).SelectMany(one => one.Cgroup.Workloads.Select(workload => (IReadOnlyList<object>)[
            one.Name, workload.Name, Figures.Count(workload.Accesses), $"{Figures.Fixed(100 * workload.HitRatio(), 2)} %", Figures.Count(workload.DeviceReads),
            Figures.Fixed(workload.Iops, 0), Figures.Fixed(workload.BandwidthMiBs, 1), Figures.Micros(workload.LatencyUs.P50), Figures.Micros(workload.LatencyUs.P99), Figures.Micros(workload.LatencyUs.P999)])));

    /// <summary>How long the requests of each workload took, those with most accesses.</summary>
    /// <param name="sides">The run, or several that are drawn over each other, and what each is called.</param>
    public static IEnumerable<XElement> Latencies(IReadOnlyList<(string Name, RunResults Run)> sides)
    {
        var workloads = Cgroups(sides[0].Run).SelectMany(one => one.Cgroup.Workloads.Select((workload, i) => (one.Name, At: i, Workload: workload)))
            .Where(one => one.Workload.LatencyHistogram is not null).OrderByDescending(one => one.Workload.Accesses);
        foreach (var (name, at, workload) in workloads.Take(MostCgroups))
        {
            var charts = LatencyChart.Draw([.. sides
                .Select(side => (side.Name, Cgroups(side.Run).FirstOrDefault(one => one.Name == name).Cgroup?.Workloads.ElementAtOrDefault(at)?.LatencyHistogram!))
                .Where(side => side.Item2 is not null)]).ToList();
            if (charts.Count > 0)
            {
                yield return new XElement("h3", $"{name} {workload.Name}");
                yield return new XElement("div", new XAttribute("class", "charts"), charts);
            }
        }
    }

    /// <summary>Counters of each cgroup.</summary>
    public static XElement Counters(RunResults run) => Page.Table(
        1,
        ["cgroup", "memory.current", "refault_file", "refault_anon", "activate_file", "restore_file", "pgscan", "pgsteal", "pswpin", "pswpout", "max events", "oom kills"],
        Cgroups(run).Select(one => (IReadOnlyList<object>)[
            one.Name, Figures.Count(one.Cgroup.MemoryCurrent),
            .. _counters.Select(name => one.Cgroup.StatOrNull(name) is { } value ? Figures.Count(value) : ""),
            Figures.Count(one.Cgroup.Event("max")), Figures.Count(one.Cgroup.Event("oom_kill"))]));

    /// <summary>Curves over virtual time, those of each cgroup together.</summary>
    public static IEnumerable<XElement> Curves(RunResults run)
    {
        var all = Cgroups(run).Where(one => one.Cgroup.Series is not null).OrderByDescending(one => one.Cgroup.Workloads.Sum(workload => workload.Accesses)).ToList();
        if (all.Count > MostCgroups)
        {
            yield return new XElement("p", new XAttribute("class", "note"), $"The {MostCgroups} of {all.Count} cgroups with most accesses.");
        }

        foreach (var (name, cgroup) in all.Take(MostCgroups))
        {
            var series = cgroup.Series!;
            yield return new XElement("h3", name);
            yield return new XElement("div", new XAttribute("class", "charts"), Charts(series));
        }
    }

    /// <summary>Who asked for pages (rows), and who lost them.</summary>
    public static IEnumerable<XElement> Matrix(RunResults run)
    {
        foreach (var host in run.Hosts.Where(host => host.ReclaimMatrix.Any(entry => entry.Reclaimed > 0)))
        {
            if (run.Hosts.Length > 1)
            {
                yield return new XElement("h3", host.Name);
            }

            var victims = Most(host, entry => entry.Victim);
            var aggressors = Most(host, entry => entry.Aggressor);
            var most = Math.Max(1, host.ReclaimMatrix.GroupBy(entry => (entry.Aggressor, entry.Victim)).Max(cell => cell.Sum(entry => entry.Reclaimed)));
            yield return Page.Table(1, ["who asked \\ who lost", .. victims], aggressors.Select(aggressor => (IReadOnlyList<object>)[aggressor, .. victims.Select(victim => Cell(host, aggressor, victim, most))]));
        }

        yield return new XElement("p", new XAttribute("class", "note"), "Pages reclaimed, and in brackets how many of them the victim missed later.");
    }

    /// <summary>What became of pages.</summary>
    public static XElement? Fates(RunResults run)
    {
        var rows = Cgroups(run).SelectMany(one => (one.Cgroup.Fates.IsDefault ? [] : one.Cgroup.Fates).Select(fate => (IReadOnlyList<object>)[
            one.Name, $"{fate.Type}, {fate.Class}", Figures.Count(fate.Evicted), Share(fate.Returned, fate.Evicted), Share(fate.Recent, fate.Evicted), Figures.Count(fate.Kept)])).ToList();
        return rows.Count == 0 ? null : Page.Table(2, ["cgroup", "pages", "evicted", "came back", "in time", "kept"], rows);
    }

    internal static IEnumerable<(string Name, CgroupResult Cgroup)> Cgroups(RunResults run) =>
        run.Hosts.SelectMany(host => host.Cgroups.Select(entry => ((run.Hosts.Length > 1 ? host.Name : "") + entry.Key, entry.Value)));

    private static IEnumerable<XElement> Charts(SeriesResult series)
    {
        yield return LineChart.Draw("accesses a second", [series.Rate("accesses", "accesses")]);
        yield return LineChart.Draw("of 100 accesses", [series.PerAccess("misses", "misses"), .. Refaults(series)]);
        foreach (var type in new[] { "file", "anon" })
        {
            if (series.Ages(type) is { Count: > 0 } ages)
            {
                yield return LineChart.Draw($"{type} pages by age, MiB, oldest at the bottom", ages, stacked: true);
            }
        }

        if (series.Has("pgsteal"))
        {
            yield return LineChart.Draw("reclaim, pages a second", [series.Rate("pgscan", "scanned"), series.Rate("pgsteal", "reclaimed"), .. series.Has("pswpout") ? (Curve[])[series.Rate("pswpout", "swapped out")] : []]);
        }

        if (series.Has("memory_some") || series.Has("io_some"))
        {
            yield return LineChart.Draw("pressure, % of the time", [series.Pressure("memory_some", "memory some"), series.Pressure("memory_full", "memory full"), series.Pressure("io_some", "io some")]);
        }
    }

    private static IEnumerable<Curve> Refaults(SeriesResult series)
    {
        if (series.Has("workingset_refault_file"))
        {
            yield return series.PerAccess("workingset_refault_file", "refaults, file");
        }

        if (series.Has("workingset_refault_anon"))
        {
            yield return series.PerAccess("workingset_refault_anon", "refaults, anon");
        }
    }

    private static List<string> Most(HostResult host, Func<ReclaimMatrixEntry, string> by) => [.. host.ReclaimMatrix.GroupBy(by)
        .OrderByDescending(group => group.Sum(entry => entry.Refaulted)).ThenBy(group => group.Key, StringComparer.Ordinal).Take(MostCells).Select(group => group.Key)];

    private static XElement Cell(HostResult host, string aggressor, string victim, long most)
    {
        var entries = host.ReclaimMatrix.Where(entry => entry.Aggressor == aggressor && entry.Victim == victim).ToList();
        var (reclaimed, refaulted) = (entries.Sum(entry => entry.Reclaimed), entries.Sum(entry => entry.Refaulted));
        return new XElement(
            "td", new XAttribute("class", "heat"),
            new XAttribute("style", string.Create(CultureInfo.InvariantCulture, $"background: color-mix(in srgb, var(--c1) {60.0 * reclaimed / most:0}%, transparent)")),
            reclaimed == 0 ? "" : $"{Figures.Count(reclaimed)} ({Figures.Count(refaulted)})");
    }

    private static string Share(long part, long whole) => whole == 0 ? "" : $"{Figures.Fixed(100.0 * part / whole, 1)} %";
}
