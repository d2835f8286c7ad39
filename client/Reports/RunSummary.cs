using Reclaim.Contracts.Results;
using Spectre.Console;

namespace Reclaim.Client.Reports;

/// <summary>The tables at the end of a run: what each workload got, and what reclaim did to each cgroup.</summary>
internal static class RunSummary
{
    /// <summary>Longer texts that were read are in the results file alone.</summary>
    private const int LinesShown = 25;

    /// <summary>Rows of a table that a person reads; the rest only if asked for.</summary>
    private const int RowsShown = 40;

    /// <param name="console">Where it goes.</param>
    /// <param name="results">The run.</param>
    /// <param name="all">Whether every row is shown, however many there are.</param>
    public static void Write(IAnsiConsole console, RunResults results, bool all = false)
    {
        var kernel = results.Kernel;

        // How long it took is known to the client that waited for it, and to nobody else.
        var real = results.WallSeconds > 0 ? $", {Figures.Fixed(results.WallSeconds, 2)} s real ({Figures.Fixed(results.Accesses / results.WallSeconds / 1e6, 1)} M accesses/s)" : "";
        console.WriteLine($"{results.Scenario}: {kernel.Policy} {kernel.Variant}, LRU_REFS_WIDTH {kernel.LruRefsWidth}, seed {results.Seed}"
            + (results.Complete ? "" : " (incomplete: stopped before its end)"));
        console.WriteLine($"{Figures.Count(results.Accesses)} accesses, {Figures.Fixed(results.VirtualSeconds, 2)} s virtual{real}");
        console.WriteLine();
        console.Write(Workloads(results, all));
        console.WriteLine();
        console.Write(Cgroups(results, all));
        if (SharedFiles(results, all) is { } files)
        {
            console.WriteLine();
            console.Write(files);
        }

        if (Nodes(results) is { } nodes)
        {
            console.WriteLine();
            console.Write(nodes);
        }

        if (OomKills(results) is { } kills)
        {
            console.WriteLine();
            console.Write(kills);
        }

        if (Events(results) is { } events)
        {
            console.WriteLine();
            console.Write(events);
        }

        console.WriteLine();
        if (!results.Interventions.IsDefaultOrEmpty)
        {
            console.WriteLine($"steered from outside, {results.Interventions.Length} times: with these events in the scenario it does the same again");
        }

        console.WriteLine($"digest {results.Digest}");
    }

    /// <summary>Who is charged for files that several cgroups use, pages; null if there are none.</summary>
    private static Table? SharedFiles(RunResults results, bool all)
    {
        var uses = results.Hosts.SelectMany(host => (host.SharedFiles.IsDefault ? [] : host.SharedFiles).SelectMany(file => file.Cgroups.Select(use =>
            (File: (results.Hosts.Length > 1 ? host.Name + " " : "") + file.File, file.Pages, Path: use.Key, Use: use.Value)))).ToList();
        if (uses.Count == 0)
        {
            return null;
        }

        var table = TextTable.Make(2, "file", "cgroup", "pages", "charged", "brought in", "evicted from others", "accesses to others'");
        foreach (var (file, pages, path, use) in Most(uses, all, row => row.Use.BroughtIn))
        {
            table.Row(file, path, Figures.Count(pages), Figures.Count(use.Charged), Figures.Count(use.BroughtIn), Figures.Count(use.LostByOthers), Figures.Count(use.OthersAccessed));
        }

        return Rest(table, uses.Count, all);
    }

    /// <summary>NUMA nodes of hosts that have several; null if none has.</summary>
    private static Table? Nodes(RunResults results)
    {
        if (results.Hosts.All(host => host.Nodes.Length < 2))
        {
            return null;
        }

        var table = TextTable.Make(1, "node", "pages", "free", "low", "high", "kswapd rounds", "stalls");
        foreach (var host in results.Hosts)
        {
            foreach (var node in host.Nodes)
            {
                table.Row([
                    (results.Hosts.Length > 1 ? host.Name + " " : "") + Figures.Count(node.Id), Figures.Count(node.MemTotalPages), Figures.Count(node.FreePages),
                    .. node.Reclaim is { } reclaim ? [Figures.Count(reclaim.Low), Figures.Count(reclaim.High), Figures.Count(reclaim.Pageoutrun), Figures.Count(reclaim.Allocstall)] : (string[])["", "", "", ""]]);
            }
        }

        return table;
    }

