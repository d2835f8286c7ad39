using Reclaim.Contracts.Results;

namespace Reclaim.Client.Reports;

/// <summary>A line of a table that sets runs of the same workload side by side.</summary>
/// <param name="Name">The figure's name; with several workloads or cgroups, after their names.</param>
/// <param name="Figure">Takes it from results; null if it is not there.</param>
/// <param name="Digits">Digits after the point.</param>
internal sealed record FigureLine(string Name, Func<RunResults, double?> Figure, int Digits)
{
    private static readonly (string Name, Func<WorkloadResult, double> Figure, int Digits)[] _ofWorkload =
    [
        ("MiB/s", w => w.BandwidthMiBs, 1),
        ("IOPS", w => w.Iops, 0),
        ("hit ratio %", w => 100 * w.HitRatio(), 2),
        ("device reads", w => w.DeviceReads, 0),
        ("p99 us", w => w.LatencyUs.P99, 2),
    ];

    private static readonly string[] _ofCgroup = ["workingset_refault_file", "workingset_activate_file", "workingset_restore_file"];
    private static readonly string[] _ofSwapping = ["workingset_refault_anon", "pswpin", "pswpout"];
    private static readonly string[] _ofReclaim = ["pgscan", "pgsteal"];

    /// <summary>What figures are called, whatever they are of.</summary>
    public static IEnumerable<string> Names => [.. _ofWorkload.Select(figure => figure.Name), .. _ofCgroup, .. _ofSwapping, .. _ofReclaim];

    /// <summary>Which of <see cref="Names"/> it is.</summary>
    public required string Kind { get; init; }

    /// <summary>Whose figure it is: host, cgroup and workload; empty where there is one of each.</summary>
    public string Place => Name[..^Kind.Length].TrimEnd();

    /// <summary>The figures that kernel developers compare, for every workload and cgroup of a run.</summary>
    public static IEnumerable<FigureLine> Of(RunResults first)
    {
        var several = first.Hosts.Sum(host => host.Cgroups.Count) > 1 || first.Hosts.Any(host => host.Cgroups.Values.Any(cgroup => cgroup.Workloads.Length > 1));
        for (var h = 0; h < first.Hosts.Length; h++)
        {
            foreach (var (path, cgroup) in first.Hosts[h].Cgroups)
            {
                var place = several ? (first.Hosts.Length > 1 ? first.Hosts[h].Name : "") + path + " " : "";
                for (var w = 0; w < cgroup.Workloads.Length; w++)
                {
                    foreach (var line in OfWorkload(several ? $"{place}{cgroup.Workloads[w].Name} " : "", h, path, w))
                    {
                        yield return line;
                    }
                }

                foreach (var line in OfCgroup(place, h, path, cgroup.Swaps()))
                {
                    yield return line;
                }
            }
        }
    }

    private static IEnumerable<FigureLine> OfWorkload(string place, int host, string path, int index)
    {
        return _ofWorkload.Select(f => new FigureLine(place + f.Name, results => Workload(results, host, path, index) is { } w ? f.Figure(w) : null, f.Digits) { Kind = f.Name });
    }

    private static IEnumerable<FigureLine> OfCgroup(string place, int host, string path, bool swaps)
    {
        string[] names = [.. _ofCgroup, .. swaps ? _ofSwapping : [], .. _ofReclaim];
        return names.Select(name => new FigureLine(place + name, results => Cgroup(results, host, path)?.StatOrNull(name), 0) { Kind = name });
    }

    private static CgroupResult? Cgroup(RunResults results, int host, string path) =>
        host < results.Hosts.Length ? results.Hosts[host].Cgroups.GetValueOrDefault(path) : null;

    private static WorkloadResult? Workload(RunResults results, int host, string path, int index) =>
        Cgroup(results, host, path) is { } cgroup && index < cgroup.Workloads.Length ? cgroup.Workloads[index] : null;
}
