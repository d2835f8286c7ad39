using System.Runtime.CompilerServices;
using Reclaim.Model.Folios;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Memcg;
using Reclaim.Model.Sharing;

namespace Reclaim.Model.Classic;

/// <summary>
/// The active and inactive lists of one memcg on one node: what runs when MGLRU is off.
///
/// <code>
///   new ──► inactive ──2nd access──► active          nonresident_age counts evictions and activations.
///              │  ▲                    │             The shadow of an evicted page holds its value then; if no more
///      evict   │  └──── deactivate ────┘             has happened since than active pages exist, the page would have
///              ▼                                     been kept by a longer inactive list: it comes back active.
///           shadow ──refault, distance ≤ active──► active
/// </code>
///
/// State byte: where the page is (see <see cref="Place"/>), and R and WS at the bits they have under the multi-gen policy.
/// Balance, deactivation and eviction are in the file beside this one.
/// Source: folio_mark_accessed, folio_activate, folio_add_lru in mm/swap.c; workingset_activation, workingset_eviction,
/// workingset_refault in mm/workingset.c, v6.8.
/// </summary>
internal sealed partial class ClassicLruvec : Lruvec
{
    private const int Place = 0b0000_0111;
    private const int Inactive = 1;
    private const int Active = 2;
    private const int InBatch = 3;
    private const int InBatchActive = 4;

    /// <summary>On the inactive list, and in the activation batch.</summary>
    private const int Activating = 5;

    /// <summary>Reclaim found a reason to put the page onto the active list; only while it is isolated.</summary>
    private const int Activated = 0b0010_0000;

    private const int Anon = 0;
    private const int File = 1;

    /// <summary>PG_referenced.</summary>
    public const int Referenced = 0b0000_1000;

    private const int Workingset = FolioTable.Workingset;

    /// <summary>Cgroups that may be above one with a limit: of so many a shadow can tell.</summary>
    public const int MostAbove = (1 << ShadowLevelBits) - 1;

    private const int ShadowWorkingset = 2;
    private const int ShadowLevelShift = 2;
    private const int ShadowLevelBits = 3;
    internal const int ShadowAgeShift = ShadowLevelShift + ShadowLevelBits;

    /// <summary>The shadow holds the age modulo 2²⁷, as the kernel's holds it modulo 2³⁶ or more.</summary>
    private const uint ShadowAgeMask = uint.MaxValue >> ShadowAgeShift;

    private readonly StatisticsFlush _flush;
    private readonly byte[] _state;

    /// <summary>inactive_anon, active_anon, inactive_file, active_file: by type × 2 + active.</summary>
    private readonly FolioQueue[] _lists = new FolioQueue[4];
    private readonly uint[] _added;
    private readonly uint[] _activating;
    private int _addedCount;
    private int _activatingCount;
    private uint _nonresidentAge;

    /// <summary>Of workingset_activate_*: what refaulted on this node.</summary>
    private readonly long[] _activatedHere = new long[2];

    /// <param name="memcg">The cgroup.</param>
    /// <param name="batch">Pages in a per-CPU batch: 15, or 31 from v6.12 on.</param>
    /// <param name="flush">When reclaim brings the memcg's statistics up to date.</param>
    /// <param name="swappiness">vm.swappiness; without swap it has no effect.</param>
    /// <param name="node">The node that its pages are on; −1: all pages of the memcg are here.</param>
    /// <param name="keepsUndemoted">Whether memory.reclaim puts back what finds no room in slower memory.</param>
    public ClassicLruvec(MemoryCgroup memcg, int batch, StatisticsFlush flush, int swappiness = 0, int node = -1, bool keepsUndemoted = false)
        : base(memcg)
    {
        (Node, _keepsUndemoted) = (node, keepsUndemoted);
        _flush = flush;
        _state = Folios.State;
        _added = new uint[batch];
        _activating = new uint[batch];
        var chunks = new FolioChunks();
        for (var list = 0; list < _lists.Length; list++)
        {
            _lists[list] = new FolioQueue(chunks);
        }

        Swappiness = swappiness;
    }

    /// <summary>Pages of the inactive list, next to be scanned first; for tests and for writing the state out.</summary>
    public IEnumerable<uint> InactivePages => _lists[ListOf(File, active: false)].FromTail();

    /// <summary>Pages of the active list likewise.</summary>
    public IEnumerable<uint> ActivePages => _lists[ListOf(File, active: true)].FromTail();

    /// <summary>Pages in the LRU add batch, in the order in which they came.</summary>
    public ReadOnlySpan<uint> Batched => _added.AsSpan(0, _addedCount);

    /// <summary>Evictions, activations and rotations so far (nonresident_age).</summary>
    public ulong NonresidentAge => _nonresidentAge;

