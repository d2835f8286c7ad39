using System.Collections.Immutable;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Model.Sharing;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>Which files of a host are used by several of its cgroups, and by which.</summary>
internal static class FileSharing
{
    /// <summary>The files that several cgroups use, numbered as the host has them.</summary>
    public static IReadOnlyList<SharedFileUsers> Of(HostSpec host)
    {
        if (host.Files.IsEmpty)
        {
            return [];
        }

        var users = host.Files.ToDictionary(file => file.Name, _ => new List<int>(), StringComparer.Ordinal);
        for (var cgroup = 0; cgroup < host.Cgroups.Length; cgroup++)
        {
            foreach (var name in host.Cgroups[cgroup].Workloads.SelectMany(NamesOf).Distinct(StringComparer.Ordinal))
            {
                users.GetValueOrDefault(name)?.Add(cgroup);
            }
        }

        return [.. host.Files.Select((file, number) => new SharedFileUsers((ushort)number, users[file.Name])).Where(file => file.Users.Count > 1)];
    }

    /// <summary>Of them, those of one cgroup.</summary>
    public static IReadOnlyList<SharedFilePlan> PlanOf(HostSpec host, int cgroup, FileLayout layout) =>
        host.Files.IsEmpty ? [] : [.. Of(host).Where(file => file.Users.Contains(cgroup)).Select(file =>
            new SharedFilePlan(layout[host.Files[file.Number].Name], file.Number, file.Users.Any(user => user != cgroup && Maps(host.Cgroups[user], host.Files[file.Number].Name))))];

    private static bool Maps(CgroupSpec cgroup, string file) =>
        cgroup.Workloads.SelectMany(PartsOf).Any(part => part.File == file && AccessPaths.Of(part) == AccessPath.Mapped);

    /// <summary>Cgroups that share files with each other, directly or through others, each group in the order of the scenario.</summary>
    public static IReadOnlyList<ImmutableSortedSet<int>> Circles(HostSpec host)
    {
        var circles = new List<ImmutableSortedSet<int>>();
        foreach (var file in Of(host))
        {
            var touched = circles.Where(circle => circle.Overlaps(file.Users)).ToList();
            circles.RemoveAll(touched.Contains);
            circles.Add([.. touched.SelectMany(circle => circle), .. file.Users]);
        }

        return [.. circles.OrderBy(circle => circle[0])];
    }

    /// <summary>Why a cgroup cannot share files; null if it can.</summary>
    public static (string Key, string Problem)? Refusal(RunSpec spec, HostSpec host, int cgroup)
    {
        var circle = Circles(host).FirstOrDefault(circle => circle.Contains(cgroup));
        if (circle is null)
        {
            return null;
        }

        var cgroupSpec = host.Cgroups[cgroup];
        if (circle.Any(other => NumaLayout.IsSpread(spec, host, host.Cgroups[other]) || NumaLayout.NodeOf(host, host.Cgroups[other]) != NumaLayout.NodeOf(host, cgroupSpec)))
        {
            return ("cpuset.mems", "not in this version: cgroups that share a file have all their pages on one node");
        }

        List<string> shared = [.. Of(host).Where(file => file.Users.Contains(cgroup)).Select(file => host.Files[file.Number].Name)];
        for (var i = 0; i < cgroupSpec.Events.Length; i++)
        {
            var item = cgroupSpec.Events[i];
            if (SharedFileControl.Problem(ControlMapping.ToModel(item.File), item.Value, shared) is { } problem)
            {
                return ($"events[{i}].{EventFiles.NameOf(item.File)}", problem);
            }
        }

        return null;
    }

    /// <summary>What a cgroup has to do with each.</summary>
    public static ImmutableArray<SharedFileResult> Results(ContainerFigures figures, HostSpec host, int cgroup) =>
    [
        .. Of(host).Where(file => file.Users.Contains(cgroup)).Select(file =>
        {
            var use = figures.SharedFile(file.Number);
            return new SharedFileResult
            {
                File = host.Files[file.Number].Name,
                Pages = FileLayout.PagesOf(host.Files[file.Number].SizeBytes),
                Resident = use.Resident,
                Cgroups = ImmutableSortedDictionary.Create<string, SharedFileUse>(StringComparer.Ordinal)
                    .Add(host.Cgroups[cgroup].Path, new SharedFileUse(use.Charged, use.BroughtIn, use.OthersAccessed, use.LostByOthers)),
            };
        }),
    ];

    /// <summary>Files that a workload names.</summary>
    private static IEnumerable<string> NamesOf(WorkloadSpec workload) => PartsOf(workload).Select(part => part.File).OfType<string>();

    private static IEnumerable<WorkloadSpec> PartsOf(WorkloadSpec workload) => workload is MixSpec mix ? mix.Parts.SelectMany(part => PartsOf(part.Workload)) : [workload];

    /// <summary>The same of all cgroups together; default without any.</summary>
    public static ImmutableArray<SharedFileResult> Together(ImmutableArray<CgroupResult> cgroups)
    {
        var files = cgroups.SelectMany(cgroup => cgroup.SharedFiles).GroupBy(file => file.File, StringComparer.Ordinal).ToList();
        return files.Count == 0 ? default :
        [
            .. files.Select(uses => uses.First() with
            {
                // Who stopped in the middle of a run may not know of all yet.
                Resident = uses.Sum(use => use.Cgroups.Values.Sum(one => one.Charged)),
                Cgroups = uses.SelectMany(use => use.Cgroups).ToImmutableSortedDictionary(StringComparer.Ordinal),
            }),
        ];
    }
}
