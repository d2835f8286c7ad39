using System.Collections.Immutable;
using Reclaim.Contracts.Steps;

namespace Reclaim.Grains.Runs;

/// <summary>Where each host of a run stands, and what it comes to for the whole run.</summary>
internal static class RunStanding
{
    /// <summary>One host: when it ends, and where it is.</summary>
    public readonly record struct Host(long? EndNs, long? TotalAccesses, bool Done, long NowNs, long Accesses, ImmutableArray<CgroupProgress> Cgroups);

    /// <summary>Virtual time of the run: that of the host furthest behind, or of the last to end.</summary>
    public static long NowNs(IReadOnlyList<Host> hosts)
    {
        var (behind, last) = (long.MaxValue, 0L);
        foreach (var host in hosts)
        {
            last = Math.Max(last, host.NowNs);
            behind = host.Done ? behind : Math.Min(behind, host.NowNs);
        }

        return behind == long.MaxValue ? last : behind;
    }

    public static RunProgress Progress(RunPhase phase, IReadOnlyList<Host> hosts, string? error) => new()
    {
        Phase = phase,
        NowNs = NowNs(hosts),
        EndNs = hosts.All(host => host.EndNs.HasValue) ? hosts.Max(host => host.EndNs) : null,
        Accesses = hosts.Sum(host => host.Accesses),
        TotalAccesses = hosts.All(host => host.TotalAccesses.HasValue) ? hosts.Sum(host => host.TotalAccesses) : null,
        Cgroups = [.. hosts.SelectMany((host, number) => host.Cgroups.Select(cgroup => cgroup with { Host = number }))],
        Error = error,
    };
}
