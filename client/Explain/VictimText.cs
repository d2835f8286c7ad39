using Reclaim.Client.Reports;
using Reclaim.Contracts.Results;
using Spectre.Console;

namespace Reclaim.Client.Explain;

/// <summary>Who reclaimed from a cgroup, why, and what that cost it later.</summary>
internal static class VictimText
{
    public static void Write(IAnsiConsole console, RunResults results, HostResult host, string path)
    {
        var cgroup = host.Cgroups[path];
        var taken = host.ReclaimMatrix.Where(entry => entry.Victim == path).OrderByDescending(entry => entry.Refaulted).ThenByDescending(entry => entry.Reclaimed).ToList();
        console.WriteLine($"{results.Scenario}: who reclaimed from {(results.Hosts.Length > 1 ? host.Name : "")}{path}, and what it missed later");
        if (taken.Count == 0)
        {
            console.WriteLine();
            console.WriteLine("Nobody did.");
            return;
        }

        var missNs = MissNs(cgroup);
        var all = taken.Sum(entry => entry.Refaulted);
        console.WriteLine();
        var table = TextTable.Make(2, "who asked", "why", "node", "scanned", "reclaimed", "refaulted", "of all", "cost s");
        foreach (var entry in taken)
        {
            table.Row(
                entry.Aggressor == path ? "itself" : entry.Aggressor, Why(entry.Kind), entry.Node.ToString(System.Globalization.CultureInfo.InvariantCulture),
                Figures.Count(entry.Scanned), Figures.Count(entry.Reclaimed), Figures.Count(entry.Refaulted),
                all == 0 ? "" : $"{ExplanationText.Number(100.0 * entry.Refaulted / all, 1)}%", missNs is { } ns ? ExplanationText.Number(entry.Refaulted * ns / 1e9, 3) : "");
        }

        console.Write(table);
        console.WriteLine();
        foreach (var sentence in Words(path, taken, cgroup, missNs))
        {
            console.WriteLine($"- {sentence}");
        }
    }

    private static IEnumerable<string> Words(string path, List<ReclaimMatrixEntry> taken, CgroupResult cgroup, double? missNs)
    {
        var others = taken.Where(entry => entry.Aggressor != path).ToList();
        var (reclaimed, refaulted) = (others.Sum(entry => entry.Reclaimed), others.Sum(entry => entry.Refaulted));
        if (reclaimed == 0)
        {
            yield return "No other cgroup took a page of it: what it lost, it lost for limits of its own.";
        }
        else
        {
            var worst = others.GroupBy(entry => entry.Aggressor).MaxBy(group => group.Sum(entry => entry.Refaulted))!;
            yield return $"Others took {Figures.Count(reclaimed)} pages of it, and it missed {Figures.Count(refaulted)} of them later"
                + (missNs is { } ns ? $": about {ExplanationText.Number(refaulted * ns / 1e9, 3)} s of its tasks' time, at {ExplanationText.Number(ns, 0)} ns a miss." : ".");
            yield return $"Most of that is for {worst.Key}: {Figures.Count(worst.Sum(entry => entry.Refaulted))} pages missed of {Figures.Count(worst.Sum(entry => entry.Reclaimed))} taken.";
        }

        if (cgroup.Event("low") > 0)
        {
            yield return $"It was reclaimed from below its memory.low {Figures.Count(cgroup.Event("low"))} times.";
        }
    }

    /// <summary>What a miss costs its workloads on average, nanoseconds.</summary>
    private static double? MissNs(CgroupResult cgroup)
    {
        var (time, misses) = (0.0, 0.0);
        foreach (var workload in cgroup.Workloads)
        {
            if (TimePerAccess.Of(workload) is { } spent)
            {
                var count = spent.MissesPerAccess * workload.Steady.Accesses;
                time += spent.PerMiss.Values.Sum() * count;
                misses += count;
            }
        }

        return misses > 0 ? time / misses : null;
    }

    private static string Why(string kind) => kind switch
    {
        "limit" => "memory.max",
        "high" => "memory.high",
        "proactive" => "memory.reclaim",
        "kswapd" => "kswapd, for the node",
        "direct" => "direct reclaim, for the node",
        "demotion" => "demotion",
        _ => kind,
    };
}
