using System.Globalization;
using System.Text;

namespace Reclaim.Model.LruGenFiles;

/// <summary>The columns of lru_gen and lru_gen_full.</summary>
internal static class LruGenPrinter
{
    /// <summary>Blanks before a tier's number.</summary>
    public const int TierIndent = 12;

    /// <summary>Blanks before the counters of page-table walks.</summary>
    public const int WalkIndent = 22;

    /// <summary>Width of the ids of memory cgroups and nodes.</summary>
    public const int IdWidth = 5;

    /// <summary>Width of every other number; a longer one shifts what follows.</summary>
    public const int NumberWidth = 10;

    public static string Print(LruGenDump dump)
    {
        var text = new StringBuilder();
        foreach (var memcg in dump.Memcgs)
        {
            text.Append(CultureInfo.InvariantCulture, $"memcg {memcg.Id,IdWidth} {memcg.Path}\n");
            foreach (var node in memcg.Nodes)
            {
                text.Append(CultureInfo.InvariantCulture, $" node {node.Id,IdWidth}\n");
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
        text.Append(CultureInfo.InvariantCulture, $" {generation.Seq,NumberWidth} {generation.AgeMs,NumberWidth}");
        Fields(text, Size(generation.Anon), Size(generation.File));
        text.Append('\n');
        for (var tier = 0; tier < generation.Tiers.Length; tier++)
        {
            var (anon, file) = generation.Tiers[tier];
            text.Append(' ', TierIndent).Append(CultureInfo.InvariantCulture, $"{tier,NumberWidth}");
            Fields(text, anon.First, anon.Second, anon.Third, file.First, file.Second, file.Third);
            text.Append('\n');
        }

        if (!generation.Walk.IsEmpty)
        {
            text.Append(' ', WalkIndent);
            Fields(text, generation.Walk.AsSpan());
            text.Append('\n');
        }
    }

    private static LruGenField Size(LruGenSize size) => new(size.Pages, size.Gone ? 'x' : ' ');

    private static void Fields(StringBuilder text, params ReadOnlySpan<LruGenField> fields)
    {
        foreach (var (number, letter) in fields)
        {
            text.Append(CultureInfo.InvariantCulture, $" {number,NumberWidth}{letter}");
        }
    }
}
