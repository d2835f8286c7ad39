using System.Xml.Linq;
using Reclaim.Client.Explain;
using Reclaim.Contracts.Results;

namespace Reclaim.Client.Reports.Html;

/// <summary>What <c>--report</c> writes: all of a run, or of a comparison, on one page.</summary>
internal static class HtmlReport
{
    /// <param name="run">The run.</param>
    /// <param name="command">The command line that repeats it.</param>
    public static string Of(RunResults run, string command) => Page.Of(run.Scenario,
    [
        new XElement("h1", run.Scenario),
        Section("What ran", RunSections.Facts(run)),
        Section("Workloads", RunSections.Workloads(run)),
        Latencies([("", run)]),
        .. RunParts(run),
        Section("To run it again", Again(command)),
    ]);

    /// <param name="compared">The runs.</param>
    /// <param name="command">The command line that repeats them.</param>
    public static string Of(ComparedSides compared, string command) => Page.Of(compared.Scenario,
    [
        new XElement("h1", $"{compared.Scenario}: {string.Join(" / ", compared.Names)}"),
        Section("Side by side", Comparison(compared)),
        Section("Over time", [.. Overlays(compared)]),
        Latencies([.. compared.Names.Zip(compared.Results)]),
        .. compared.Results.Skip(1).Select((run, i) => Section($"Why: {compared.Names[0]} -> {compared.Names[i + 1]}", [.. Why((compared.Names[0], compared.Names[i + 1]), compared.Results[0], run)])),
        .. compared.Results.SelectMany((run, i) => (IEnumerable<XElement?>)[Section($"{compared.Names[i]}: what ran", RunSections.Facts(run)), .. RunParts(run)]),
        Section("To run it again", Again(command)),
    ]);

    /// <summary>How long requests took; null if nothing is known of it.</summary>
    internal static XElement? Latencies(IReadOnlyList<(string Name, RunResults Run)> sides) =>
        RunSections.Latencies(sides).ToArray() is { Length: > 0 } latencies ? Section("How long requests took", latencies) : null;

    private static IEnumerable<XElement?> RunParts(RunResults run)
    {
        var curves = RunSections.Curves(run).ToArray();
        return
        [
            curves.Length == 0 ? null : Section("Over time", curves),
            run.Hosts.Any(host => host.ReclaimMatrix.Any(entry => entry.Reclaimed > 0)) ? Section("Who reclaimed whose pages", [.. RunSections.Matrix(run)]) : null,
            RunSections.Fates(run) is { } fates ? Section("What became of pages", fates) : null,
            Section("Counters", RunSections.Counters(run)),
        ];
    }

    private static XElement Comparison(ComparedSides compared)
    {
        string[] headers = ["", compared.Names[0], .. compared.Names.Skip(1).SelectMany(name => new[] { name, "change" })];
        return Page.Table(1, headers, FigureLine.Of(compared.Results[0]).Select(line =>
        {
            var first = line.Figure(compared.Results[0]);
            return (IReadOnlyList<object>)[line.Name, ComparisonTable.Show(first, line.Digits),
                .. compared.Results.Skip(1).SelectMany(run => new[] { ComparisonTable.Show(line.Figure(run), line.Digits), ComparisonTable.Change(first, line.Figure(run)) })];
        }));
    }

    /// <summary>The same cgroup under each side, one curve a side.</summary>
    internal static IEnumerable<XElement> Overlays(ComparedSides compared)
    {
        foreach (var (name, cgroup) in RunSections.Cgroups(compared.Results[0]).Where(one => one.Cgroup.Series is not null).Take(LineChart.MostCurves))
        {
            var sides = compared.Results.Select((run, i) => (Name: compared.Names[i], RunSections.Cgroups(run).FirstOrDefault(one => one.Name == name).Cgroup?.Series))
                .Where(side => side.Series is not null).Take(LineChart.MostCurves).ToList();
            yield return new XElement("h3", name);
            yield return new XElement("div", new XAttribute("class", "charts"),
                LineChart.Draw("accesses a second", [.. sides.Select(side => side.Series!.Rate("accesses", side.Name))]),
                LineChart.Draw("misses of 100 accesses", [.. sides.Select(side => side.Series!.PerAccess("misses", side.Name))]),
                LineChart.Draw("file refaults a second", [.. sides.Select(side => side.Series!.Rate("workingset_refault_file", side.Name))]),
                LineChart.Draw("memory pressure (some), % of the time", [.. sides.Select(side => side.Series!.Pressure("memory_some", side.Name))]));
        }
    }

    private static IEnumerable<XElement> Why((string Before, string After) names, RunResults before, RunResults after)
    {
        foreach (var pair in CgroupPair.Of(before, after))
        {
            foreach (var explanation in pair.Explanations())
            {
                yield return new XElement("h3", $"{explanation.Place}: {Figures.Fixed(explanation.Before.Iops, 0)} -> {Figures.Fixed(explanation.After.Iops, 0)} requests/s, {ExplanationText.Percent(explanation.Change)}");
                yield return Page.Table(1, ["what differs", names.Before, names.After, "", "makes"], ExplanationText.Shown(explanation).Select(part => (IReadOnlyList<object>)[
                    KindNames.Of(part.What), ExplanationText.Number(part.Before, 2), ExplanationText.Number(part.After, 2), part.Unit, ExplanationText.Percent(part.Share)]));
            }

            yield return new XElement("ul", Sentences.Of(pair, names).Select(sentence => new XElement("li", sentence)));
        }

        if (RuleDifference.Of(before.Kernel, after.Kernel) is { Count: > 0 } rules)
        {
            yield return Page.Table(4, ["rule that differs", names.Before, names.After, "decides"], rules.Select(rule => (IReadOnlyList<object>)[rule.Name, rule.Before, rule.After, rule.Meaning]));
        }
    }

    internal static XElement[] Again(string command) =>
    [
        new XElement("pre", command),
        new XElement("p", new XAttribute("class", "note"), "The same scenario, seed and version give the same digest, on any machine and any number of silos."),
    ];

    internal static XElement Section(string title, params XElement[] content) => new("section", new XElement("h2", title), content);
}
