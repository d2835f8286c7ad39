using Reclaim.Model.Folios;
using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Memcg;

namespace Reclaim.Model.MultiGen;

/// <summary>
/// Eviction: rounds of at most 64 pages from the tail of the oldest generation.
/// Source: try_to_shrink_lruvec, evict_folios, isolate_folios, scan_folios, sort_folio, isolate_folio, try_to_inc_min_seq in
/// mm/vmscan.c, v6.8; lru_gen_eviction in mm/workingset.c.
/// </summary>
internal sealed partial class MultiGenLruvec
{
    /// <summary>Pages that are asked for before their turn.</summary>
    private const int LookAhead = 16;

    /// <summary>MIN_LRU_BATCH: a round isolates so many pages.</summary>
    private const int MinLruBatch = 64;

    /// <summary>By state: bit t says that the page is protected when the threshold is tier t.</summary>
    private readonly byte[] _protectedAt = new byte[256];

    /// <summary>By state: the state once isolated (isolate_folio): R is cleared, and without it the evidence of WS and F is dropped.</summary>
    private readonly byte[] _isolatedState = new byte[256];

    /// <summary>By state of an isolated page: what the shadow entry says of it, and (from bit 4 on) the tier it is counted in.</summary>
    private readonly byte[] _shadowOf = new byte[256];

    private readonly uint[] _isolated = new uint[MinLruBatch];
    private readonly uint[] _rejected = new uint[MinLruBatch];
    private readonly uint[] _writing = new uint[MinLruBatch];

    /// <inheritdoc/>
    public override void Shrink(ref ScanControl sc)
    {
        Drain();
        _walkContext = sc.Proactive;
        for (var scanned = 0L; ;)
        {
            var target = GetNrToScan(ref sc);
            if (target <= 0)
            {
                return;
            }

            var delta = EvictFolios(ref sc, target);
            scanned += delta;

            // Reclaim for a limit never aborts early, even when enough was freed.
            if (delta == 0 || scanned >= target)
            {
                return;
            }
        }
    }

    private void BuildEvictionTables()
    {
        for (var state = 0; state < 256; state++)
        {
            var refs = FolioFlags.LruRefs(state);
            var tier = FolioFlags.TierOf(refs);
            for (var threshold = 0; threshold < TierController.Tiers; threshold++)
            {
                if (tier > threshold || (_rules.ProtectSaturated && refs == 1 << _rules.RefsWidth))
                {
                    _protectedAt[state] |= (byte)(1 << threshold);
                }
            }

            var kept = (state & FolioFlags.Referenced) == 0 ? 0 : state & (FolioFlags.Workingset | FolioFlags.Refs);
            _isolatedState[state] = (byte)(FolioFlags.Isolated | kept);
            _shadowOf[state] = (byte)(1 | (refs != 0 ? ShadowWorkingset : 0) | Math.Max(refs - 1, 0) << ShadowRefsShift
                | tier << ShadowClockShift);
        }
    }

    /// <summary>One round.</summary>
    /// <returns>Pages looked at; 0 ends the pass.</returns>
    private int EvictFolios(ref ScanControl sc, long target)
    {
        var scanned = IsolateFolios(target, out var type, out var isolated);
        if (TryToIncMinSeq())
        {
            scanned++;
        }

        if (NrGens(GoverningType) == MinNrGens)
        {
            scanned = 0;
        }

        if (isolated != 0)
        {
            sc.NrReclaimed += ShrinkFolioList(_isolated.AsSpan(0, isolated), type);
        }

        return scanned;
    }

    /// <summary>Chooses the type and the tier threshold, and scans; if that finds nothing, the other type.</summary>
    private int IsolateFolios(long target, out int type, out int isolated)
    {
        var swappiness = EffectiveSwappiness;
        var tier = -1;
        if (swappiness == 0)
        {
            type = File;
        }
        else if (_minSeq[Anon] < _minSeq[File])
        {
            type = Anon;
        }
        else if (swappiness is 1 or 200)
        {
            type = swappiness == 1 ? File : Anon;
        }
        else
        {
            (type, tier) = Controller.TypeToScan(_minSeq[Anon], _minSeq[File], swappiness);
        }

        var scanned = ScanFolios(type, tier < 0 ? Controller.TierThreshold(_minSeq[type], type) : tier, target, out isolated);
        if (scanned == 0 && swappiness != 0)
        {
            type = 1 - type;
            scanned = ScanFolios(type, Controller.TierThreshold(_minSeq[type], type), target, out isolated);
        }

        return scanned;
    }

