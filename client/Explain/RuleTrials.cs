using System.Collections.Immutable;
using Reclaim.Client.Reports;
using Reclaim.Client.ScenarioFormat;
using Reclaim.Contracts.Results;
using Reclaim.Contracts.Spec;
using Spectre.Console;

namespace Reclaim.Client.Explain;

/// <summary>The first kernel with one rule of another.</summary>
/// <param name="Side">Which other, by its place in the comparison.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Results">What came of it.</param>
internal sealed record RuleTrial(int Side, RuleDifference Rule, RunResults Results);

/// <summary>
/// Which rule makes the difference: the first kernel again, each time with one rule of the other's. What each makes alone need not add up to
/// what they make together.
/// </summary>
internal static class RuleTrials
{
    /// <summary>The scenario under the first kernel, with one rule of another.</summary>
    public static IEnumerable<Scenario> Of(Scenario scenario, CompareSide first, IReadOnlyList<RuleDifference> rules)
    {
        var under = scenario.Under(first);
        foreach (var rule in rules)
        {
            var kernel = under.Spec.Kernel;
            yield return under with
            {
                Label = rule.Name,
                Spec = under.Spec with { Kernel = kernel with { Rules = [.. kernel.Rules.Where(own => own.Name != rule.Name), new RuleOverride(rule.Name, rule.After)] } },
            };
        }
    }

    public static void Write(IAnsiConsole console, ComparedSides sides, ImmutableArray<RuleTrial> trials)
    {
        foreach (var side in trials.GroupBy(trial => trial.Side))
        {
            console.WriteLine();
            console.WriteLine($"{sides.Names[0]} with one rule of {sides.Names[side.Key]}");
            console.WriteLine();
            var table = TextTable.Make(2, "rule", "value", "requests/s", "makes", "misses %", "device reads");
            Row("none", "", sides.Results[0]);
            foreach (var (_, rule, results) in side)
            {
                Row(rule.Name, rule.After, results);
            }

            Row("all", "", sides.Results[side.Key]);
            console.Write(table);

            void Row(string name, string value, RunResults results) => table.Row(
                name, value, ExplanationText.Number(Requests(results), 0), ExplanationText.Percent(Requests(results) / Requests(sides.Results[0]) - 1),
                ExplanationText.Number(100 * Misses(results), 2), ExplanationText.Number(Workloads(results).Sum(w => w.DeviceReads), 0));
        }
    }

    /// <summary>Requests a second of all workloads.</summary>
    public static double Requests(RunResults results) => Workloads(results).Sum(workload => workload.Iops);

    private static double Misses(RunResults results)
    {
        var (accesses, hits) = (Workloads(results).Sum(w => w.Steady.Accesses), Workloads(results).Sum(w => w.Steady.Hits));
        return accesses == 0 ? 0 : 1 - (double)hits / accesses;
    }

    private static IEnumerable<WorkloadResult> Workloads(RunResults results) => results.Hosts.SelectMany(host => host.Cgroups.Values).SelectMany(cgroup => cgroup.Workloads);
}
