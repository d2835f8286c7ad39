using System.Collections.Immutable;

namespace Reclaim.Model.LruGenFiles;

/// <summary>The lruvec of one memcg on one node.</summary>
/// <param name="Id">The node.</param>
/// <param name="Generations">Up to MAX_NR_GENS consecutive generations, the youngest (max_seq) last.</param>
public sealed record LruGenNode(ulong Id, ImmutableArray<LruGenGeneration> Generations)
{
    /// <summary>MAX_NR_GENS.</summary>
    public const int MaxGenerations = 4;

    /// <summary>The generation of this number.</summary>
    public LruGenGeneration Generation(ulong seq) => Generations.Single(generation => generation.Seq == seq);
}