    private int ScanFolios(int type, int tier, long target, out int isolated)
    {
        isolated = 0;
        if (NrGens(type) == MinNrGens)
        {
            return 0;
        }

        var oldest = SlotOf(_minSeq[type]) + 1;
        var list = _lists[At(_minSeq[type], type)];
        var next = SlotOf(_minSeq[type] + 1);
        var protect = 1 << tier;
        var budget = _rules.BatchWithinTarget ? (int)Math.Min(target, _rules.ScanBudget) : _rules.ScanBudget;
        var batch = _rules.BatchWithinTarget ? Math.Min(MinLruBatch, budget) : MinLruBatch;
        var writers = Folios.Writeback.Length != 0;
        var scanned = 0;
        var sorted = 0;
        var skipped = 0;
        while (scanned < budget && isolated < batch && skipped < MinLruBatch)
        {
            var run = list.TailRun();
            if (run.IsEmpty)
            {
                break;
            }

            var holes = 0;
            var i = 0;
            for (; i < run.Length && scanned < budget && isolated < batch && skipped < MinLruBatch; i++)
            {
                var page = run[i];
                if (page == FolioQueue.Hole)
                {
                    holes++;
                    continue;
                }

                if (i + LookAhead < run.Length)
                {
                    Folios.Prefetch(run[i + LookAhead]);
                }

                scanned++;
                int state = _state[page];
                if ((state & FolioFlags.Gen) != oldest)
                {
                    // A walk has promoted it: it goes where its number says.
                    var promoted = ((state & FolioFlags.Gen) - 1) * 2 + type;
                    Link(page, promoted, _lists[promoted].AddHead(page));
                    sorted++;
                }
                else if ((_protectedAt[state] & protect) != 0)
                {
                    Protect(page, state, type, next);
                    sorted++;
                }
                else if (writers && _rules.Dirty == DirtySort.NextGeneration && SortDirty(page, type, next))
                {
                    sorted++;
                }
                else if ((state & FolioFlags.Activating) != 0)
                {
                    // In the activation batch it cannot be isolated, and is set aside.
                    _rejected[skipped++] = page;
                }
                else
                {
                    _state[page] = _isolatedState[state];
                    _isolated[isolated++] = page;
                }
            }

            list.DropTail(i, holes);
        }

        for (var i = 0; i < skipped; i++)
        {
            Link(_rejected[i], At(_minSeq[type], type), list.AddHead(_rejected[i]));
        }

        _nrPages[At(_minSeq[type], type)] -= isolated;
        Memcg.Stat.Pgrefill += sorted;
        Sorted += sorted;
        Isolated += isolated;
        Memcg.Stat.Pgscan += isolated;
        return isolated != 0 || scanned >= budget ? scanned : 0;
    }

    /// <summary>Moves a page to the next generation instead of evicting it; it starts over without accesses.</summary>
    private void Protect(uint page, int state, int type, int next)
    {
        Controller.CountProtected(_minSeq[type], type, FolioFlags.TierOf(FolioFlags.LruRefs(state)));
        if (_rules.ActivateCounts == ActivateCount.Protection)
        {
            CountActivate(type);
        }

        var kept = _rules.ProtectClears == ProtectClears.KeepWorkingset ? state & FolioFlags.Workingset : 0;
        _nrPages[At(_minSeq[type], type)]--;
        Enter(page, kept | state & FolioFlags.Activating, next, atTail: _rules.ProtectTo == ProtectedEnd.Tail);
    }

    /// <summary>A dirty page, or one under writeback, waits in the next generation until its writeback ends.</summary>
    private bool SortDirty(uint page, int type, int next)
    {
        ref var flags = ref Folios.Writeback[page];
        if ((flags & (WritebackFlags.Dirty | WritebackFlags.Writeback)) == 0)
        {
            return false;
        }

        flags |= WritebackFlags.Reclaim;
        _nrPages[At(_minSeq[type], type)]--;
        Enter(page, _state[page] & FolioFlags.Activating, next, atTail: false);
        return true;
    }

