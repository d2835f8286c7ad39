using Reclaim.Model.Kernels;
using Reclaim.Model.Mappings;
using Reclaim.Model.Sharing;

namespace Reclaim.Model.MultiGen;

/// <summary>
/// What the multi-gen policy learns from page tables: by walking them when it makes a generation, and by looking around
/// an accessed page that it was about to evict.
///
/// <code>
///   walk:   for each process that ran, each page table that was accessed and that the filter lets pass:
///              accessed entry → bit cleared, page promoted to the youngest generation
///   look-around:  64 entries about the page: the same
/// </code>
///
/// A promoted page only changes its number; it is linked where it was until eviction comes upon it. Tables in which an eighth
/// of the entries was accessed are noted in the filter of the next generation, and only those are walked then.
///
/// Source: iterate_mm_list, walk_mm, walk_pmd_range, walk_pte_range, folio_update_gen, lru_gen_look_around in mm/vmscan.c,
/// v6.8, v6.12, v6.1 and v6.14, which promotes at the second sight. The kernel's filter is a bloom filter; this one is exact.
/// </summary>
internal sealed partial class MultiGenLruvec
{
    /// <summary>Entries in a cache line: a table is worth a walk if there is one accessed entry in each (MIN_LRU_BATCH ÷ 8).</summary>
    private const int EntriesOfCacheLine = 8;

    private readonly bool[] _filterExists = new bool[2];
    private readonly WalkCounters[] _walks;
    private readonly uint[] _activating;
    private int _activatingCount;

    /// <summary>Whether a walk has seen what the processes hold.</summary>
    private bool _processAnonSeen;

    /// <summary>Whether this reclaim made a generation already: promotion is by number then, not through the activation batch.</summary>
    private bool _walkContext;

    /// <summary>Counters of the walk that was made when <paramref name="seq"/> was the youngest generation, or, without history, of all walks.</summary>
    public WalkCounters WalkOf(ulong seq) => _walks[(int)(seq % (ulong)_walks.Length)];

    /// <summary>Walks the page tables of all processes, before max_seq grows.</summary>
    internal void WalkPageTables(bool forceScan)
    {
        if (_walks.Length > 1)
        {
            _walks[(int)((_maxSeq + 1) % (ulong)_walks.Length)] = default;
        }

        var mine = 1UL << Math.Max(0, Node);
        var ran = false;
        foreach (var mm in Memcg.Rmap.AddressSpaces)
        {
            var force = forceScan || (mm.Walked & mine) == 0;
            if (!force && (mm.Ran & mine) == 0)
            {
                continue;
            }

            // The next filter is begun when there is something to walk, and only then.
            if (!ran)
            {
                ResetFilter(_maxSeq + 1);
            }

            ran = true;
            mm.Walked |= mine;
            mm.Ran &= ~mine;
            foreach (var vma in mm.Vmas)
            {
                if (vma.HasRecency && (vma.Anonymous ? FirstEvictable == Anon : LastEvictable == File))
                {
                    Walk(vma, force);
                }
            }
        }

        // What processes hold outside the workloads is in use whenever they run.
        if (CanSwap && ran)
        {
            if (_rules.MappedUse == MappedUse.SecondSight && !_processAnonSeen)
            {
                _processAnonSeen = true;
                return;
            }

            for (var seq = _minSeq[Anon]; seq < _maxSeq; seq++)
            {
                _processAnon[SlotOf(_maxSeq)] += _processAnon[SlotOf(seq)];
                _processAnon[SlotOf(seq)] = 0;
            }
        }
    }

    private void Walk(Vma vma, bool force)
    {
        ref var counters = ref _walks[(int)(_maxSeq % (ulong)_walks.Length)];
        var filter = FilterOf(_maxSeq);
        var passesAll = force || !_filterExists[(int)(_maxSeq & 1)];
        for (var t = 0; t < vma.TableCount; t++)
        {
            ref var table = ref vma.Table(t);
            if ((table & TableFlags.Allocated) == 0)
            {
                continue;
            }

            counters.NonLeafTotal++;
            if (!force && (Capabilities & LruGenCapabilities.NonLeafYoung) != 0)
            {
                if ((table & TableFlags.Young) == 0)
                {
                    continue;
                }

                table &= ~TableFlags.Young;
            }

            if (!passesAll && (table & filter) == 0)
            {
                continue;
            }

            counters.NonLeafFound++;
            if (WalkTable(vma, t, ref counters))
            {
                counters.NonLeafAdded++;
                AddToFilter(ref table, _maxSeq + 1);
            }
        }
    }

