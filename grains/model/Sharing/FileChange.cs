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

    /// <summary>Through <see cref="FileChange.Mapping"/> it was accessed; it is charged to <see cref="FileChange.Member"/>.</summary>
    Mapped,

    /// <summary>That process has exited.</summary>
    Unmapped,

    /// <summary>Reclaim took note of the access, and its bit off the entry, in <see cref="FileChange.Mapping"/> of <see cref="FileChange.Member"/>.</summary>
    Aged,
}

/// <summary>A change of the page cache of a shared file. Its users are told of all, in the order in which they happened; of accesses, and of what became of page table entries, only the one whom it concerns.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="File">Number of the file on its host.</param>
/// <param name="Member">Number of the container it is about.</param>
/// <param name="Index">Page of the file.</param>
/// <param name="Shadow">The shadow entry it left.</param>
public readonly record struct FileChange(FileChangeKind Kind, ushort File, ushort Member, uint Index, uint Shadow)
{
    /// <summary>Through which mapping.</summary>
    public FileMapping Mapping { get; init; }

    /// <summary>Whether it is only <see cref="Member"/> whom it concerns.</summary>
    public bool IsForMember => Kind is FileChangeKind.Touched or FileChangeKind.Mapped or FileChangeKind.Unmapped or FileChangeKind.Aged;
}
