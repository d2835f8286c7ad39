using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Reclaim.Client.Reports;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Explain;

/// <summary>Explanations in the shape of <c>reclaim-explanation/1</c>.</summary>
internal sealed record ExplanationReport(string Schema, string Scenario, ImmutableArray<ExplainedPair> Pairs)
{
    public static ExplanationReport Of(ComparedSides sides, ImmutableArray<RuleTrial> trials) => new(
        "reclaim-explanation/1",
        sides.Scenario,
        [.. Enumerable.Range(1, sides.Results.Length - 1).Select(i => ExplainedPair.Of(
            (sides.Names[0], sides.Names[i]), sides.Results[0], sides.Results[i], [.. trials.Where(trial => trial.Side == i)]))]);
}

/// <summary>One run against the first.</summary>
internal sealed record ExplainedPair(string Before, string After, ImmutableArray<ExplainedWorkload> Workloads, ImmutableArray<ExplainedRule> Rules, ImmutableArray<string> Words)
{
    public static ExplainedPair Of((string Before, string After) names, RunResults before, RunResults after, ImmutableArray<RuleTrial> trials)
    {
        var pairs = CgroupPair.Of(before, after).ToList();
        return new ExplainedPair(
            names.Before,
            names.After,
            [.. pairs.SelectMany(pair => pair.Explanations()).Select(e => new ExplainedWorkload(e.Place, e.Before.Iops, e.After.Iops, 100 * e.Change, [.. e.Parts.Select(
                part => new ExplainedPart(part.What, part.Unit, part.Before, part.After, 100 * part.Share))]))],
            [.. RuleDifference.Of(before.Kernel, after.Kernel).Select(rule => new ExplainedRule(rule.Name, rule.Meaning, rule.Before, rule.After)
            {
                AlonePercent = trials.FirstOrDefault(trial => trial.Rule == rule) is { } trial ? 100 * (RuleTrials.Requests(trial.Results) / RuleTrials.Requests(before) - 1) : null,
            })],
            [.. pairs.SelectMany(pair => Sentences.Of(pair, names).Select(sentence => pairs.Count > 1 ? $"{pair.Path}: {sentence}" : sentence))]);
    }
}

/// <summary>A workload: requests a second in both runs, the change in per cent, and the parts that make it up.</summary>
internal sealed record ExplainedWorkload(string Workload, double IopsBefore, double IopsAfter, double ChangePercent, ImmutableArray<ExplainedPart> Parts);

/// <summary>A part of the change.</summary>
internal sealed record ExplainedPart(string What, string Unit, double Before, double After, double Percent);

/// <summary>A rule that differs.</summary>
internal sealed record ExplainedRule(string Name, string Meaning, string Before, string After)
{
    /// <summary>What it makes of the requests a second alone, if that was tried.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? AlonePercent { get; init; }
}
