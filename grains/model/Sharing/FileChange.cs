namespace Reclaim.Model.Sharing;

/// <summary>What happened to a page of a file that several cgroups use.</summary>
public enum FileChangeKind : byte
{
    /// <summary>It was read, and is charged to <see cref="FileChange.Member"/>.</summary>
    Inserted,

    /// <summary>It was evicted from <see cref="FileChange.Member"/>, leaving a shadow.</summary>
    Evicted,

    /// <summary>The node of the page-cache tree that it is in held nothing but shadows, and was freed with them.</summary>
    ShadowsDropped,

    /// <summary>It was accessed by another cgroup than <see cref="FileChange.Member"/>, which it is charged to.</summary>
    Touched,

    /// <summary>It got PG_readahead.</summary>
    Marked,

    /// <summary>PG_readahead was taken off.</summary>
    Unmarked,
}

/// <summary>A change of the page cache of a shared file. Its users are told of all, in the order in which they happened; of accesses only whom the page is charged to.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="File">Number of the file on its host.</param>
/// <param name="Member">Number of the container it is about.</param>
/// <param name="Index">Page of the file.</param>
/// <param name="Shadow">The shadow entry it left.</param>
public readonly record struct FileChange(FileChangeKind Kind, ushort File, ushort Member, uint Index, uint Shadow);
