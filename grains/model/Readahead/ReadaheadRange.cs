namespace Reclaim.Model.Readahead;

/// <summary>Pages of a file to be read together: those of them that are in memory are skipped.</summary>
/// <param name="Start">Index of the first.</param>
/// <param name="Pages">How many.</param>
/// <param name="Lookahead">Pages from the mark to the end; 0: no mark.</param>
internal readonly record struct ReadaheadRange(long Start, int Pages, int Lookahead)
{
    /// <summary>Index after the last.</summary>
    public long End => Start + Pages;

    /// <summary>Index of the page that gets the mark if it is read; −1 for none.</summary>
    public long Mark => Lookahead > 0 && Lookahead <= Pages ? End - Lookahead : -1;

    /// <summary>The part that a file has (do_page_cache_ra in mm/readahead.c, v6.8).</summary>
    /// <remarks>The mark keeps its distance from the end: in a window that the end of the file cuts it is nearer to the start, or gone.</remarks>
    /// <param name="filePages">Size of the file in pages.</param>
    public ReadaheadRange Within(long filePages) => this with { Pages = (int)Math.Clamp(filePages - Start, 0, Pages) };
}
