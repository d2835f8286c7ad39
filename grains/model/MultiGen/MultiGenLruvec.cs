using System.Runtime.CompilerServices;
using Reclaim.Model.Folios;
using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Memcg;

namespace Reclaim.Model.MultiGen;

/// <summary>
/// The multi-gen LRU of one memcg on one node (struct lru_gen_folio).
///
/// <code>
///      min_seq                                max_seq
///     ┌─────────┬───────────┬───────────┬───────────┐
///     │ oldest  │           │           │ youngest  │      2 to 4 generations, one list each
///     └─────────┴───────────┴───────────┴───────────┘
///       │  ▲           ▲                       ▲
///       │  │ new file  │ protected: a page     │ aging makes a new one when the
///       │  │ pages     │ whose tier refaults   │ oldest has become too small
///       ▼  │           │ much, or saturated    │
///     evict, leaving a shadow entry with min_seq and the page's access count
/// </code>
///
/// Generations are numbered by max_seq and min_seq, which only grow; slot = seq mod 4. Accesses through file descriptors do
/// not move a page: they raise its tier, which is looked at when its turn to be evicted comes. Whether a tier is worth
/// protecting is decided by <see cref="TierController"/>. The picture is v6.8's; from v6.14 on a new file page enters the
/// fourth youngest generation, a faulted one the second youngest, and either a younger one if it had WS when it was evicted.
///
/// Aging, eviction and refaults are in files of their own beside this one.
/// Source: struct lru_gen_folio, lru_gen_add_folio in include/linux/mmzone.h and mm_inline.h, v6.8.
/// </summary>
internal sealed partial class MultiGenLruvec : Lruvec
{
    /// <summary>MIN_NR_GENS.</summary>
    public const int MinNrGens = 2;

    /// <summary>MAX_NR_GENS.</summary>
    public const int MaxNrGens = 4;

    /// <summary>LRU_GEN_ANON.</summary>
    public const int Anon = 0;

    /// <summary>LRU_GEN_FILE.</summary>
    public const int File = 1;

    /// <summary>MAX_SWAPPINESS: anonymous pages first.</summary>
    private const int MaxSwappiness = 200;

    private const int PositionBits = 29;
    private const uint PositionMask = (1u << PositionBits) - 1;

    private readonly KernelRuleSet _rules;
    private readonly byte[] _state;
    private readonly byte[] _incRefs = new byte[256];

    /// <summary>By slot × 2 + type: the lists, and their sizes as nr_pages counts them, which a walk changes without touching a list.</summary>
    private readonly FolioQueue[] _lists = new FolioQueue[MaxNrGens * 2];
    private readonly long[] _nrPages = new long[MaxNrGens * 2];
    private readonly long[] _birthNs = new long[MaxNrGens];
    private readonly ulong[] _minSeq = new ulong[2];
    private readonly long[] _processAnon = new long[MaxNrGens];
    private readonly uint[] _batch;
    private readonly Func<long> _clock;
    private readonly uint _firstAnon;
    private int _batched;
    private ulong _maxSeq = MaxNrGens - 1;

    /// <param name="memcg">The cgroup.</param>
    /// <param name="rules">The variant.</param>
    /// <param name="swappiness">vm.swappiness; without swap it has no effect.</param>
    /// <param name="clock">Virtual time in nanoseconds; only the ages of generations depend on it.</param>
    /// <param name="node">The node that its pages are on; −1: all pages of the memcg are here.</param>
    public MultiGenLruvec(MemoryCgroup memcg, KernelRuleSet rules, int swappiness, Func<long> clock, int node = -1)
        : base(memcg)
    {
        _rules = rules;
        Swappiness = swappiness;
        _clock = clock;
        _state = Folios.State;
        _batch = new uint[rules.AddBatch];
        _activating = new uint[rules.AddBatch];
        _walks = new WalkCounters[rules.HistoryGenerations];
        _firstAnon = Folios.FirstAnon;
        Controller = new TierController(rules);
        var chunks = new FolioChunks();
        for (var list = 0; list < _lists.Length; list++)
        {
            _lists[list] = new FolioQueue(chunks);
        }

        for (var state = 0; state < 256; state++)
        {
            _incRefs[state] = (byte)FolioRefs.Read(state, rules);
        }

        // What the processes hold was faulted in.
        _processAnon[SlotOf(FolioSeq(Anon, active: true, workingset: false))] = node < 0 || node == memcg.Nodes!.Plan.First ? memcg.ProcessAnon : 0;
        BuildEvictionTables();
        Node = node;
    }

    /// <summary>Number of the youngest generation.</summary>
    public ulong MaxSeq => _maxSeq;

    /// <summary>The rules in force.</summary>
    public KernelRuleSet Rules => _rules;

    public TierController Controller { get; }

    /// <summary>What of /sys/kernel/mm/lru_gen/enabled is on.</summary>
    public LruGenCapabilities Capabilities { get; set; } = LruGenCapabilities.All;

