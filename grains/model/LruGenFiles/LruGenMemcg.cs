using System.Collections.Immutable;

namespace Reclaim.Model.LruGenFiles;

/// <summary>One memcg.</summary>
/// <param name="Id">The kernel's internal id (mem_cgroup_id), not the inode of the cgroup; 0 without memcg support.</param>
/// <param name="Path">Path of the cgroup; empty without memcg support.</param>
/// <param name="Nodes">The nodes with memory, ascending.</param>
public sealed record LruGenMemcg(ulong Id, string Path, ImmutableArray<LruGenNode> Nodes);
