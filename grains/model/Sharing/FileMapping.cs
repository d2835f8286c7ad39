namespace Reclaim.Model.Sharing;

/// <summary>A mapping of a shared file, as it is known to others than the container whose process has it.</summary>
/// <param name="Member">Number of that container.</param>
/// <param name="Number">Which of that container's mappings of shared files.</param>
/// <param name="Traits">What reclaim goes by.</param>
/// <param name="Common">How many of the cgroups above that container, from the root on, are above whoever is told of it as well; the domain says that.</param>
public readonly record struct FileMapping(ushort Member, ushort Number, MappingTraits Traits, ushort Common);

/// <summary>What reclaim goes by of a mapping.</summary>
[Flags]
public enum MappingTraits : byte
{
    None = 0,

    /// <summary>Accesses through it count (vma_has_recency).</summary>
    HasRecency = 1,

    /// <summary>It is mapped to be executed (VM_EXEC).</summary>
    Executable = 2,
}
