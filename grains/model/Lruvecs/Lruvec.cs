using Reclaim.Model.Folios;
using Reclaim.Model.Hierarchy;
using Reclaim.Model.Memcg;

namespace Reclaim.Model.Lruvecs;

/// <summary>
/// The pages of one memcg on one NUMA node, and the policy by which they are aged and evicted.
/// What happens once for each access is not here but in <see cref="ILruvecPath"/>, which the access loop is compiled against.
/// </summary>
internal abstract class Lruvec(MemoryCgroup memcg)
{
    /// <summary>The node that these pages are on; −1: all pages of the memcg are here.</summary>
    public int Node { get; init; } = -1;

    /// <summary>Whether what the processes hold outside any workload counts here.</summary>
    protected bool HoldsProcess => Node < 0 || Node == Memcg.Nodes!.Plan.First;

    /// <summary>Whether a page is on the lists of another node.</summary>
    protected bool IsElsewhere(uint page) => Node >= 0 && Memcg.Nodes!.NodeOf[page] != Node;

    /// <summary>Whether pages that would be evicted go to slower memory instead, as long as there is room (can_demote).</summary>
    protected bool CanDemote => Node >= 0 && Memcg.Nodes!.CanDemoteFrom(Node);

    /// <summary>The cgroup whose pages these are.</summary>
    protected MemoryCgroup Memcg { get; } = memcg;

    /// <summary>Its pages.</summary>
    protected FolioTable Folios { get; } = memcg.Folios;

    /// <summary>vm.swappiness; without swap it has no effect.</summary>
    public virtual int Swappiness { get; set; }

    /// <summary>Ages and evicts, once, at the priority of <paramref name="sc"/> (shrink_lruvec).</summary>
    public abstract void Shrink(ref ScanControl sc);

    /// <summary>Ages, if that is wanted (age_lruvec of v6.1). Only the multi-gen policy does so.</summary>
    public virtual void Age()
    {
    }

    /// <summary>Remembers what the next reclaim for the memcg compares with (snapshot_refaults). Only the classic policy does so.</summary>
    public virtual void Snapshot()
    {
    }

    /// <summary>Moves the pages in per-CPU batches onto their lists (lru_add_drain).</summary>
    public abstract void Drain();

    /// <summary>Takes pages off their lists that are to be dropped, and out of memory; the batches are empty then.</summary>
    /// <param name="droppable">Which.</param>
    /// <returns>The pages.</returns>
    public abstract IReadOnlyList<uint> Discard(Predicate<uint> droppable);

    /// <summary>Takes ages and costs of the cgroups above, from the root on, and what the others below each have on their lists. Only the classic policy goes by them.</summary>
    /// <param name="above">They are somewhere in it.</param>
    /// <param name="first">Where.</param>
    /// <param name="count">How many.</param>
    public virtual void Share(IReadOnlyList<ListState> above, int first, int count)
    {
    }

    /// <summary>What it contributes there.</summary>
    public virtual ListState TakeLists() => default;

    /// <summary>Ages and costs of the cgroups above, from the root on; null: there are none that matter.</summary>
    public virtual ListState[]? TakeAbove() => null;

    /// <summary>Gives all pages to another policy, list by list from the tail, batches drained (fill_evictable, drain_evictable).</summary>
    public abstract void HandOver(Lruvec to);

    /// <summary>Takes a page from another policy, at the newest end of where it belongs.</summary>
    /// <param name="page">The page.</param>
    /// <param name="active">PG_active.</param>
    /// <param name="referenced">PG_referenced.</param>
    /// <param name="workingset">PG_workingset.</param>
    protected internal abstract void Accept(uint page, bool active, bool referenced, bool workingset);

    /// <summary>File pages on the two sides of the classic counters: NR_INACTIVE_FILE and NR_ACTIVE_FILE.</summary>
    public abstract (long Inactive, long Active) FileSizes { get; }

    /// <summary>Anonymous pages likewise.</summary>
    public abstract (long Inactive, long Active) AnonSizes { get; }

    /// <summary>Adds its pages by age, from the youngest on: of the multi-gen LRU by generation, of the classic one active and inactive.</summary>
    public virtual void AddPagesByAge(Span<long> file, Span<long> anon)
    {
        var ((inactiveFile, activeFile), (inactiveAnon, activeAnon)) = (FileSizes, AnonSizes);
        file[0] += activeFile;
        file[1] += inactiveFile;
        anon[0] += activeAnon;
        anon[1] += inactiveAnon;
    }

    /// <summary>Writeback of a page ended that reclaim had marked: it goes to the tail (folio_rotate_reclaimable).</summary>
    public abstract void Rotate(uint page);

