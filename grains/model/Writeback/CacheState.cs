namespace Reclaim.Model.Writeback;

/// <summary>What a memcg, or a host, has in its page cache.</summary>
/// <param name="FilePages">All pages of files (NR_FILE_PAGES).</param>
/// <param name="Dirty">Those that are dirty (NR_FILE_DIRTY).</param>
/// <param name="UnderWriteback">Those that are being written (NR_WRITEBACK).</param>
public readonly record struct CacheState(long FilePages, long Dirty, long UnderWriteback)
{
    public static CacheState operator +(CacheState one, CacheState other) =>
        new(one.FilePages + other.FilePages, one.Dirty + other.Dirty, one.UnderWriteback + other.UnderWriteback);

    public static CacheState operator -(CacheState one, CacheState other) =>
        new(one.FilePages - other.FilePages, one.Dirty - other.Dirty, one.UnderWriteback - other.UnderWriteback);
}
