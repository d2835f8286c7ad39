using Reclaim.Model.Mappings;

namespace Reclaim.Model.Sharing;

/// <summary>A mapping of a shared file, as it is known to others than the container whose process has it.</summary>
/// <param name="Member">Number of that container.</param>
/// <param name="Number">Which of that container's mappings of shared files.</param>
/// <param name="Recency">How far reclaim goes by accesses through it.</param>
/// <param name="Executable">Whether it is mapped to be executed (VM_EXEC).</param>
/// <param name="Common">How many of the cgroups above that container, from the root on, are above whoever is told of it as well; the domain says that.</param>
public readonly record struct FileMapping(ushort Member, ushort Number, Recency Recency, bool Executable, ushort Common);