    /// <summary>
    /// Takes a page off its list that goes to another node (folio_isolate_lru), where it enters the add batch, and, being mapped, from there a
    /// list at once.
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="to">The lruvec that it goes to.</param>
    /// <param name="inFault">In a page fault through a mapping that has recency.</param>
    /// <returns>False if it waits in a batch, and cannot be moved.</returns>
    public abstract bool TryPromote(uint page, Lruvec to, bool inFault);

    /// <summary>
    /// Moves isolated pages to slower memory, the last ones first, as long as there is room. The kernel builds the list of pages to be demoted from its
    /// end and goes through it from its beginning: the youngest of a round goes first, and if room ends before the list does, the oldest stay.
    /// Source: demote_folio_list in mm/vmscan.c, v6.12.
    /// </summary>
    /// <returns>How many of them found room.</returns>
    protected int Demote(ReadOnlySpan<uint> pages)
    {
        if (pages.IsEmpty)
        {
            return 0;
        }

        var (nodes, left) = (Memcg.Nodes!, pages.Length);
        for (var target = nodes.NextDemotionNode(Node); left > 0 && nodes.FindBelow(target) is >= 0 and var node; left--)
        {
            var page = pages[left - 1];
            Memcg.LruvecOn(node).ReceiveDemoted(page, Memcg.Migrate(page, node));
        }

        return pages.Length - left;
    }

    /// <summary>A page that was isolated on another node enters these lists as a cold one does.</summary>
    /// <param name="page">The page.</param>
    /// <param name="mapped">Whether some process maps it: then it does not wait in the add batch.</param>
    protected abstract void ReceiveDemoted(uint page, bool mapped);

    /// <summary>Another cgroup, which shares the file, has accessed one of its pages (folio_mark_accessed).</summary>
    public abstract void MarkAccessed(uint page);

    /// <summary>Takes a page that is being freed off its list (lruvec_del_folio). It must be on one: see <see cref="Drain"/>.</summary>
    public abstract void Remove(uint page);

    /// <summary>File pages on the lists as the memcg's statistics showed them when they were last flushed.</summary>
    protected long FlushedFilePages { get; private set; }

    /// <summary>All pages on the lists, and slab, likewise: what the shadow shrinker goes by.</summary>
    public long FlushedPages { get; private set; }

    /// <summary>
    /// Brings the memcg's statistics up to date (mem_cgroup_flush_stats). The kernel collects them per CPU and sums them up every
    /// two seconds, when someone reads memory.stat, and before classic reclaim balances its lists; in between readers see old values.
    /// </summary>
    public virtual void FlushStatistics()
    {
        var (inactive, active) = FileSizes;
        FlushedFilePages = inactive + active;
        FlushedPages = FlushedFilePages + Memcg.ProcessAnon + Memcg.AnonPages + (Memcg.Kernel.SlabBytes >> 12);
    }

    /// <summary>Pages that were moved under the lru_lock outside reclaim since this was last asked: what the access loop charges for the lock.</summary>
    public int TakeLockedMoves()
    {
        var moves = LockedMoves;
        LockedMoves = 0;
        return moves;
    }

    /// <summary>Counts up as batches are drained.</summary>
    public int LockedMoves { get; protected set; }

    /// <summary>Takes over what was moved in others.</summary>
    protected void TakeLockedMoves(Lruvec of) => LockedMoves += of.TakeLockedMoves();

    /// <summary>What reclaim has done here is what it has done in others.</summary>
    protected void SumWork(ReadOnlySpan<Lruvec> of)
    {
        (Isolated, Sorted, Agings, PtesWalked) = (0, 0, 0, 0);
        foreach (var one in of)
        {
            Isolated += one.Isolated;
            Sorted += one.Sorted;
            Agings += one.Agings;
            PtesWalked += one.PtesWalked;
        }
    }

    /// <summary>What reclaim has done here so far, for pricing it.</summary>
    public ReclaimWork Work => new(Isolated, Sorted, Memcg.Stat.Pgsteal - Memcg.Stat.Pgdemote, Agings, PtesWalked, Memcg.Stat.Pgdemote);

    /// <summary>Pages taken off a list to be looked at.</summary>
    protected long Isolated { get; set; }

    /// <summary>Pages only moved from list to list.</summary>
    protected long Sorted { get; set; }

    /// <summary>Page table entries that walks looked at.</summary>
    public long PtesWalked { get; protected set; }

    /// <summary>How often this lruvec was aged.</summary>
    public long Agings { get; protected set; }
}

