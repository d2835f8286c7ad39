using System.Collections.Immutable;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.MultiGen;

namespace Reclaim.Model.Steps;

/// <summary>The lists of a container on one node.</summary>
/// <param name="Node">The node.</param>
/// <param name="MultiGen">Whether they are generations; if not, there are two, the inactive list and the active one.</param>
/// <param name="Generations">The oldest first.</param>
/// <param name="Tiers">Tiers of file pages and then of anonymous ones, as the controller sees them; none but of the multi-gen LRU.</param>
public sealed record LruvecFigures(
    int Node, bool MultiGen, ImmutableArray<GenerationFigures> Generations, ImmutableArray<TierFigures> Tiers)
{
    internal static LruvecFigures Of(Lruvec lruvec, int node) => lruvec is MultiGenLruvec generations ? Of(generations, node) : OfTwoLists(lruvec, node);

    private static LruvecFigures Of(MultiGenLruvec lruvec, int node)
    {
        var generations = ImmutableArray.CreateBuilder<GenerationFigures>(MultiGenLruvec.MaxNrGens);
        for (var seq = Math.Min(lruvec.MinSeq(MultiGenLruvec.Anon), lruvec.MinSeq(MultiGenLruvec.File)); seq <= lruvec.MaxSeq; seq++)
        {
            generations.Add(new GenerationFigures(seq, lruvec.BirthNs(seq), lruvec.Size(seq, MultiGenLruvec.File), lruvec.Size(seq, MultiGenLruvec.Anon)));
        }

        return new(node, MultiGen: true, generations.ToImmutable(), [TiersOf(lruvec, MultiGenLruvec.File), TiersOf(lruvec, MultiGenLruvec.Anon)]);
    }

    private static TierFigures TiersOf(MultiGenLruvec lruvec, int type)
    {
        var oldest = lruvec.MinSeq(type);
        return new TierFigures(
            lruvec.Controller.TierThreshold(oldest, type),
            [.. Enumerable.Range(0, TierController.Tiers).Select(tier => lruvec.Controller.Sums(oldest, type, tier))]);
    }

    private static LruvecFigures OfTwoLists(Lruvec lruvec, int node)
    {
        var ((inactiveFile, activeFile), (inactiveAnon, activeAnon)) = (lruvec.FileSizes, lruvec.AnonSizes);
        return new(node, MultiGen: false, [new(0, 0, inactiveFile, inactiveAnon), new(1, 0, activeFile, activeAnon)], []);
    }
}

/// <summary>A generation, or a list of the classic policy.</summary>
/// <param name="Seq">Its number; of the classic policy 0 inactive, 1 active.</param>
/// <param name="BirthNs">Virtual time at which it began; 0 of the classic policy.</param>
/// <param name="File">File pages.</param>
/// <param name="Anon">Anonymous pages.</param>
public readonly record struct GenerationFigures(ulong Seq, long BirthNs, long File, long Anon);

/// <summary>The tiers of one type.</summary>
/// <param name="Threshold">The highest that may be evicted: those above it are protected (get_tier_idx).</param>
/// <param name="Positions">Of each tier what refaulted, and what was evicted or protected (read_ctrl_pos).</param>
public sealed record TierFigures(int Threshold, ImmutableArray<(ulong Refaulted, ulong Total)> Positions);
