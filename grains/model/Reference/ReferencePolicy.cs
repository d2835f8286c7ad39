namespace Reclaim.Model.Reference;

/// <summary>
/// A replacement policy from the literature, exact and without a kernel around it: a cache of so many pages,
/// in which every request counts. It says how far a kernel is from what is possible.
/// </summary>
/// <remarks>
/// Pages are the numbers from 0 to <see cref="Pages"/> − 1 and all state is indexed by them, so that a request
/// allocates nothing and hashes nothing. Never more than <see cref="Capacity"/> of them are resident.
/// A page beyond the address space throws <see cref="IndexOutOfRangeException"/>.
/// </remarks>
public abstract class ReferencePolicy
{
    /// <param name="pages">Pages of the address space, at least 1.</param>
    /// <param name="capacity">Pages that fit, at least 1; it may be more than there are pages.</param>
    protected ReferencePolicy(int pages, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pages, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Pages = pages;
        Capacity = capacity;
    }

    /// <summary>Pages of the address space.</summary>
    public int Pages { get; }

    /// <summary>Pages that fit.</summary>
    public int Capacity { get; }

    /// <summary>Pages resident now.</summary>
    public int Count { get; protected set; }

    /// <summary>Pages evicted so far.</summary>
    public long Evictions { get; protected set; }

    /// <summary>Requests a page; brings it in, evicting another where needed, if it is not resident.</summary>
    /// <returns>Whether it was resident.</returns>
    public abstract bool Access(uint page);

    /// <summary>Requests pages one after the other: as <see cref="Access"/> for each, with one virtual call for all.</summary>
    /// <param name="pages">The pages, in the order of the requests.</param>
    /// <param name="hits">Receives, for each request, whether the page was resident; as long as <paramref name="pages"/>.</param>
    /// <returns>How many were resident.</returns>
    public abstract int Replay(ReadOnlySpan<uint> pages, Span<bool> hits);

    /// <summary>Whether a page is resident; changes nothing.</summary>
    public abstract bool IsResident(uint page);
}
