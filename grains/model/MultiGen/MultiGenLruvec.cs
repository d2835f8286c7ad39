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
/// protecting is decided by <see cref="TierController"/>.
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

    private readonly KernelRuleSet _rules;
    private readonly int _swappiness;
    private readonly byte[] _state;
    private readonly byte[] _incRefs = new byte[256];
    private readonly FolioQueue[] _lists = new FolioQueue[MaxNrGens];
    private readonly long[] _birthNs = new long[MaxNrGens];
    private readonly ulong[] _minSeq = new ulong[2];
    private readonly long[] _processAnon = new long[MaxNrGens];
    private readonly uint[] _batch;
    private readonly Func<long> _clock;
    private int _batched;
    private ulong _maxSeq = MaxNrGens - 1;

    /// <param name="memcg">The cgroup.</param>
    /// <param name="rules">The variant.</param>
    /// <param name="swappiness">Effective swappiness: 0 without swap.</param>
    /// <param name="clock">Virtual time in nanoseconds; only the ages of generations depend on it.</param>
    public MultiGenLruvec(MemoryCgroup memcg, KernelRuleSet rules, int swappiness, Func<long> clock)
        : base(memcg)
    {
        _rules = rules;
        _swappiness = swappiness;
        _clock = clock;
        _state = Folios.State;
        _batch = new uint[rules.AddBatch];
        Controller = new TierController(rules);
        var chunks = new FolioChunks();
        for (var slot = 0; slot < MaxNrGens; slot++)
        {
            _lists[slot] = new FolioQueue(chunks);
        }

        for (var state = 0; state < 256; state++)
        {
            _incRefs[state] = (byte)FolioFlags.IncRefs(state, rules.RefsWidth);
        }

        // What the processes hold was faulted in: it is in the youngest generation.
        _processAnon[SlotOf(_maxSeq)] = memcg.ProcessAnon;
        BuildEvictionTables();
    }

    /// <summary>Number of the youngest generation.</summary>
    public ulong MaxSeq => _maxSeq;

    /// <summary>The rules in force.</summary>
    public KernelRuleSet Rules => _rules;

    public TierController Controller { get; }

    /// <summary>Number of the oldest generation of a type.</summary>
    public ulong MinSeq(int type) => _minSeq[type];

    /// <summary>Virtual time at which a generation was made.</summary>
    public long BirthNs(ulong seq) => _birthNs[SlotOf(seq)];

    /// <summary>Pages of a type in a generation, as nr_pages counts them: those in the add batch are not in one yet.</summary>
    public long Size(ulong seq, int type) => type == File ? _lists[SlotOf(seq)].Count : _processAnon[SlotOf(seq)];

    /// <summary>File pages of a generation, next to be scanned first; for tests and for writing the state out.</summary>
    public IEnumerable<uint> Pages(ulong seq) => _lists[SlotOf(seq)].FromTail();

    /// <summary>Pages in the LRU add batch, in the order in which they came.</summary>
    public ReadOnlySpan<uint> Batched => _batch.AsSpan(0, _batched);

    /// <inheritdoc/>
    public override (long Inactive, long Active) FileSizes => Sizes(File);

    /// <inheritdoc/>
    public override (long Inactive, long Active) AnonSizes => Sizes(Anon);

    /// <summary>Adds a page to the LRU add batch (folio_add_lru), after its refault was judged.</summary>
    public void Add(uint page, uint shadow)
    {
        var flags = shadow == 0 ? 0 : Refault(shadow);
        _state[page] = (byte)(flags == 0 ? FolioFlags.InBatch : flags);
        _batch[_batched++] = page;
        if (_batched == _batch.Length)
        {
            Drain();
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
        if (_batched == 0)
        {
            return;
        }

        var cold = SlotOf(ColdFileSeq());
        foreach (var page in _batch.AsSpan(0, _batched))
        {
            int state = _state[page];
            var slot = cold;
            if ((state & FolioFlags.Gen) == FolioFlags.InBatchActive)
            {
                slot = SlotOf(_maxSeq);
                state &= _rules.ActiveClears == ActiveInsertClears.RefsAndReferenced ? ~(FolioFlags.Refs | FolioFlags.Referenced) : ~0;
            }

            _state[page] = (byte)(state & ~FolioFlags.Gen | slot + 1);
            Link(page, _lists[slot].AddHead(page));
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

        _lists[gen - 1].Remove(Folios.Word[page]);
        var oldest = SlotOf(_minSeq[File]);
        _state[page] = (byte)(state & ~FolioFlags.Gen | oldest + 1);
        Link(page, _lists[oldest].AddTail(page));
    }

    private static int SlotOf(ulong seq) => (int)(seq % MaxNrGens);

    /// <summary>Positions are needed only where a page can leave the middle of a list.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Link(uint page, uint position)
    {
        if (Folios.Writeback.Length != 0)
        {
            Folios.Word[page] = position;
        }
    }

    private ulong ColdFileSeq() => _rules.ColdFile switch
    {
        ColdFilePlacement.Fixed when _minSeq[File] + MinNrGens < _maxSeq => _minSeq[File] + 1,
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
    public void Insert(uint page, uint shadow) => lruvec.Add(page, shadow);
}
