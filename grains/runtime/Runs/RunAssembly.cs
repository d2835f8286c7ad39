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
    public static RunResults Results(RunSpec spec, ImmutableArray<HostResult> hosts, long nowNs, long accesses, bool complete) =>
        ResultDigest.Sealed(new RunResults
        {
            Scenario = spec.Scenario,
            Seed = spec.Seed,
            Complete = complete,
            Kernel = Kernel(spec),
            VirtualSeconds = nowNs / 1e9,
            Accesses = accesses,
            Hosts = hosts,
        });

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
