using Reclaim.Contracts.Results;

namespace Reclaim.Client.Explain;

/// <summary>A cgroup as it is in two runs of the same scenario.</summary>
/// <param name="Path">Its path; on one of several hosts, after the host's name.</param>
/// <param name="Before">In the first run.</param>
/// <param name="After">In the other.</param>
/// <param name="TakenBefore">Entries of the reclaim matrix that it is the victim of.</param>
/// <param name="TakenAfter">Likewise.</param>
internal sealed record CgroupPair(
    string Path, CgroupResult Before, CgroupResult After, IReadOnlyList<ReclaimMatrixEntry> TakenBefore, IReadOnlyList<ReclaimMatrixEntry> TakenAfter)
{
    /// <summary>Cgroups with workloads that both runs have, in the order of the first.</summary>
    public static IEnumerable<CgroupPair> Of(RunResults before, RunResults after)
    {
        foreach (var host in before.Hosts)
        {
            if (after.Hosts.FirstOrDefault(other => other.Name == host.Name) is not { } other)
            {
                continue;
            }

            foreach (var (path, cgroup) in host.Cgroups.Where(entry => entry.Value.Workloads.Length > 0))
            {
                if (other.Cgroups.TryGetValue(path, out var there))
                {
                    yield return new CgroupPair((before.Hosts.Length > 1 ? host.Name : "") + path, cgroup, there, Taken(host, path), Taken(other, path));
                }
            }
        }
    }

    /// <summary>Its workloads, by name.</summary>
    public IEnumerable<Explanation> Explanations() =>
        Before.Workloads.Select(workload => After.Workloads.FirstOrDefault(other => other.Name == workload.Name) is { } other
            ? Explanation.Of($"{Path} {workload.Name}", workload, other)
            : null).OfType<Explanation>();

    private static List<ReclaimMatrixEntry> Taken(HostResult host, string path) => [.. host.ReclaimMatrix.Where(entry => entry.Victim == path)];
}