    /// <returns>Whether so many entries were accessed that the next walk should come again.</returns>
    private bool WalkTable(Vma vma, int table, ref WalkCounters counters)
    {
        var first = table * AddressSpace.TablePages;
        var end = Math.Min(first + AddressSpace.TablePages, vma.Pte.Length);
        var young = 0;
        for (var index = first; index < end; index++)
        {
            ref var pte = ref vma.Pte[index];
            if ((pte & (PteFlags.Accessed | PteFlags.Zero)) != PteFlags.Accessed)
            {
                counters.LeafOld += (pte & (PteFlags.Present | PteFlags.Zero)) == PteFlags.Present ? 1 : 0;
                continue;
            }

            var page = vma.FirstFolio + (uint)index;
            if (IsPassedOver(page))
            {
                continue;
            }

            pte &= ~PteFlags.Accessed;
            young++;
            UpdateGen(page);
        }

        counters.LeafTotal += end - first;
        counters.LeafYoung += young;
        PtesWalked += end - first;
        return IsSuitableToScan(end - first, young);
    }

    /// <summary>Promotes a page to the youngest generation; its link stays where it is (folio_update_gen).</summary>
    private void UpdateGen(uint page)
    {
        int state = _state[page];
        var gen = state & FolioFlags.Gen;
        if (gen is 0 or >= FolioFlags.InBatch)
        {
            // Isolated, for shrink_folio_list to see; or waiting in a batch.
            if (gen != 0)
            {
                _state[page] = (byte)(state | FolioFlags.Referenced);
            }

            return;
        }

        var workingset = 0;
        if (_rules.MappedUse == MappedUse.SecondSight)
        {
            if (FolioRefs.IsFirstUse(state))
            {
                _state[page] = (byte)FolioRefs.UseMapped(state);
                return;
            }

            workingset = FolioFlags.Workingset;
        }

        var type = TypeOf(page);
        var slot = SlotOf(_maxSeq);
        _nrPages[(gen - 1) * 2 + type]--;
        _nrPages[slot * 2 + type]++;
        _state[page] = (byte)(state & FolioFlags.Activating | workingset | slot + 1);
    }

    /// <summary>Whether an accessed entry is left as it is because its page is on the lists of another node or cgroup, or, from v6.14 on, on none (get_pfn_folio).</summary>
    private bool IsPassedOver(uint page) =>
        (_rules.MappedUse == MappedUse.SecondSight && (_state[page] & FolioFlags.Gen) is 0 or >= FolioFlags.InBatch) || _state[page] == SharedPages.Foreign || IsElsewhere(page);

    /// <summary>
    /// Counts the accessed entries that map an isolated page, and looks around each (folio_referenced with lru_gen_look_around).
    /// </summary>
    private int Referenced(uint page, out bool executable)
    {
        executable = false;
        var referenced = 0;
        foreach (var vma in Memcg.Rmap.Of(page))
        {
            var index = (int)(page - vma.FirstFolio);
            if ((vma.Pte[index] & PteFlags.Accessed) != 0 && Memcg.Rmap.Counts(vma))
            {
                if (vma.HasRecency)
                {
                    LookAround(vma, index);
                }
                else
                {
                    vma.Age(index);
                }

                executable |= vma.Executable;
                referenced++;
            }
        }

        return referenced;
    }

    private void LookAround(Vma vma, int index)
    {
        var first = index / AddressSpace.TablePages * AddressSpace.TablePages;
        var end = Math.Min(first + AddressSpace.TablePages, vma.Pte.Length);
        if (end - first > MinLruBatch)
        {
            if (index - first < MinLruBatch / 2)
            {
                end = first + MinLruBatch;
            }
            else if (end - index < MinLruBatch / 2)
            {
                first = end - MinLruBatch;
            }
            else
            {
                (first, end) = (index - MinLruBatch / 2, index + MinLruBatch / 2);
            }
        }

        var young = 0;
        if (!_rules.LookAroundMarksSelf)
        {
            vma.Age(index);
            young++;
        }

        var found = 0;
        Span<uint> candidates = stackalloc uint[MinLruBatch];
        for (var at = first; at < end; at++)
        {
            if ((vma.Pte[at] & (PteFlags.Accessed | PteFlags.Zero)) != PteFlags.Accessed)
            {
                continue;
            }

            var page = vma.FirstFolio + (uint)at;
            if (IsPassedOver(page))
            {
                continue;
            }

            vma.Age(at);
            young++;
            int state = _state[page];
            var gen = state & FolioFlags.Gen;
            if (gen >= FolioFlags.InBatch)
            {
                _state[page] = (byte)(state | FolioFlags.Referenced);
            }
            else if (_rules.MappedUse == MappedUse.SecondSight)
            {
                UseAround(page, state);
            }
            else if (gen != SlotOf(_maxSeq) + 1)
            {
                candidates[found++] = page;
            }
        }

        var inPlace = _walkContext || (_rules.LookAroundInPlace && found >= _activating.Length);
        foreach (var page in candidates[..found])
        {
            if (inPlace)
            {
                UpdateGen(page);
            }
            else
            {
                Activate(page);
            }
        }

        PtesWalked += end - first;
        if (IsSuitableToScan(end - first, young))
        {
            AddToFilter(ref vma.TableOf(index), _maxSeq);
        }
    }