    /// <summary>Number of the oldest generation of a type.</summary>
    public ulong MinSeq(int type) => _minSeq[type];

    /// <summary>Virtual time at which a generation was made.</summary>
    public long BirthNs(ulong seq) => _birthNs[SlotOf(seq)];

    /// <summary>Pages of a type in a generation, as nr_pages counts them: those in the add batch are not in one yet.</summary>
    public long Size(ulong seq, int type) => Math.Max(0, _nrPages[At(seq, type)]) + (type == Anon && Memcg.ProcessAnon != 0 ? _processAnon[SlotOf(seq)] : 0);

    /// <summary>Pages linked in a generation's list, next to be scanned first; for tests and for writing the state out.</summary>
    public IEnumerable<uint> Pages(ulong seq, int type = File) => _lists[At(seq, type)].FromTail();

    /// <summary>Pages in the LRU add batch, in the order in which they came.</summary>
    public ReadOnlySpan<uint> Batched => _batch.AsSpan(0, _batched);

    /// <inheritdoc/>
    public override (long Inactive, long Active) FileSizes => Sizes(File);

    /// <inheritdoc/>
    public override (long Inactive, long Active) AnonSizes => Sizes(Anon);

    /// <summary>Adds a page to the LRU add batch (folio_add_lru), after its refault was judged.</summary>
    public void Add(uint page, uint shadow, bool inFault)
    {
        var flags = shadow == 0 ? FolioFlags.InBatch : Refault(shadow, TypeOf(page), inFault);

        // Faulted through a mapping that has recency: PG_active, the youngest generation.
        _state[page] = (byte)(inFault ? flags & ~FolioFlags.Gen | FolioFlags.InBatchActive : flags);
        _batch[_batched++] = page;
        if (_batched == _batch.Length)
        {
            DrainAdded();
        }
    }

    /// <summary>Records a read(2) of a resident page.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTouch(uint page)
    {
        ref var state = ref _state[page];
        if (state == 0)
        {
            return false;
        }

        state = _incRefs[state];
        return true;
    }

    /// <inheritdoc/>
    /// <remarks>The generation is decided here, by the flags that the page has now (lru_gen_add_folio).</remarks>
    public override void Drain()
    {
        DrainAdded();
        if (_activatingCount != 0)
        {
            DrainActivating();
        }
    }

    private void DrainAdded()
    {
        if (_batched == 0)
        {
            return;
        }

        Span<int> slots = stackalloc int[8];
        for (var i = 0; i < slots.Length; i++)
        {
            slots[i] = SlotOf(FolioSeq(i >> 2, active: (i & 2) != 0, workingset: (i & 1) != 0));
        }

        foreach (var page in _batch.AsSpan(0, _batched))
        {
            int state = _state[page];
            var active = (state & FolioFlags.Gen) == FolioFlags.InBatchActive;
            var slot = slots[(TypeOf(page) << 2) + (active ? 2 : 0) + (state >> FolioFlags.WorkingsetShift & 1)];
            if (active)
            {
                state &= _rules.ActiveClears == ActiveInsertClears.RefsAndReferenced ? ~(FolioFlags.Refs | FolioFlags.Referenced) : ~0;
            }

            Enter(page, state & ~FolioFlags.Gen, slot, atTail: false);
        }

        LockedMoves += _batched;
        _batched = 0;
    }

    /// <inheritdoc/>
    public override void Rotate(uint page)
    {
        int state = _state[page];
        var gen = state & FolioFlags.Gen;
        if (gen is 0 or >= FolioFlags.InBatch)
        {
            return;
        }

        Unlink(page, state);
        Enter(page, state & ~FolioFlags.Gen, SlotOf(_minSeq[TypeOf(page)]), atTail: true);
    }

    /// <inheritdoc/>
    public override void MarkAccessed(uint page) => TryTouch(page);

