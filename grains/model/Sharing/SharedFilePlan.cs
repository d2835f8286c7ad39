namespace Reclaim.Model.Sharing;

/// <summary>A file of a container that other containers of the host use too.</summary>
/// <param name="File">Which of its files.</param>
/// <param name="Number">Number of the file on the host.</param>
/// <param name="IsMappedElsewhere">Whether others map it.</param>
public readonly record struct SharedFilePlan(int File, ushort Number, bool IsMappedElsewhere = false);

/// <summary>A file of a host, and the containers that use it.</summary>
/// <param name="Number">Number of the file on the host.</param>
/// <param name="Users">Numbers of the containers, in the order of the scenario.</param>
public sealed record SharedFileUsers(ushort Number, IReadOnlyList<int> Users);

/// <summary>What a refault of a page that another cgroup evicted is judged by: the lists there. Only the classic policy asks.</summary>
/// <param name="Member">Number of the container.</param>
/// <param name="Common">How many of the cgroups above it, from the root on, are above the one that asks as well.</param>
/// <param name="Levels">Those above it, from the root on, and itself.</param>
public readonly record struct EvictorState(ushort Member, int Common, IReadOnlyList<EvictorLevel> Levels);

/// <summary>What a refault is judged by.</summary>
/// <param name="Age">nonresident_age of the cgroup that the page was evicted for.</param>
/// <param name="Workingset">Pages that a refaulting file page competes with there.</param>
public readonly record struct EvictorLevel(uint Age, long Workingset);

/// <summary>What a container has had to do with a shared file.</summary>
/// <param name="Charged">Pages of it in memory that are charged to the container.</param>
/// <param name="Resident">Pages of it in memory, whoever is charged.</param>
/// <param name="BroughtIn">Pages that it was charged for since the beginning.</param>
/// <param name="OthersAccessed">Its accesses to pages that were charged to others.</param>
/// <param name="LostByOthers">Of the pages brought in: those that had been evicted from another.</param>
public readonly record struct SharedFileFigures(long Charged, long Resident, long BroughtIn, long OthersAccessed, long LostByOthers);
