namespace Reclaim.Model.Reference;

/// <summary>
/// A replacement policy from the literature, exact and without a kernel around it: a cache of so many pages,
/// in which every request counts. It says how far a kernel is from what is possible.
/// </summary>
public abstract class ReferencePolicy
{
    /// <summary>Pages that fit.</summary>
    public abstract int Capacity { get; }

    /// <summary>Pages resident now.</summary>
    public abstract int Count { get; }

    /// <summary>Pages evicted so far.</summary>
    public abstract long Evictions { get; }

    /// <summary>Requests a page; brings it in, evicting another where needed, if it is not resident.</summary>
    /// <returns>Whether it was resident.</returns>
    public abstract bool Access(uint page);

    /// <summary>Whether a page is resident; changes nothing.</summary>
    public abstract bool IsResident(uint page);
}
