namespace Reclaim.Model.LruGenFiles;

/// <summary>
/// One command written to /sys/kernel/debug/lru_gen.
/// Source: lru_gen_seq_write, run_cmd in mm/vmscan.c, v6.1 to v6.14.
/// </summary>
/// <param name="MemcgId">The internal id that the file prints; whether there is such a memcg shows when the command runs.</param>
/// <param name="NodeId">The node.</param>
/// <param name="Seq">The generation.</param>
/// <param name="Swappiness">Instead of the memcg's own; null if not given.</param>
public abstract record LruGenCommand(uint MemcgId, uint NodeId, ulong Seq, int? Swappiness)
{
    /// <summary>Highest swappiness a command may give, up to v6.13 (MAX_SWAPPINESS).</summary>
    public const int MaxSwappiness = 200;

    /// <summary>The one above: anonymous pages only, from v6.14 on (SWAPPINESS_ANON_ONLY).</summary>
    public const int AnonOnly = 201;

    /// <summary>Reads what is written to the file: commands separated by comma, semicolon or newline.</summary>
    /// <param name="text">The text; a NUL ends it, as in the kernel.</param>
    /// <param name="maxSwappiness"><see cref="MaxSwappiness"/>, or <see cref="AnonOnly"/> from v6.14 on.</param>
    public static LruGenCommands Parse(string text, int maxSwappiness = MaxSwappiness) => LruGenCommandParser.Parse(text, maxSwappiness);
}

/// <summary><c>+ memcg_id node_id max_seq [swappiness [force_scan]]</c>: make a new generation (run_aging).</summary>
/// <param name="MemcgId"><inheritdoc/></param>
/// <param name="NodeId"><inheritdoc/></param>
/// <param name="Seq">Must be max_seq; a smaller one does nothing.</param>
/// <param name="Swappiness">Zero leaves anonymous pages out; older documentation calls it can_swap.</param>
/// <param name="ForceScan">Whether to age even with four generations, and to walk all page tables. True if not given.</param>
public sealed record LruGenAging(uint MemcgId, uint NodeId, ulong Seq, int? Swappiness, bool ForceScan)
    : LruGenCommand(MemcgId, NodeId, Seq, Swappiness);

/// <summary><c>- memcg_id node_id min_seq [swappiness [nr_to_reclaim]]</c>: evict generations up to one (run_eviction).</summary>
/// <param name="MemcgId"><inheritdoc/></param>
/// <param name="NodeId"><inheritdoc/></param>
/// <param name="Seq">The last generation to evict.</param>
/// <param name="Swappiness"><inheritdoc/></param>
/// <param name="NrToReclaim">Enough pages; without limit (all bits set) if not given.</param>
public sealed record LruGenEviction(uint MemcgId, uint NodeId, ulong Seq, int? Swappiness, ulong NrToReclaim)
    : LruGenCommand(MemcgId, NodeId, Seq, Swappiness);
