using System.Globalization;
using System.Text;

namespace Reclaim.Model.MultiGen;

/// <summary>
/// The text of /sys/kernel/debug/lru_gen_full, column for column, blanks at line ends included.
/// Source: lru_gen_seq_show, lru_gen_seq_show_full in mm/vmscan.c, v6.1, v6.8 and v6.12.
/// </summary>
internal static class LruGenText
{
    /// <summary>Ages are counted in jiffies; HZ is 250.</summary>
    private const long JiffyNs = 4_000_000;

    /// <summary>Writes one memcg with one node.</summary>
    /// <param name="lruvec">Its lruvec on node 0.</param>
    /// <param name="memcgId">The kernel's internal id.</param>
    /// <param name="path">Path of the cgroup.</param>
    /// <param name="nowNs">Virtual time.</param>
    public static string Full(MultiGenLruvec lruvec, int memcgId, string path, long nowNs)
    {
        var text = new StringBuilder();
        Line(text, $"memcg {memcgId,5} {path}");
        Line(text, $" node {0,5}");
        var first = lruvec.MaxSeq >= 3 ? lruvec.MaxSeq - 3 : 0;
        for (var seq = first; seq <= lruvec.MaxSeq; seq++)
        {
            Generation(text, lruvec, seq, nowNs);
        }

        return text.ToString();
    }

    private static void Generation(StringBuilder text, MultiGenLruvec lruvec, ulong seq, long nowNs)
    {
        var age = (nowNs / JiffyNs - lruvec.BirthNs(seq) / JiffyNs) * (JiffyNs / 1_000_000);
        text.Append(CultureInfo.InvariantCulture, $" {seq,10} {age,10}");
        for (var type = MultiGenLruvec.Anon; type <= MultiGenLruvec.File; type++)
        {
            text.Append(CultureInfo.InvariantCulture, $" {lruvec.Size(seq, type),10}{(seq < lruvec.MinSeq(type) ? 'x' : ' ')}");
        }

        text.Append('\n');
        for (var tier = 0; tier < TierController.Tiers; tier++)
        {
            text.Append(CultureInfo.InvariantCulture, $"            {tier,10}");
            for (var type = MultiGenLruvec.Anon; type <= MultiGenLruvec.File; type++)
            {
                Tier(text, lruvec, seq, type, tier);
            }

            text.Append('\n');
        }

        Walk(text, lruvec, seq);
    }

    private static void Tier(StringBuilder text, MultiGenLruvec lruvec, ulong seq, int type, int tier)
    {
        var none = lruvec.Rules.NewDebugfs ? 'x' : ' ';
        if (seq == lruvec.MaxSeq)
        {
            var (refaulted, total) = lruvec.Controller.Average(type, tier);
            Fields(text, (refaulted, 'R'), (total, 'T'), (0ul, none));
        }
        else if (seq == lruvec.MinSeq(type) || lruvec.Rules.HistoryGenerations > 1)
        {
            var (refaulted, evicted, held) = lruvec.Controller.Current(seq, type, tier);
            Fields(text, (refaulted, 'r'), (evicted, 'e'), (held, 'p'));
        }
        else
        {
            Fields(text, (0ul, none), (0ul, none), (0ul, none));
        }
    }

    /// <summary>Counters of page-table walks: those of the generation with history, else the sum of all in the youngest's row.</summary>
    private static void Walk(StringBuilder text, MultiGenLruvec lruvec, ulong seq)
    {
        var history = lruvec.Rules.HistoryGenerations > 1;
        var letters = lruvec.Rules.NewDebugfs
            ? seq == lruvec.MaxSeq ? (history ? "xxxx" : "TYFA") : (history ? "tyfa" : "xxxx")
            : seq == lruvec.MaxSeq ? (history ? "      " : "LOYNFA") : (history ? "loynfa" : "      ");
        var shown = history != (seq == lruvec.MaxSeq);
        var walk = shown ? lruvec.WalkOf(seq) : default;
        ReadOnlySpan<long> numbers = lruvec.Rules.NewDebugfs
            ? [walk.LeafTotal, walk.LeafYoung, walk.NonLeafFound, walk.NonLeafAdded]
            : [walk.LeafTotal, walk.LeafOld, walk.LeafYoung, walk.NonLeafTotal, walk.NonLeafFound, walk.NonLeafAdded];
        text.Append(' ', 22);
        for (var i = 0; i < letters.Length; i++)
        {
            Fields(text, ((ulong)numbers[i], letters[i]));
        }

        text.Append('\n');
    }

    private static void Fields(StringBuilder text, params ReadOnlySpan<(ulong Number, char Letter)> fields)
    {
        foreach (var (number, letter) in fields)
        {
            text.Append(CultureInfo.InvariantCulture, $" {number,10}{letter}");
        }
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
