using Reclaim.Model.Folios;
using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;

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

    /// <summary>By state: what the shadow entry says of it, and (from bit 4 on) the tier it is counted in.</summary>
    private readonly byte[] _shadowOf = new byte[256];

    private readonly uint[] _isolated = new uint[MinLruBatch];
    private readonly uint[] _rejected = new uint[MinLruBatch];

    /// <inheritdoc/>
    public override void Shrink(ref ScanControl sc)
    {
        Drain();
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

            // isolate_folio: without R the evidence of WS and F is dropped.
            var kept = (state & FolioFlags.Referenced) == 0 ? 0 : refs;
            _shadowOf[state] = (byte)(1 | (kept != 0 ? ShadowWorkingset : 0) | Math.Max(kept - 1, 0) << ShadowRefsShift
                | FolioFlags.TierOf(kept) << ShadowClockShift);
        }
    }

    /// <summary>One round.</summary>
    /// <returns>Pages looked at; 0 ends the pass.</returns>
    private int EvictFolios(ref ScanControl sc, long target)
    {
        var scanned = IsolateFolios(target, out var isolated);
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
            sc.NrReclaimed += ShrinkFolioList(_isolated.AsSpan(0, isolated));
        }

        return scanned;
    }

    /// <summary>Chooses the type and the tier threshold, and scans; if that finds nothing, the other type.</summary>
    private int IsolateFolios(long target, out int isolated)
    {
        var (type, tier) = (File, -1);
        if (_swappiness != 0)
        {
            if (_minSeq[Anon] < _minSeq[File])
            {
                type = Anon;
            }
            else if (_swappiness == 200)
            {
                type = Anon;
            }
            else if (_swappiness != 1)
            {
                (type, tier) = Controller.TypeToScan(_minSeq[Anon], _minSeq[File], _swappiness);
            }

            // No workload has anonymous pages yet: scanning them finds nothing, and file is next with its own threshold.
            if (type == Anon)
            {
                tier = -1;
            }
        }

        if (tier < 0)
        {
            tier = Controller.TierThreshold(_minSeq[File], File);
        }

        return ScanFolios(tier, target, out isolated);
    }

    private int ScanFolios(int tier, long target, out int isolated)
    {
        isolated = 0;
        if (NrGens(File) == MinNrGens)
        {
            return 0;
        }

        var list = _lists[SlotOf(_minSeq[File])];
        var next = SlotOf(_minSeq[File] + 1);
        var protect = 1 << tier;
        var budget = _rules.BatchWithinTarget ? (int)Math.Min(target, _rules.ScanBudget) : _rules.ScanBudget;
        var batch = _rules.BatchWithinTarget ? Math.Min(MinLruBatch, budget) : MinLruBatch;
        var writers = Folios.Writeback.Length != 0;
        var scanned = 0;
        var sorted = 0;
        while (scanned < budget && isolated < batch)
        {
            var run = list.TailRun();
            if (run.IsEmpty)
            {
                break;
            }

            var holes = 0;
            var i = 0;
            for (; i < run.Length && scanned < budget && isolated < batch; i++)
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
                if ((_protectedAt[state] & protect) != 0)
                {
                    Protect(page, state, next);
                    sorted++;
                }
                else if (writers && _rules.Dirty == DirtySort.NextGeneration && SortDirty(page, next))
                {
                    sorted++;
                }
                else
                {
                    _isolated[isolated++] = page;
                }
            }

            list.DropTail(i, holes);
        }

        Memcg.Stat.Pgrefill += sorted;
        Sorted += sorted;
        Isolated += isolated;
        Memcg.Stat.Pgscan += isolated;
        return isolated != 0 || scanned >= budget ? scanned : 0;
    }

    /// <summary>Moves a page to the next generation instead of evicting it; it starts over without accesses.</summary>
    private void Protect(uint page, int state, int next)
    {
        Controller.CountProtected(_minSeq[File], File, FolioFlags.TierOf(FolioFlags.LruRefs(state)));
        if (_rules.ActivateCounts == ActivateCount.Protection)
        {
            Memcg.Stat.WorkingsetActivateFile++;
        }

        var kept = _rules.ProtectClears == ProtectClears.KeepWorkingset ? state & FolioFlags.Workingset : 0;
        _state[page] = (byte)(kept | next + 1);
        Link(page, _rules.ProtectTo == ProtectedEnd.Tail ? _lists[next].AddTail(page) : _lists[next].AddHead(page));
    }

    /// <summary>A dirty page, or one under writeback, waits in the next generation until its writeback ends.</summary>
    private bool SortDirty(uint page, int next)
    {
        ref var flags = ref Folios.Writeback[page];
        if ((flags & (WritebackFlags.Dirty | WritebackFlags.Writeback)) == 0)
        {
            return false;
        }

        flags |= WritebackFlags.Reclaim;
        _state[page] = (byte)(next + 1);
        Link(page, _lists[next].AddHead(page));
        return true;
    }

    /// <summary>Frees isolated pages, oldest first; dirty ones come back (shrink_folio_list and the end of evict_folios).</summary>
    /// <returns>Pages freed.</returns>
    private int ShrinkFolioList(ReadOnlySpan<uint> pages)
    {
        var writers = Folios.Writeback.Length != 0;
        var rejected = 0;
        var freed = 0;
        foreach (var page in pages)
        {
            if (writers && (Folios.Writeback[page] & (WritebackFlags.Dirty | WritebackFlags.Writeback)) != 0)
            {
                _rejected[rejected++] = page;
                continue;
            }

            var shadow = _shadowOf[_state[page]];
            Controller.CountEvicted(_minSeq[File], File, shadow >> ShadowClockShift);
            _state[page] = 0;
            Memcg.Evicted(page, ShadowClock() | (uint)(shadow & ((1 << ShadowClockShift) - 1)));
            freed++;
        }

        for (var i = 0; i < rejected; i++)
        {
            Reject(_rejected[i]);
        }

        Memcg.Stat.Pgsteal += freed;
        Memcg.Uncharge(freed);
        return freed;
    }

    /// <summary>Only kswapd writes dirty pages: reclaim marks the page, and it goes to the youngest generation.</summary>
    private void Reject(uint page)
    {
        Folios.Writeback[page] |= WritebackFlags.Reclaim;
        Memcg.Stat.Pgactivate++;
        var slot = SlotOf(_maxSeq);
        _state[page] = (byte)(slot + 1);
        Link(page, _lists[slot].AddHead(page));
    }

    /// <summary>Lets go of oldest generations that have become empty, as long as two remain.</summary>
    private bool TryToIncMinSeq()
    {
        var file = _minSeq[File];
        while (file + MinNrGens <= _maxSeq && _lists[SlotOf(file)].Count == 0)
        {
            file++;
        }

        var anon = _minSeq[Anon];
        if (_swappiness != 0)
        {
            while (anon + MinNrGens <= _maxSeq && _processAnon[SlotOf(anon)] == 0)
            {
                anon++;
            }

            // Neither type may pass the other.
            anon = Math.Min(anon, file);
            file = Math.Max(anon, _minSeq[File]);
        }

        return Advance(Anon, anon) | Advance(File, file);
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