    /// <inheritdoc/>
    public override void Remove(uint page)
    {
        var list = Folios.Word[page] >> PositionBits;
        Unlink(page, _state[page]);
        _state[page] = 0;
        if (_lists[list].IsSparse)
        {
            _lists[list].Compact(Folios.Word, PositionMask, list << PositionBits);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<uint> Discard(Predicate<uint> droppable)
    {
        var discarded = new List<uint>();
        for (var list = 0; list < _lists.Length; list++)
        {
            // Once round: what stays keeps its order.
            for (var left = _lists[list].Count; left > 0 && _lists[list].TryTakeTail(out var page); left--)
            {
                if (!droppable(page))
                {
                    Link(page, list, _lists[list].AddHead(page));
                    continue;
                }

                _nrPages[((_state[page] & FolioFlags.Gen) - 1) * 2 + TypeOf(page)]--;
                _state[page] = 0;
                discarded.Add(page);
            }
        }

        return discarded;
    }

    /// <inheritdoc/>
    public override void AddPagesByAge(Span<long> file, Span<long> anon)
    {
        for (var age = 0; age < MaxNrGens; age++)
        {
            file[age] += age < NrGens(File) ? _nrPages[At(_maxSeq - (ulong)age, File)] : 0;
            anon[age] += age < NrGens(Anon) ? _nrPages[At(_maxSeq - (ulong)age, Anon)] : 0;
        }
    }

    private static int SlotOf(ulong seq) => (int)(seq % MaxNrGens);

    private static int At(ulong seq, int type) => SlotOf(seq) * 2 + type;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int TypeOf(uint page) => page < _firstAnon ? File : Anon;

    /// <summary>Puts a page onto a list and counts it there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Enter(uint page, int flags, int slot, bool atTail)
    {
        var list = slot * 2 + TypeOf(page);
        _state[page] = (byte)(flags | slot + 1);
        _nrPages[list]++;
        Link(page, list, atTail ? _lists[list].AddTail(page) : _lists[list].AddHead(page));
    }

    /// <summary>
    /// Remembers where a page is linked, which may not be where its generation number says: list in the upper three bits, place below.
    /// Needed only where a page can leave the middle of a list.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Link(uint page, int list, uint position)
    {
        if (Folios.Writeback.Length != 0 || !Memcg.Rmap.IsEmpty)
        {
            Folios.Word[page] = (uint)list << PositionBits | position & PositionMask;
        }
    }

    /// <summary>Takes a page off the list where it is linked, and out of the count of its generation.</summary>
    private void Unlink(uint page, int state)
    {
        var word = Folios.Word[page];
        _lists[word >> PositionBits].Remove(word & PositionMask);
        _nrPages[((state & FolioFlags.Gen) - 1) * 2 + TypeOf(page)]--;
    }

    /// <summary>The generation that a page enters (lru_gen_add_folio; lru_gen_folio_seq in v6.14), the rotation to the tail apart.</summary>
    /// <param name="type">Its type; an anonymous page is not in the swap cache.</param>
    /// <param name="active">PG_active.</param>
    /// <param name="workingset">WS.</param>
    private ulong FolioSeq(int type, bool active, bool workingset) =>
        active ? workingset || _rules.Active == ActivePlacement.Youngest ? _maxSeq : _maxSeq - 1
        : type == File ? ColdFileSeq(workingset)
        : ColdAnonSeq();

    private ulong ColdAnonSeq() => _rules.AnonOrDirty == AnonOrDirtyPlacement.MaxMinusOne ? _maxSeq - 1 : _minSeq[Anon] + 1;

    /// <summary>Whether anonymous pages can be evicted (get_swappiness): a whole round of them must find room in swap, or slower memory to go to.</summary>
    private bool CanSwap => _commandSwappiness is { } given ? given != 0 : Swappiness != 0 && (CanDemote || Memcg.SwapFree >= MinLruBatch);

    /// <summary>Swappiness in effect (get_swappiness). Beyond 200, SWAPPINESS_ANON_ONLY, file pages are left alone (v6.14).</summary>
    private int EffectiveSwappiness => CanSwap ? _commandSwappiness ?? Swappiness : 0;

    /// <summary>The oldest generation of all types that may be evicted (evictable_min_seq).</summary>
    private ulong EvictableMinSeq => FirstEvictable == LastEvictable ? _minSeq[FirstEvictable] : Math.Min(_minSeq[Anon], _minSeq[File]);

    /// <summary>Anonymous pages are evictable if they have a place to go (min_type).</summary>
    private int FirstEvictable => CanSwap ? Anon : File;

    /// <summary>File pages are unless anonymous ones only are asked for (max_type).</summary>
    private int LastEvictable => EffectiveSwappiness <= MaxSwappiness ? File : Anon;

    private ulong ColdFileSeq(bool workingset) => _rules.ColdFile switch
    {
        ColdFilePlacement.Fixed when _minSeq[File] + MinNrGens < _maxSeq => _minSeq[File] + 1,
        ColdFilePlacement.Distance => Math.Max(_maxSeq + 1 - MaxNrGens + (workingset ? 1u : 0), _minSeq[File]),
        _ => _minSeq[File],
    };

    private int NrGens(int type) => (int)(_maxSeq - _minSeq[type]) + 1;

    private (long Inactive, long Active) Sizes(int type)
    {
        var active = Size(_maxSeq, type) + Size(_maxSeq - 1, type);
        var all = 0L;
        for (var slot = 0ul; slot < MaxNrGens; slot++)
        {
            all += Size(slot, type);
        }

        return (all - active, active);
    }
}

/// <summary>The multi-gen policy as the access loop sees it.</summary>
internal readonly struct MultiGenPath(MultiGenLruvec lruvec) : ILruvecPath
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTouch(uint page) => lruvec.TryTouch(page);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Insert(uint page, uint shadow, bool inFault) => lruvec.Add(page, shadow, inFault);

    public void Allocate(uint page)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long FarNs(uint page) => 0;
}
