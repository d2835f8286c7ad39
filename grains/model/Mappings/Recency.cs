namespace Reclaim.Model.Mappings;

/// <summary>How far reclaim goes by accesses through a mapping.</summary>
public enum Recency
{
    /// <summary>In all it does (vma_has_recency).</summary>
    Full,

    /// <summary>Only when a page is about to be evicted or is unmapped: walks, look-arounds and faults pass over it (v6.1 after MADV_RANDOM).</summary>
    AtEviction,

    /// <summary>Not at all: after MADV_SEQUENTIAL, and from v6.3 on after MADV_RANDOM, or of a file opened POSIX_FADV_NOREUSE.</summary>
    None,
}