    /// <summary>A page that a look-around finds accessed, from v6.14 on: the first time it is only marked.</summary>
    private void UseAround(uint page, int state)
    {
        if (_walkContext)
        {
            UpdateGen(page);
            return;
        }

        _state[page] = (byte)FolioRefs.UseMapped(state);
        if (!FolioRefs.IsFirstUse(state) && (state & FolioFlags.Gen) != SlotOf(_maxSeq) + 1)
        {
            Activate(page);
        }
    }

    /// <summary>Queues a page for the youngest generation (folio_activate).</summary>
    private void Activate(uint page)
    {
        int state = _state[page];
        if ((state & FolioFlags.Activating) != 0)
        {
            return;
        }

        if (_rules.ActiveClears == ActiveInsertClears.RefsAndReferenced)
        {
            state &= FolioFlags.Gen;
        }

        _state[page] = (byte)(state | FolioFlags.Activating);
        _activating[_activatingCount++] = page;
        if (_activatingCount == _activating.Length)
        {
            DrainActivating();
        }
    }

    private void DrainActivating()
    {
        foreach (var page in _activating.AsSpan(0, _activatingCount))
        {
            int state = _state[page];
            if ((state & FolioFlags.Activating) == 0)
            {
                continue;
            }

            Unlink(page, state);
            Memcg.Stat.Pgactivate++;
            var seq = FolioSeq(TypeOf(page), active: true, (state & FolioFlags.Workingset) != 0);
            Enter(page, state & ~(FolioFlags.Gen | FolioFlags.Activating), SlotOf(seq), atTail: false);
        }

        LockedMoves += _activatingCount;
        _activatingCount = 0;
    }

    private static bool IsSuitableToScan(int total, int young) => young * EntriesOfCacheLine >= total;

    private static TableFlags FilterOf(ulong seq) => (seq & 1) == 0 ? TableFlags.FilterEven : TableFlags.FilterOdd;

    private void AddToFilter(ref TableFlags table, ulong seq)
    {
        if (_filterExists[(int)(seq & 1)])
        {
            table |= FilterOf(seq);
        }
    }

    private void ResetFilter(ulong seq)
    {
        if (Node >= 0)
        {
            // Filters are one for each lruvec, and the bits of the tables are there for one only: every table is walked.
            return;
        }

        _filterExists[(int)(seq & 1)] = true;
        foreach (var vma in Memcg.Rmap.AddressSpaces.SelectMany(mm => mm.Vmas))
        {
            for (var t = 0; t < vma.TableCount; t++)
            {
                vma.Table(t) &= ~FilterOf(seq);
            }
        }
    }
}

/// <summary>What walks came upon (struct lru_gen_mm_walk, mm_stats): leaf entries are those of pages, others those of page tables.</summary>
internal struct WalkCounters
{
    /// <summary>MM_LEAF_TOTAL: entries looked at.</summary>
    public long LeafTotal;

    /// <summary>MM_LEAF_OLD: of them present and not accessed.</summary>
    public long LeafOld;

    /// <summary>MM_LEAF_YOUNG: accessed.</summary>
    public long LeafYoung;

    /// <summary>MM_NONLEAF_TOTAL: page tables seen.</summary>
    public long NonLeafTotal;

    /// <summary>MM_NONLEAF_FOUND: of them walked.</summary>
    public long NonLeafFound;

    /// <summary>MM_NONLEAF_ADDED: worth walking the next time.</summary>
    public long NonLeafAdded;
}