    /// <summary>Whether a page is on the active list, by its state.</summary>
    public bool IsActive(uint page) => (_state[page] & Place) == Active;

    /// <inheritdoc/>
    public override (long Inactive, long Active) FileSizes => (_lists[ListOf(File, active: false)].Count, _lists[ListOf(File, active: true)].Count);

    /// <inheritdoc/>
    /// <remarks>Anonymous pages start inactive too, and nothing moves those of the processes.</remarks>
    public override (long Inactive, long Active) AnonSizes =>
        (_lists[ListOf(Anon, active: false)].Count + (HoldsProcess ? Memcg.ProcessAnon : 0), _lists[ListOf(Anon, active: true)].Count);

    /// <summary>Records a read(2) of a page, if it is resident: the first sets R, the second activates.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTouch(uint page)
    {
        ref var state = ref _state[page];
        if ((state & Referenced) == 0)
        {
            if (state == 0)
            {
                return false;
            }

            state |= Referenced;
        }
        else if ((state & Place) is Inactive or InBatch or Activating)
        {
            Activate(page);
        }

        return true;
    }

    /// <summary>Adds a page to the add batch, after its refault was judged.</summary>
    public void Add(uint page, uint shadow) => Enter(page, shadow == 0 ? InBatch : Refault(shadow, TypeOf(page)));

    /// <summary>Adds a page that was evicted from another node: how far its refault is, is for the lists there to say.</summary>
    public void Add(uint page, uint shadow, ClassicLruvec evictedFrom) => Enter(page, shadow == 0 ? InBatch : evictedFrom.Refault(shadow, TypeOf(page)));

    /// <summary>Adds a page that was evicted from another cgroup: the decision is made for the cgroup that had it evicted, unless that is above both.</summary>
    public void Add(uint page, uint shadow, in EvictorState evictedFrom)
    {
        var level = LevelIn(shadow);
        Enter(page, shadow == 0 ? InBatch
            : level < evictedFrom.Common ? Refault(shadow, File)
            : Refault(shadow, File, evictedFrom.Levels[level].Age, evictedFrom.Levels[level].Workingset));
    }

    private void Enter(uint page, int state)
    {
        _state[page] = (byte)state;
        _added[_addedCount++] = page;
        if (_addedCount == _added.Length)
        {
            DrainAdded();
        }
    }

    /// <summary>workingset_activate_* of this lruvec.</summary>
    private long ActivatedHere(int type) => Node >= 0 ? _activatedHere[type] : type == File ? Memcg.Stat.WorkingsetActivateFile : Memcg.Stat.WorkingsetActivateAnon;

    /// <inheritdoc/>
    public override void Drain()
    {
        DrainAdded();
        DrainActivating();
    }

    /// <inheritdoc/>
    public override void Rotate(uint page)
    {
        int state = _state[page];
        if ((state & Place) is not (Inactive or Active))
        {
            return;
        }

        ListOf(page, (state & Place) == Active).Remove(Folios.Word[page]);
        _state[page] = (byte)(state & ~Place | Inactive);
        Folios.Word[page] = ListOf(page, active: false).AddTail(page);
    }

    /// <inheritdoc/>
    public override void MarkAccessed(uint page) => TryTouch(page);

