namespace Reclaim.Model.Oom;

/// <summary>
/// How good a victim a process is: the pages that its death gives back, and what its oom_score_adj adds.
/// Source: oom_badness in mm/oom_kill.c, v6.8.
/// </summary>
public static class OomScore
{
    /// <summary>OOM_SCORE_ADJ_MIN: such a process is never killed.</summary>
    public const int MinAdj = -1000;

    /// <summary>OOM_SCORE_ADJ_MAX.</summary>
    public const int MaxAdj = 1000;

    /// <summary>The points of a process, which may be negative; null: it is no candidate.</summary>
    /// <param name="pages">Pages that it has mapped or swapped out, and those of its page tables.</param>
    /// <param name="adj">oom_score_adj.</param>
    /// <param name="totalPages">Memory and swap of those among whom the victim is chosen.</param>
    public static long? Points(long pages, int adj, long totalPages) => adj == MinAdj ? null : pages + adj * (totalPages / 1000);

    /// <summary>Whether a candidate takes the place of the one chosen so far. Among equals it is the last one (oom_evaluate_task).</summary>
    public static bool Beats(long points, long? chosen) => chosen is not { } best || points >= best;
}
