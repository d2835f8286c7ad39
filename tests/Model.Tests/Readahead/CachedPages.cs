using Reclaim.Model.Readahead;

namespace Reclaim.Model.Tests.Readahead;

/// <summary>The pages of a file that are in memory, as a test lists them.</summary>
internal readonly struct CachedPages(IReadOnlySet<long> pages) : IResidency
{
    public CachedPages(params int[] pages)
        : this(pages.Select(page => (long)page).ToHashSet())
    {
    }

    public static CachedPages From(int first, int count) => new([.. Enumerable.Range(first, count)]);

    public bool IsResident(long index) => pages.Contains(index);
}