    /// <inheritdoc/>
    public override void Remove(uint page)
    {
        var list = ListOf(page, IsActive(page));
        list.Remove(Folios.Word[page]);
        _state[page] = 0;
        if (list.IsSparse)
        {
            list.Compact(Folios.Word);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<uint> Discard(Predicate<uint> droppable)
    {
        var discarded = new List<uint>();
        foreach (var list in _lists)
        {
            // Once round: what stays keeps its order.
            for (var left = list.Count; left > 0 && list.TryTakeTail(out var page); left--)
            {
                if (!droppable(page))
                {
                    Folios.Word[page] = list.AddHead(page);
                    continue;
                }

                _state[page] = 0;
                discarded.Add(page);
            }
        }

        return discarded;
    }

    private static int ListOf(int type, bool active) => type * 2 + (active ? 1 : 0);

    private FolioQueue ListOf(uint page, bool active) => _lists[ListOf(TypeOf(page), active)];

    private int TypeOf(uint page) => page < Folios.FirstAnon ? File : Anon;

    /// <summary>Second access: the page will go to the active list when the batch is drained; until then it keeps its place.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Activate(uint page)
    {
        int state = _state[page];
        _nonresidentAge++;
        if ((state & Place) == InBatch)
        {
            CountKept(page, state);
            _state[page] = (byte)(state & ~(Place | Referenced) | InBatchActive);
            return;
        }

        var queued = (state & Place) == Activating;
        _state[page] = (byte)(state & ~(Place | Referenced) | Activating);
        if (!queued)
        {
            CountKept(page, state);
            _activating[_activatingCount++] = page;
            if (_activatingCount == _activating.Length)
            {
                DrainActivating();
            }
        }
    }

    private void CountKept(uint page, int state) => Memcg.Fates.Count(PageFate.Kept, TypeOf(page), ClassOf((state & Workingset) != 0));

    /// <summary>Class of a page for its fates: whether it has been active.</summary>
    private static int ClassOf(bool workingset) => workingset ? 1 : 0;

    private void DrainAdded()
    {
        foreach (var page in _added.AsSpan(0, _addedCount))
        {
            int state = _state[page];
            var active = (state & Place) == InBatchActive;
            _state[page] = (byte)(state & ~Place | (active ? Active : Inactive));
            Folios.Word[page] = ListOf(page, active).AddHead(page);
        }

        LockedMoves += _addedCount;
        _addedCount = 0;
    }

    private void DrainActivating()
    {
        foreach (var page in _activating.AsSpan(0, _activatingCount))
        {
            ListOf(page, active: false).Remove(Folios.Word[page]);
            _state[page] = (byte)(_state[page] & ~Place | Active);
            Folios.Word[page] = ListOf(page, active: true).AddHead(page);
        }

        Memcg.Stat.Pgactivate += _activatingCount;
        LockedMoves += _activatingCount;
        _activatingCount = 0;
        if (_lists[ListOf(File, active: false)].IsSparse)
        {
            _lists[ListOf(File, active: false)].Compact(Folios.Word);
        }
    }

    private int Refault(uint shadow, int type)
    {
        // A shadow from before the policy was switched names any level.
        var level = Math.Min(LevelIn(shadow), Own);
        return Refault(shadow, type, AgeOf(level), WorkingsetSize(type, level));
    }

    /// <summary>The cgroup that a page was evicted for, counted from the root on.</summary>
    private static int LevelIn(uint shadow) => (int)(shadow >> ShadowLevelShift) & MostAbove;

    /// <summary>Judges a refault (workingset_refault).</summary>
    /// <param name="shadow">The shadow entry.</param>
    /// <param name="type">Its type.</param>
    /// <param name="age">nonresident_age of the lists that it was evicted from.</param>
    /// <param name="workingset">Pages that it would have had to compete with there.</param>
    /// <returns>State of the new page in the add batch.</returns>
    private int Refault(uint shadow, int type, uint age, long workingset)
    {
        var stat = Memcg.Stat;
        (type == File ? ref stat.WorkingsetRefaultFile : ref stat.WorkingsetRefaultAnon)++;
        var ofClass = ClassOf((shadow & ShadowWorkingset) != 0);
        Memcg.Fates.Count(PageFate.Returned, type, ofClass);
        var distance = (age - (shadow >> ShadowAgeShift)) & ShadowAgeMask;
        if (distance > workingset)
        {
            return InBatch;
        }

        Memcg.Fates.Count(PageFate.Recent, type, ofClass);
        _nonresidentAge++;
        (type == File ? ref stat.WorkingsetActivateFile : ref stat.WorkingsetActivateAnon)++;
        _activatedHere[type]++;
        if ((shadow & ShadowWorkingset) == 0)
        {
            return InBatchActive;
        }

        (type == File ? ref stat.WorkingsetRestoreFile : ref stat.WorkingsetRestoreAnon)++;
        NoteCost(type, pagesIo: 1, rotated: 0);
        return InBatchActive | Workingset;
    }

    /// <summary>Pages that a refaulting page competes with: what would have had to make room for it to stay (workingset_test_recent).</summary>
    private long WorkingsetSize(int type, int level)
    {
        var size = Together(File, active: true, level);
        if (type == Anon)
        {
            size += Together(File, active: false, level);
        }

        if (Memcg.SwapFree > 0)
        {
            size += Together(Anon, active: true, level);
            size += type == File ? Together(Anon, active: false, level) : 0;
        }

        return size;
    }
}

/// <summary>When classic reclaim brings the memcg's statistics up to date before it balances the lists (prepare_scan_control).</summary>
internal enum StatisticsFlush
{
    /// <summary>At each pass (mem_cgroup_flush_stats; v6.8 and before).</summary>
    EveryPass,

    /// <summary>
    /// Not itself: it goes by what the flush every two seconds, or a reader of memory.stat, left behind
    /// (mem_cgroup_flush_stats_ratelimited). That v6.12 does so shows in measurements: refaults are compared with a list
    /// length that is old.
    /// </summary>
    Periodic,
}

/// <summary>The classic policy as the access loop sees it.</summary>
internal readonly struct ClassicPath(ClassicLruvec lruvec) : ILruvecPath
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTouch(uint page) => lruvec.TryTouch(page);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Insert(uint page, uint shadow, bool inFault) => lruvec.Add(page, shadow);

    public void Allocate(uint page)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long FarNs(uint page) => 0;
}
