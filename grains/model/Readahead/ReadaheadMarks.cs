namespace Reclaim.Model.Readahead;

/// <summary>
/// The pages whose read starts the next window (PG_readahead), one bit a page. The kernel keeps the mark in the bit of PG_reclaim;
/// that one is <see cref="Folios.WritebackFlags.Reclaim"/> here, and who reads a mark looks at both.
/// </summary>
/// <param name="pages">Size of the space of page numbers.</param>
internal sealed class ReadaheadMarks(int pages)
{
    private readonly ulong[] _bits = new ulong[(pages + 63) >> 6];

    /// <summary>Marks a page.</summary>
    public void Set(uint page) => _bits[page >> 6] |= 1ul << (int)(page & 63);

    /// <summary>Whether a page has the mark.</summary>
    public bool IsSet(uint page) => (_bits[page >> 6] >> (int)(page & 63) & 1) != 0;

    /// <summary>Takes the mark off a page: when it is read, when it is made dirty, and when the number stands for a new page.</summary>
    public void Clear(uint page) => _bits[page >> 6] &= ~(1ul << (int)(page & 63));
}
