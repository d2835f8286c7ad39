namespace Reclaim.Model.Writeback;

/// <summary>What a memcg must know of the page cache of a host that it shares with others: the host's limits for dirty pages are shares of what could be dirty.</summary>
/// <param name="Dirtyable">Free pages above the reserve, and all pages of files (global_dirtyable_memory).</param>
/// <param name="OthersDirty">Dirty pages of the others.</param>
/// <param name="OthersUnderWriteback">Pages of the others that are being written.</param>
public readonly record struct HostCache(long Dirtyable, long OthersDirty, long OthersUnderWriteback);