/// <summary>Work of reclaim, counted.</summary>
/// <param name="Isolated">Pages taken off a list to be looked at.</param>
/// <param name="Sorted">Pages only moved from list to list.</param>
/// <param name="Freed">Pages freed.</param>
/// <param name="Agings">Generations made.</param>
/// <param name="PtesWalked">Page table entries that walks looked at.</param>
/// <param name="Demoted">Pages moved to slower memory.</param>
internal readonly record struct ReclaimWork(long Isolated, long Sorted, long Freed, long Agings, long PtesWalked, long Demoted)
{
    public static ReclaimWork operator -(ReclaimWork left, ReclaimWork right) =>
        new(left.Isolated - right.Isolated, left.Sorted - right.Sorted, left.Freed - right.Freed, left.Agings - right.Agings,
            left.PtesWalked - right.PtesWalked, left.Demoted - right.Demoted);
}

/// <summary>What the access loop calls for each access. Implemented by structs, so that the loop is compiled once for each policy and calls nothing virtual.</summary>
internal interface ILruvecPath
{
    /// <summary>Records a read(2) of a page, if it is in memory (folio_mark_accessed).</summary>
    bool TryTouch(uint page);

    /// <summary>Adds a page that was charged and put into the page cache (workingset_refault, folio_add_lru).</summary>
    /// <param name="page">The page.</param>
    /// <param name="shadow">The shadow entry found in its place, 0 for none or when the page is being written.</param>
    /// <param name="inFault">In a page fault through a mapping that has recency (lru_gen_in_fault).</param>
    void Insert(uint page, uint shadow, bool inFault);

    /// <summary>A page is allocated, before it is charged. What follows is <see cref="Insert"/>.</summary>
    void Allocate(uint page);

    /// <summary>What an access to a page costs more because it is on a node that is farther away, nanoseconds.</summary>
    long FarNs(uint page);
}

/// <summary>What one reclaim asks for and has got (struct scan_control).</summary>
internal struct ScanControl
{
    /// <summary>DEF_PRIORITY.</summary>
    public const int DefaultPriority = 12;

    /// <summary>SWAP_CLUSTER_MAX.</summary>
    public const int SwapClusterMax = 32;

    /// <summary>MAX_RECLAIM_RETRIES: how often a charge, or a write to a limit, tries again for nothing.</summary>
    public const int MaxReclaimRetries = 16;

    public long NrToReclaim;
    public long NrReclaimed;
    public int Priority;

    /// <summary>Whether active lists may be shrunk, if whoever reclaims for several memcgs has decided that; null: each decides for itself.</summary>
    public (bool Anon, bool File)? MayDeactivate;

    /// <summary>Whether active lists are shrunk on all nodes, whatever each decides: a round that had not done so on one of them freed nothing.</summary>
    public bool ForceDeactivate;

    /// <summary>Whether some active list would have been shrunk, but was not let.</summary>
    public bool SkippedDeactivate;

    /// <summary>Pages of the memcg that are protected, and of how many; null: none.</summary>
    public (long Pages, long Usage)? Protected;

    /// <summary>Whether the node has hardly any file pages left (file_is_tiny).</summary>
    public bool FileIsTiny;

    /// <summary>Whether anonymous pages are left alone (may_swap).</summary>
    public bool NoSwap;

    /// <summary>Which of the cgroups above is reclaimed for, counted from the root on (target_mem_cgroup); null: the memcg itself.</summary>
    public int? Target;

    /// <summary>Reclaim that somebody asked for, without need (memory.reclaim).</summary>
    public bool Proactive;

    /// <summary>Whether kswapd reclaims.</summary>
    public bool Kswapd;

    /// <summary>Pages after which a lruvec is left alone although its scan target is not reached (should_abort_scan); null: there are none.</summary>
    public long? AbortAfter;

    /// <summary>Whether the last lruvec was aged instead of scanned any further.</summary>
    public bool Aged;

    /// <summary>
    /// Whether another round of all priorities is worth it (do_try_to_free_pages): once, if nothing was freed and active lists were spared, on whichever
    /// nodes. It is one decision for all of them: were it each node's, one could be forced while another is not, turn about, without end.
    /// </summary>
    public bool TryHarder()
    {
        if (NrReclaimed != 0 || !SkippedDeactivate)
        {
            return false;
        }

        (SkippedDeactivate, ForceDeactivate) = (false, true);
        return true;
    }

    /// <summary>Of so many pages, those to be scanned of a memcg that is partly protected (apply_proportional_protection).</summary>
    public readonly long Unprotected(long pages) => Protected is var (part, usage)
        ? Math.Max(SwapClusterMax, pages - (long)((UInt128)(ulong)pages * (ulong)part / (ulong)(usage + 1)))
        : pages;
}
