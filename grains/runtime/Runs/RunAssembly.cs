using System.Collections.Immutable;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Reclaim.Contracts.Steps;

namespace Reclaim.Grains.Runs;

/// <summary>Puts the results of a run together from those of its hosts.</summary>
internal static class RunAssembly
{
    /// <param name="spec">What ran.</param>
    /// <param name="hosts">Results of the hosts, in the order of the specification.</param>
    /// <param name="nowNs">Virtual time that the run has reached.</param>
    /// <param name="accesses">Accesses made.</param>
    /// <param name="complete">Whether it ran to its end.</param>
    /// <param name="requests">What others asked of it on the way.</param>
    public static RunResults Results(RunSpec spec, ImmutableArray<HostResult> hosts, long nowNs, long accesses, bool complete, IEnumerable<KnownRequest>? requests = null) =>
        ResultDigest.Sealed(new RunResults
        {
            Scenario = spec.Scenario,
            Seed = spec.Seed,
            Complete = complete,
            Kernel = Kernel(spec),
            VirtualSeconds = nowNs / 1e9,
            Accesses = accesses,
            Hosts = hosts,
            Interventions = Interventions(hosts, requests ?? []) is { Length: > 0 } some ? some : default,
        });

    /// <summary>Those requests that took place.</summary>
    private static ImmutableArray<InterventionResult> Interventions(ImmutableArray<HostResult> hosts, IEnumerable<KnownRequest> requests) =>
        [.. requests
            .Select(request => (request.Host, Result: new InterventionResult(hosts[request.Host].Name, request.Cgroup, request.AtNs, EventFiles.NameOf(request.File), request.Value)))
            .Where(one => TookPlace(hosts[one.Host], one.Result))
            .Select(one => one.Result)
            .OrderBy(one => one.AtNs)];

    private static bool TookPlace(HostResult host, InterventionResult one) =>
        host.Cgroups[one.Cgroup].Events is { IsDefault: false } events && events.Any(e => e.AtNs == one.AtNs && e.File == one.File && e.Write == one.Write);

    /// <summary>How a run stands.</summary>
    public static RunView View(RunSpec spec, RunProgress progress, ImmutableArray<HostView> hosts) =>
        new() { Scenario = spec.Scenario, Kernel = Kernel(spec), Progress = progress, Hosts = hosts };

    private static KernelResult Kernel(RunSpec spec) => new()
    {
        Policy = spec.Kernel.Policy,
        Variant = spec.Kernel.Variant,
        LruRefsWidth = spec.Kernel.LruRefsWidth,
        Rules = Rules(spec.Kernel),
    };

    private static ImmutableSortedDictionary<string, string> Rules(KernelSpec kernel)
    {
        // The last of several overrides of a rule is the one that counts.
        var rules = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var rule in kernel.Rules)
        {
            rules[rule.Name] = rule.Value;
        }

        return rules.ToImmutable();
    }
}
