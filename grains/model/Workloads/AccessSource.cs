namespace Reclaim.Model.Workloads;

/// <summary>
/// A sequence of requests, pulled in blocks of numbers so that nothing virtual is called per access.
/// A number is a block of the file in units of the request size (a page number where requests are 4 KiB);
/// <see cref="WriteBit"/> marks a write, and <see cref="FreeBit"/>, in a source that <see cref="Frees"/>, a page given back.
/// </summary>
public abstract class AccessSource
{
    /// <summary>Set in a number: this request is a write(2).</summary>
    public const uint WriteBit = 1u << 31;

    /// <summary>Set in a number of a source that frees: no access, the page is given back (MADV_DONTNEED). Goes with anonymous memory only.</summary>
    public const uint FreeBit = 1u << 30;

    /// <summary>Whether any of its numbers frees a page: then numbers have 30 bits.</summary>
    public virtual bool Frees => false;

    /// <summary>Requests in all, or null if the sequence has no end of its own.</summary>
    public abstract long? Length { get; }

    /// <summary>The sequence has not ended, but its next numbers have yet to be fed. Only what depends on a trace is ever starved.</summary>
    public virtual bool Starved => false;

    /// <summary>Writes the next numbers into <paramref name="blocks"/>.</summary>
    /// <returns>How many were written: the whole span, fewer only when the sequence ends or is <see cref="Starved"/>; 0 after its end.</returns>
    public abstract int Fill(Span<uint> blocks);
}
