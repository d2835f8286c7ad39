using System.Collections.Immutable;
using System.Globalization;
using Reclaim.Silo;

namespace Reclaim.Client.Reports;

/// <summary>lru_gen and lru_gen_full as tables: for each memory cgroup and node its generations, and what its tiers come to.</summary>
internal static class LruGenTable
{
    private const double PagesPerMiB = 256;

    public static void Write(Terminal terminal, LruGenReading reading)
    {
        for (var i = 0; i < reading.Lruvecs.Length; i++)
        {
            if (i > 0)
            {
                terminal.Out.WriteLine();
            }

            var lruvec = reading.Lruvecs[i];
            terminal.Out.WriteLine($"memcg {lruvec.MemcgId}{(lruvec.Path.Length > 0 ? " " : "")}{lruvec.Path}, node {lruvec.Node}");
            terminal.Out.WriteLine();
            Generations(terminal, lruvec.Generations);
            if (lruvec.Anon is not null || lruvec.File is not null)
            {
                terminal.Out.WriteLine();
                Tiers(terminal, lruvec);
            }
        }
    }

    private static void Generations(Terminal terminal, ImmutableArray<GenerationReading> generations)
    {
        var anon = generations.Sum(generation => (double)(generation.AnonPages ?? 0));
        var file = generations.Sum(generation => (double)(generation.FilePages ?? 0));
        var table = TextTable.Make(0, "generation", "age s", "anon MiB", "% of anon", "file MiB", "% of file");
        foreach (var generation in generations)
        {
            table.Row(
                [
                    generation.Seq.ToString(CultureInfo.InvariantCulture),
                    Fixed(generation.AgeMs / 1000.0, "F3"),
                    .. Size(generation.AnonPages, anon),
                    .. Size(generation.FilePages, file),
                ]);
        }

        terminal.OutConsole().Write(table);
    }

    /// <summary>Size and share; a generation that the type has no more shows neither.</summary>
    private static string[] Size(ulong? pages, double all) => pages is null
        ? ["gone", ""]
        : [Fixed(pages.Value / PagesPerMiB, "F1"), all > 0 ? Fixed(pages.Value / all * 100, "F1") : "-"];

    private static void Tiers(Terminal terminal, LruvecReading lruvec)
    {
        var table = TextTable.Make(1, "tiers", "threshold", "tier 0 refaulted", "tier 1", "tier 2", "tier 3", "protected");
        Tiers(table, "anon", lruvec.Anon);
        Tiers(table, "file", lruvec.File);
        terminal.OutConsole().Write(table);
    }

    private static void Tiers(Spectre.Console.Table table, string type, TierReading? reading)
    {
        if (reading is null)
        {
            return;
        }

        var first = reading.Threshold + 1;
        var last = reading.Tiers.Length - 1;
        table.Row(
            [
                type,
                reading.Threshold.ToString(CultureInfo.InvariantCulture),
                .. reading.Tiers.Select(tier => tier.Total > 0 ? Fixed(tier.Refaulted / (double)tier.Total * 100, "F1") + "%" : "-"),
                first > last ? "none" : first == last ? $"tier {last}" : $"tiers {first} to {last}",
            ]);
    }

    private static string Fixed(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
