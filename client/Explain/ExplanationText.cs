using System.Globalization;
using Reclaim.Client.Reports;
using Reclaim.Contracts.Results;
using Spectre.Console;

namespace Reclaim.Client.Explain;

/// <summary>An explanation for people: tables first, then what they say, in words.</summary>
internal static class ExplanationText
{
    /// <summary>A part below this share of the throughput is left out of tables.</summary>
    private const double LeastShare = 0.0001;

    public static void Write(IAnsiConsole console, string scenario, (string Before, string After) names, RunResults before, RunResults after)
    {
        console.WriteLine($"{scenario}: {names.Before} -> {names.After}");
        if (!before.Complete || !after.Complete)
        {
            console.WriteLine("incomplete: stopped before its end; figures of different sides cover different times");
        }

        foreach (var pair in CgroupPair.Of(before, after))
        {
            foreach (var explanation in pair.Explanations())
            {
                console.WriteLine();
                WriteParts(console, explanation, names);
            }

            WriteFates(console, pair, names);
            console.WriteLine();
            foreach (var sentence in Sentences.Of(pair, names))
            {
                console.WriteLine($"- {sentence}");
            }
        }

        WriteRules(console, RuleDifference.Of(before.Kernel, after.Kernel), names);
    }

    private static void WriteParts(IAnsiConsole console, Explanation explanation, (string Before, string After) names)
    {
        console.WriteLine($"{explanation.Place}: {Number(explanation.Before.Iops, 0)} -> {Number(explanation.After.Iops, 0)} requests/s, {Percent(explanation.Change)}");
        console.WriteLine();
        var table = TextTable.Make(1, "what differs", names.Before, names.After, "", "makes");
        foreach (var part in Shown(explanation))
        {
            table.Row(KindNames.Of(part.What), Number(part.Before, 2), Number(part.After, 2), part.Unit, Percent(part.Share));
        }

        table.Row("together", "", "", "", Percent(explanation.Change));
        console.Write(table);
    }

    /// <summary>The parts that are worth a row, largest first.</summary>
    internal static IEnumerable<Part> Shown(Explanation explanation) =>
        explanation.Parts.Where(part => Math.Abs(part.Share) >= LeastShare).OrderByDescending(part => Math.Abs(part.Share));

    private static void WriteFates(IAnsiConsole console, CgroupPair pair, (string Before, string After) names)
    {
        if (pair.Before.Fates.IsDefaultOrEmpty && pair.After.Fates.IsDefaultOrEmpty)
        {
            return;
        }

        console.WriteLine();
        console.WriteLine($"what became of the pages of {pair.Path}");
        console.WriteLine();
        var table = TextTable.Make(2, "kernel", "pages", "evicted", "came back", "in time", "kept");
        foreach (var (name, cgroup) in new[] { (names.Before, pair.Before), (names.After, pair.After) })
        {
            foreach (var fate in cgroup.Fates.IsDefault ? [] : cgroup.Fates)
            {
                table.Row(name, $"{fate.Type}, {fate.Class}", Number(fate.Evicted, 0), Share(fate.Returned, fate.Evicted), Share(fate.Recent, fate.Evicted), Number(fate.Kept, 0));
            }
        }

        console.Write(table);
    }

    private static void WriteRules(IAnsiConsole console, IReadOnlyList<RuleDifference> rules, (string Before, string After) names)
    {
        if (rules.Count == 0)
        {
            return;
        }

        console.WriteLine();
        console.WriteLine("rules that differ (docs/variants.md)");
        console.WriteLine();
        var table = TextTable.Make(4, "rule", names.Before, names.After, "decides");
        foreach (var rule in rules)
        {
            table.Row(rule.Name, rule.Before, rule.After, rule.Meaning);
        }

        console.Write(table);
    }

    internal static string Percent(double share) => (100 * share).ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture) + "%";

    internal static string Number(double value, int digits) => value.ToString("N" + digits, CultureInfo.InvariantCulture);

    private static string Share(long part, long whole) => whole == 0 ? "" : (100.0 * part / whole).ToString("0.0", CultureInfo.InvariantCulture) + "%";
}
