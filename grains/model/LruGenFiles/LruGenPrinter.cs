using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Reclaim.Model.LruGenFiles;

/// <summary>
/// Sets a dump in the kernel's columns; a number too long for its column pushes the rest to the right.
/// Source: the formats of seq_printf in lru_gen_seq_show, lru_gen_seq_show_full in mm/vmscan.c.
/// </summary>
internal static class LruGenPrinter
{
    public static string Print(LruGenDump dump)
    {
        var text = new StringBuilder();
        foreach (var memcg in dump.Memcgs)
        {
            text.Append(CultureInfo.InvariantCulture, $"memcg {memcg.Id,5} {memcg.Path}\n");
            foreach (var node in memcg.Nodes)
            {
                text.Append(CultureInfo.InvariantCulture, $" node {node.Id,5}\n");
                foreach (var generation in node.Generations)
                {
                    Generation(text, generation);
                }
            }
        }

        return text.ToString();
    }

    private static void Generation(StringBuilder text, LruGenGeneration generation)
    {
        var (anon, file) = (generation.Anon, generation.File);
        text.Append(CultureInfo.InvariantCulture, $" {generation.Seq,10} {generation.AgeMs,10}");
        text.Append(CultureInfo.InvariantCulture, $" {anon.Pages,10}{anon.Mark} {file.Pages,10}{file.Mark}\n");
        for (var tier = 0; tier < generation.Tiers.Length; tier++)
        {
            text.Append(CultureInfo.InvariantCulture, $"            {tier,10}");
            Fields(text, generation.Tiers[tier].Anon);
            Fields(text, generation.Tiers[tier].File);
            text.Append('\n');
        }

        if (!generation.Walk.IsEmpty)
        {
            text.Append(' ', 22);
            Fields(text, generation.Walk);
            text.Append('\n');
        }
    }

    private static void Fields(StringBuilder text, ImmutableArray<LruGenField> fields)
    {
        foreach (var (number, letter) in fields)
        {
            text.Append(CultureInfo.InvariantCulture, $" {number,10}{letter}");
        }
    }
}