    /// <summary>
    /// Frees isolated pages, oldest first; accessed and dirty ones, and those for which there is no swap, go to the youngest
    /// generation, those being written to swap to where the variant puts them (shrink_folio_list and the end of evict_folios).
    /// </summary>
    /// <returns>Pages freed.</returns>
    private int ShrinkFolioList(ReadOnlySpan<uint> pages, int type)
    {
        var writers = Folios.Writeback.Length != 0;
        var mapped = !Memcg.Rmap.IsEmpty;
        var rejected = 0;
        var writing = 0;
        var freed = 0;
        foreach (var page in pages)
        {
            if (writers && (Folios.Writeback[page] & (WritebackFlags.Dirty | WritebackFlags.Writeback)) != 0)
            {
                Folios.Writeback[page] |= WritebackFlags.Reclaim;
                Memcg.Stat.Pgactivate++;
                _rejected[rejected++] = page;
                continue;
            }

            if (writers)
            {
                // isolate_folio does that.
                Folios.Writeback[page] &= ~WritebackFlags.Reclaim;
            }

            if (mapped && IsAccessed(page))
            {
                Memcg.KeptInUse(page);
                _rejected[rejected++] = page;
                continue;
            }

            if (type == File)
            {
                if (mapped)
                {
                    Memcg.Rmap.Unmap(page);
                }
            }
            else if (Memcg.PageOut(page) is var outcome and not PageOutcome.Clean)
            {
                Memcg.Stat.Pgactivate += outcome == PageOutcome.Activate ? 1 : 0;
                if (outcome == PageOutcome.Writing)
                {
                    _writing[writing++] = page;
                }
                else
                {
                    _rejected[rejected++] = page;
                }

                continue;
            }

            var shadow = _shadowOf[_state[page]];
            Controller.CountEvicted(_minSeq[type], type, shadow >> ShadowClockShift);
            _state[page] = 0;
            var entry = ShadowClock(type) | (uint)(shadow & ((1 << ShadowClockShift) - 1));
            if (type == File)
            {
                Memcg.Evicted(page, entry);
            }
            else
            {
                Memcg.SwappedOut(page, entry);
            }

            freed++;
        }

        var youngest = SlotOf(_maxSeq);
        for (var i = 0; i < rejected; i++)
        {
            Enter(_rejected[i], 0, youngest, atTail: false);
        }

        if (writing != 0)
        {
            PutBackWriting(writing);
        }

        Memcg.SubmitSwapWrites();

        Memcg.Stat.Pgsteal += freed;
        Memcg.Uncharge(type == File ? freed : 0, type == Anon ? freed : 0);
        return freed;
    }

    /// <summary>
    /// Whether an isolated page was accessed through a mapping (folio_check_references), or, before that, seen accessed by a walk or
    /// a look-around since it was isolated.
    /// </summary>
    private bool IsAccessed(uint page)
    {
        if ((_state[page] & FolioFlags.Referenced) != 0 && Memcg.Rmap.IsMapped(page))
        {
            return true;
        }

        var referenced = Referenced(page);
        if (referenced == 0)
        {
            return false;
        }

        // Activated or kept: both send a mapped page to the youngest generation, and only pgactivate tells them apart.
        if (referenced > 1 || (_state[page] & FolioFlags.Referenced) != 0)
        {
            Memcg.Stat.Pgactivate++;
        }

        return true;
    }

    /// <summary>Pages being written to swap wait for the end of it, with what is known of their accesses.</summary>
    private void PutBackWriting(int count)
    {
        var slot = SlotOf(ColdAnonSeq());
        foreach (var page in _writing.AsSpan(0, count))
        {
            var flags = _state[page] & (FolioFlags.Workingset | FolioFlags.Refs);
            Enter(page, flags | ((flags & FolioFlags.Workingset) != 0 ? FolioFlags.Referenced : 0), slot, atTail: false);
        }
    }

    /// <summary>Lets go of oldest generations that have become empty, as long as two remain.</summary>
    private bool TryToIncMinSeq()
    {
        var file = FirstNonEmpty(File);
        var anon = _minSeq[Anon];
        if (CanSwap)
        {
            // Neither type may pass the other.
            anon = Math.Min(FirstNonEmpty(Anon), file);
            file = Math.Max(anon, _minSeq[File]);
        }

        return Advance(Anon, anon) | Advance(File, file);
    }

    private ulong FirstNonEmpty(int type)
    {
        var seq = _minSeq[type];
        while (seq + MinNrGens <= _maxSeq && _lists[At(seq, type)].Count == 0)
        {
            seq++;
        }

        return seq;
    }

    private bool Advance(int type, ulong seq)
    {
        if (seq == _minSeq[type])
        {
            return false;
        }

        Controller.CarryOver(_minSeq[type], type);
        _minSeq[type] = seq;
        return true;
    }
}
