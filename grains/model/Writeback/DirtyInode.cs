namespace Reclaim.Model.Writeback;

/// <summary>A file as writeback sees it (struct inode, its i_mapping).</summary>
/// <param name="first">Its first page.</param>
/// <param name="end">The page after its last.</param>
internal sealed class DirtyInode(uint first, uint end)
{
    /// <summary>Its first page.</summary>
    public uint First { get; } = first;

    /// <summary>The page after its last.</summary>
    public uint End { get; } = end;

    /// <summary>Its dirty pages.</summary>
    public int DirtyPages;

    /// <summary>Whether it is on one of its flusher's lists.</summary>
    public bool IsListed;

    /// <summary>Virtual time at which it was made dirty when it had been clean (dirtied_when).</summary>
    public long DirtiedWhenNs;

    /// <summary>Where the flusher goes on in it next time (writeback_index).</summary>
    public uint WritebackIndex = first;

    /// <summary>The flusher that writes it: that of the device through which it was written first.</summary>
    public BdiWriteback? Flusher;
}