    private static Table Workloads(RunResults results, bool all)
    {
        var workloads = Cgroup(results).SelectMany(cgroup => cgroup.Cgroup.Workloads.Select(workload => (cgroup.Path, Workload: workload))).ToList();
        var table = TextTable.Make(2, "cgroup", "workload", "accesses", "hit ratio", "device reads", "IOPS", "MiB/s", "p50 us", "p99 us", "p99.9 us");
        foreach (var (path, workload) in Most(workloads, all, row => row.Workload.DeviceReads))
        {
            table.Row(
                path, workload.Name, Figures.Count(workload.Accesses), Figures.Fixed(100 * workload.HitRatio(), 2) + "%",
                Figures.Count(workload.DeviceReads), Figures.Fixed(workload.Iops, 0), Figures.Fixed(workload.BandwidthMiBs, 1),
                Figures.Micros(workload.LatencyUs.P50), Figures.Micros(workload.LatencyUs.P99), Figures.Micros(workload.LatencyUs.P999));
        }

        return Rest(table, workloads.Count, all);
    }

    /// <summary>The rows that count most, in their own order.</summary>
    private static IEnumerable<T> Most<T>(List<T> rows, bool all, Func<T, long> weight) => all || rows.Count <= RowsShown
        ? rows
        : rows.Select((row, i) => (Row: row, At: i)).OrderByDescending(row => weight(row.Row)).ThenBy(row => row.At).Take(RowsShown).OrderBy(row => row.At).Select(row => row.Row);

    private static Table Rest(Table table, int rows, bool all) =>
        all || rows <= RowsShown ? table : table.Caption($"the {RowsShown} of {rows} with most to show; --all shows every one");

    private static Table Cgroups(RunResults results, bool all)
    {
        var cgroups = Cgroup(results).ToList();
        var swaps = cgroups.Exists(cgroup => cgroup.Cgroup.Swaps());
        string[] counters =
        [
            "workingset_refault_file", "workingset_activate_file", "workingset_restore_file",
            .. swaps ? (string[])["workingset_refault_anon", "pswpin", "pswpout"] : [],
            "pgscan", "pgsteal",
        ];
        const string Workingset = "workingset_";
        var kills = cgroups.Exists(cgroup => cgroup.Cgroup.Event("oom_kill") > 0);
        var table = TextTable.Make(1, ["cgroup", "memory.current", .. counters.Select(name => name.Replace(Workingset, "", StringComparison.Ordinal)), "max events", .. kills ? (string[])["oom_kill"] : []]);
        foreach (var (path, cgroup) in Most(cgroups, all, row => row.Cgroup.Stat("pgscan")))
        {
            table.Row([
                path, Figures.Count(cgroup.MemoryCurrent),
                .. counters.Select(name => Figures.Count(cgroup.Stat(name))), Figures.Count(cgroup.Event("max")),
                .. kills ? (string[])[Figures.Count(cgroup.Event("oom_kill"))] : []]);
        }

        return Rest(table, cgroups.Count, all);
    }

    /// <summary>What the OOM killer killed; null if nothing.</summary>
    private static Table? OomKills(RunResults results)
    {
        var kills = Cgroup(results).Where(cgroup => !cgroup.Cgroup.OomKills.IsDefaultOrEmpty)
            .SelectMany(cgroup => cgroup.Cgroup.OomKills.Select(kill => (cgroup.Path, Kill: kill))).ToList();
        if (kills.Count == 0)
        {
            return null;
        }

        var table = TextTable.Make(5, "at s", "cgroup", "killed", "points", "out of memory");
        foreach (var (path, kill) in kills.OrderBy(kill => kill.Kill.AtNs))
        {
            var who = kill.Workloads.IsEmpty ? "process_memory" : string.Join(", ", kill.Workloads);
            table.Row(Figures.Fixed(kill.AtNs / 1e9, 3), path, who, Figures.Count(kill.Points), kill.For == "/" ? "the host" : kill.For);
        }

        return table;
    }

    /// <summary>What was written and read on the way; null if nothing was.</summary>
    private static Table? Events(RunResults results)
    {
        var events = Cgroup(results).Where(cgroup => !cgroup.Cgroup.Events.IsDefaultOrEmpty)
            .SelectMany(cgroup => cgroup.Cgroup.Events.Select(item => (cgroup.Path, Event: item))).ToList();
        if (events.Count == 0)
        {
            return null;
        }

        var table = TextTable.Make(5, "at s", "cgroup", "file", "written or read", "error");
        foreach (var (path, item) in events.OrderBy(item => item.Event.AtNs))
        {
            table.Row(Figures.Fixed(item.AtNs / 1e9, 3), path, item.File, item.Write ?? Shown(item.Read!.TrimEnd('\n')), item.Error ?? "");
        }

        return table;
    }

    private static string Shown(string text)
    {
        var lines = text.Count(character => character == '\n') + 1;
        return lines <= LinesShown ? text : $"{lines} lines: see the results";
    }

    /// <summary>Cgroups of all hosts; with several hosts the host's name stands before the path.</summary>
    private static IEnumerable<(string Path, CgroupResult Cgroup)> Cgroup(RunResults results) =>
        results.Hosts.SelectMany(host => host.Cgroups.Select(cgroup => ((results.Hosts.Length > 1 ? host.Name : "") + cgroup.Key, cgroup.Value)));
}
