using System.Collections.Immutable;
using Reclaim.Model.LruGenFiles;

namespace Reclaim.Model.MultiGen;

/// <summary>
/// The text of /sys/kernel/debug/lru_gen and lru_gen_full about one lruvec.
/// Source: lru_gen_seq_show, lru_gen_seq_show_full in mm/vmscan.c, v6.1, v6.8 and v6.12.
/// </summary>
internal static class LruGenText
{
    /// <summary>Ages are counted in jiffies; HZ is 250.</summary>
    private const long JiffyNs = 4_000_000;

    /// <summary>lru_gen_full of one memcg with one node: the last four generations with their tiers.</summary>
    /// <param name="lruvec">Its lruvec on the node.</param>
    /// <param name="memcgId">The kernel's internal id.</param>
    /// <param name="path">Path of the cgroup.</param>
    /// <param name="nowNs">Virtual time.</param>
    /// <param name="node">The node. Where there are others, the kernel shows the empty lists there too.</param>
    public static string Full(MultiGenLruvec lruvec, int memcgId, string path, long nowNs, int node = 0) =>
        Dump(lruvec, memcgId, path, nowNs, node, full: true).Print();

    /// <summary>lru_gen of one memcg with one node: the generations that exist.</summary>
    /// <inheritdoc cref="Full(MultiGenLruvec, int, string, long, int)"/>
    public static string Short(MultiGenLruvec lruvec, int memcgId, string path, long nowNs, int node = 0) =>
        Dump(lruvec, memcgId, path, nowNs, node, full: false).Print();

    /// <summary>lru_gen_full of one memcg with several nodes.</summary>
    public static string Full(IReadOnlyList<(int Node, MultiGenLruvec Lruvec)> lruvecs, int memcgId, string path, long nowNs) =>
        new LruGenDump([new LruGenMemcg(memcgId, path, [.. lruvecs.Select(there => NodeOf(there.Lruvec, nowNs, there.Node, full: true))])]).Print();

    /// <summary>lru_gen likewise.</summary>
    public static string Short(IReadOnlyList<(int Node, MultiGenLruvec Lruvec)> lruvecs, int memcgId, string path, long nowNs) =>
        new LruGenDump([new LruGenMemcg(memcgId, path, [.. lruvecs.Select(there => NodeOf(there.Lruvec, nowNs, there.Node, full: false))])]).Print();

    private static LruGenDump Dump(MultiGenLruvec lruvec, int memcgId, string path, long nowNs, int node, bool full) =>
        new([new LruGenMemcg(memcgId, path, [NodeOf(lruvec, nowNs, node, full)])]);

    private static LruGenNode NodeOf(MultiGenLruvec lruvec, long nowNs, int node, bool full)
    {
        const ulong shown = MultiGenLruvec.MaxNrGens - 1;
        var first = !full ? Math.Min(lruvec.MinSeq(MultiGenLruvec.Anon), lruvec.MinSeq(MultiGenLruvec.File))
            : lruvec.MaxSeq >= shown ? lruvec.MaxSeq - shown : 0;
        var generations = ImmutableArray.CreateBuilder<LruGenGeneration>();
        for (var seq = first; seq <= lruvec.MaxSeq; seq++)
        {
            generations.Add(Generation(lruvec, seq, nowNs, full));
        }

        return new LruGenNode(node, generations.ToImmutable());
    }

    private static LruGenGeneration Generation(MultiGenLruvec lruvec, ulong seq, long nowNs, bool full)
    {
        var age = (nowNs / JiffyNs - lruvec.BirthNs(seq) / JiffyNs) * (JiffyNs / 1_000_000);
        return new LruGenGeneration(
            seq,
            (ulong)age,
            Size(lruvec, seq, MultiGenLruvec.Anon, full),
            Size(lruvec, seq, MultiGenLruvec.File, full),
            full ? [.. Enumerable.Range(0, TierController.Tiers).Select(tier => Tier(lruvec, seq, tier))] : [],
            full ? Walk(lruvec, seq) : []);
    }

    private static LruGenSize Size(MultiGenLruvec lruvec, ulong seq, int type, bool full) =>
        new((ulong)lruvec.Size(seq, type), Gone: full && seq < lruvec.MinSeq(type));

    private static LruGenTier Tier(MultiGenLruvec lruvec, ulong seq, int tier) =>
        new(Counters(lruvec, seq, MultiGenLruvec.Anon, tier), Counters(lruvec, seq, MultiGenLruvec.File, tier));

    private static LruGenCounters Counters(MultiGenLruvec lruvec, ulong seq, int type, int tier)
    {
        var none = new LruGenField(0, lruvec.Rules.NewDebugfs ? 'x' : ' ');
        if (seq == lruvec.MaxSeq)
        {
            var (refaulted, total) = lruvec.Controller.Average(type, tier);
            return new LruGenCounters(new LruGenField(refaulted, 'R'), new LruGenField(total, 'T'), none);
        }

        if (seq == lruvec.MinSeq(type) || lruvec.Rules.HistoryGenerations > 1)
        {
            var (refaulted, evicted, held) = lruvec.Controller.Current(seq, type, tier);
            return new LruGenCounters(new LruGenField(refaulted, 'r'), new LruGenField(evicted, 'e'), new LruGenField(held, 'p'));
        }

        return new LruGenCounters(none, none, none);
    }

    /// <summary>Counters of page-table walks: those of the generation with history, else the sum of all in the youngest's row.</summary>
    private static ImmutableArray<LruGenField> Walk(MultiGenLruvec lruvec, ulong seq)
    {
        var history = lruvec.Rules.HistoryGenerations > 1;
        var letters = lruvec.Rules.NewDebugfs
            ? seq == lruvec.MaxSeq ? (history ? "xxxx" : "TYFA") : (history ? "tyfa" : "xxxx")
            : seq == lruvec.MaxSeq ? (history ? "      " : "LOYNFA") : (history ? "loynfa" : "      ");
        var walk = history != (seq == lruvec.MaxSeq) ? lruvec.WalkOf(seq) : default;
        long[] numbers = lruvec.Rules.NewDebugfs
            ? [walk.LeafTotal, walk.LeafYoung, walk.NonLeafFound, walk.NonLeafAdded]
            : [walk.LeafTotal, walk.LeafOld, walk.LeafYoung, walk.NonLeafTotal, walk.NonLeafFound, walk.NonLeafAdded];
        return [.. numbers.Zip(letters, (number, letter) => new LruGenField((ulong)number, letter))];
    }
}
