using System.Collections.Immutable;
using System.Globalization;
using Reclaim.Contracts.Results;
using Spectre.Console;

namespace Reclaim.Client.Reports;

/// <summary>The same workload under several kernels, in the shape of <c>reclaim-comparison/1</c>.</summary>
internal sealed record Comparison(string Schema, ImmutableArray<RunResults> Sides)
{
    public const string SchemaName = "reclaim-comparison/1";
}

/// <summary>A comparison as kernel developers post it: a name, the figure of each side, and its change against the first.</summary>
internal static class ComparisonTable
{
    private sealed record Line(string Name, Func<RunResults, double?> Figure, int Digits);

    public static void Write(IAnsiConsole console, string scenario, IReadOnlyList<string> names, IReadOnlyList<RunResults> sides)
    {
        console.WriteLine($"{scenario}: {string.Join(" / ", names)}");
        if (sides.Any(side => !side.Complete))
        {
            console.WriteLine("incomplete: stopped before its end; figures of different sides cover different times");
        }

        console.WriteLine();
        var headers = new List<string> { "", names[0] };
        foreach (var name in names.Skip(1))
        {
            headers.AddRange([name, "change"]);
        }

        var table = TextTable.Make(1, headers);
        foreach (var line in Lines(sides[0]))
        {
            var first = line.Figure(sides[0]);
            var cells = new List<string> { line.Name, Show(first, line.Digits) };
            foreach (var side in sides.Skip(1))
            {
                var figure = line.Figure(side);
                cells.AddRange([Show(figure, line.Digits), Change(first, figure)]);
            }

            table.Row(cells);
        }

        console.Write(table);
    }

    internal static string Change(double? first, double? other)
    {
        if (first is null || other is null)
        {
            return "";
        }

        if (first == other)
        {
            return "0.00%";
        }

        return first == 0 ? "-" : ((other.Value - first.Value) / first.Value * 100).ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture) + "%";
    }

    private static IEnumerable<Line> Lines(RunResults first)
    {
        var several = first.Hosts.Sum(host => host.Cgroups.Count) > 1 || first.Hosts.Any(host => host.Cgroups.Values.Any(cgroup => cgroup.Workloads.Length > 1));
        for (var h = 0; h < first.Hosts.Length; h++)
        {
            foreach (var (path, cgroup) in first.Hosts[h].Cgroups)
            {
                var place = several ? (first.Hosts.Length > 1 ? first.Hosts[h].Name : "") + path + " " : "";
                for (var w = 0; w < cgroup.Workloads.Length; w++)
                {
                    foreach (var line in WorkloadLines(several ? $"{place}{cgroup.Workloads[w].Name} " : "", h, path, w))
                    {
                        yield return line;
                    }
                }

                foreach (var line in CgroupLines(place, h, path))
                {
                    yield return line;
                }
            }
        }
    }

    private static IEnumerable<Line> WorkloadLines(string place, int host, string path, int index)
    {
        (string Name, Func<WorkloadResult, double> Figure, int Digits)[] figures =
        [
            ("MiB/s", w => w.BandwidthMiBs, 1),
            ("IOPS", w => w.Iops, 0),
            ("hit ratio %", w => 100 * w.HitRatio(), 2),
            ("device reads", w => w.DeviceReads, 0),
            ("p99 us", w => w.LatencyUs.P99, 2),
        ];
        return figures.Select(f => new Line(place + f.Name, results => Workload(results, host, path, index) is { } w ? f.Figure(w) : null, f.Digits));
    }

    private static IEnumerable<Line> CgroupLines(string place, int host, string path)
    {
        string[] names = ["workingset_refault_file", "workingset_activate_file", "workingset_restore_file", "pgscan", "pgsteal"];
        return names.Select(name => new Line(place + name, results => Cgroup(results, host, path)?.StatOrNull(name), 0));
    }

    private static CgroupResult? Cgroup(RunResults results, int host, string path) =>
        host < results.Hosts.Length ? results.Hosts[host].Cgroups.GetValueOrDefault(path) : null;

    private static WorkloadResult? Workload(RunResults results, int host, string path, int index) =>
        Cgroup(results, host, path) is { } cgroup && index < cgroup.Workloads.Length ? cgroup.Workloads[index] : null;

    private static string Show(double? value, int digits) => value?.ToString("F" + digits, CultureInfo.InvariantCulture) ?? "";
}
