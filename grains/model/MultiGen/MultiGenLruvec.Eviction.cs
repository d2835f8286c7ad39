using Reclaim.Model.Folios;
using Reclaim.Model.Kernels;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Memcg;

namespace Reclaim.Model.MultiGen;

/// <summary>
/// Eviction: rounds of at most 64 pages from the tail of the oldest generation.
/// Source: try_to_shrink_lruvec, evict_folios, isolate_folios, scan_folios, sort_folio, isolate_folio, try_to_inc_min_seq in
/// mm/vmscan.c, v6.8, v6.14 and v6.19; lru_gen_eviction in mm/workingset.c.
/// </summary>
internal sealed partial class MultiGenLruvec
{
    /// <summary>Pages that are asked for before their turn.</summary>
    private const int LookAhead = 16;

    /// <summary>MIN_LRU_BATCH: a round isolates so many pages.</summary>
    private const int MinLruBatch = 64;

    /// <summary>By state: bit t says that the page is protected when the threshold is tier t.</summary>
    private readonly byte[] _protectedAt = new byte[256];

    /// <summary>By state: the tier that the controller counts the page in when it is protected; above all tiers: it does not hear of it.</summary>
    private readonly byte[] _protectedTier = new byte[256];

    /// <summary>By state: the state once isolated (isolate_folio). Without R the evidence of F is dropped, and until v6.13 that of WS too.</summary>
    private readonly byte[] _isolatedState = new byte[256];

    /// <summary>By state of an isolated page: what the shadow entry says of it, and (from bit 4 on) the tier it is counted in.</summary>
    private readonly byte[] _shadowOf = new byte[256];

    // In this pass (sc.nr): file pages taken, and those of them that were dirty and not under writeback.
    private long _fileTaken;
    private long _unqueuedDirty;

    private readonly uint[] _isolated = new uint[MinLruBatch];
    private readonly uint[] _rejected = new uint[MinLruBatch];
    private readonly uint[] _writing = new uint[MinLruBatch];

    /// <summary>Flags that a page keeps that is moved to the next generation (folio_inc_gen).</summary>
    private int _keptByMove;

    /// <inheritdoc/>
    public override void Shrink(ref ScanControl sc)
    {
        Drain();
        _walkContext = sc.Proactive || sc.Kswapd;
        _proactive = sc.Proactive;
        (_fileTaken, _unqueuedDirty) = (0, 0);
        ShrinkUntilDone(ref sc);
        if (_rules.FlusherWake == FlusherWake.DirtyPass && _unqueuedDirty != 0 && _unqueuedDirty == _fileTaken)
        {
            Memcg.WakeFlushers?.Invoke();
        }
    }

    private void ShrinkUntilDone(ref ScanControl sc)
    {
        for (var scanned = 0L; ;)
        {
            var target = GetNrToScan(ref sc);
            if (target <= 0)
            {
                sc.Aged = target < 0;
                return;
            }

            var delta = EvictFolios(ref sc, target);
            scanned += delta;

            // Reclaim for a limit never aborts early, even when enough was freed.
            if (delta == 0 || scanned >= target || sc.NrReclaimed >= sc.AbortAfter)
            {
                return;
            }
        }
    }

    private void BuildEvictionTables()
    {
        _keptByMove = FolioFlags.Activating | (_rules.ProtectClears == ProtectClears.KeepWorkingset ? FolioFlags.Workingset : 0);
        for (var state = 0; state < 256; state++)
        {
            var refs = FolioRefs.Of(state, _rules.Tier);
            var tier = FolioRefs.TierOf(state, _rules.Tier);
            var saturated = FolioRefs.IsSaturated(state, _rules);
            for (var threshold = 0; threshold < TierController.Tiers; threshold++)
            {
                if (tier > threshold || (saturated && _rules.Saturated != SaturatedPage.Unprotected))
                {
                    _protectedAt[state] |= (byte)(1 << threshold);
                }
            }

            _protectedTier[state] = (byte)(saturated && _rules.Saturated == SaturatedPage.ProtectedUncounted ? TierController.Tiers : tier);
            var read = (state & FolioFlags.Referenced) != 0;
            var kept = _rules.IsolationClears == IsolationClears.UnreadRefs
                ? state & (FolioFlags.Workingset | FolioFlags.Referenced) | (read ? state & FolioFlags.Refs : 0)
                : read ? state & (FolioFlags.Workingset | FolioFlags.Refs)
                : 0;
            _isolatedState[state] = (byte)(FolioFlags.Isolated | kept);
            var workingset = _rules.Tier == TierBasis.Workingset ? (state & FolioFlags.Workingset) != 0 : refs != 0;
            _shadowOf[state] = (byte)(1 | (workingset ? ShadowWorkingset : 0) | Math.Max(refs - 1, 0) << ShadowRefsShift
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

        if (EvictableMinSeq + MinNrGens > _maxSeq)
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
        (type, var tier) = TypeToScan(EffectiveSwappiness);
        var scanned = ScanFolios(type, tier < 0 ? Controller.TierThreshold(_minSeq[type], type) : tier, target, out isolated);
        if (scanned == 0 && FirstEvictable != LastEvictable)
        {
            type = 1 - type;
            scanned = ScanFolios(type, Controller.TierThreshold(_minSeq[type], type), target, out isolated);
        }

        return scanned;
    }

    /// <summary>The type to begin with, and its tier threshold if the comparison yields one, else −1 (get_type_to_scan).</summary>
    private (int Type, int Tier) TypeToScan(int swappiness)
    {
        var olderFirst = _rules.TypeChoice == TypeChoice.OlderThenFirstTier;
        if (swappiness == 0)
        {
            return (File, -1);
        }

        if (olderFirst && _minSeq[Anon] < _minSeq[File])
        {
            return (Anon, -1);
        }

        if (swappiness is 1 or >= MaxSwappiness)
        {
            return (swappiness == 1 ? File : Anon, -1);
        }

        return olderFirst
            ? Controller.TypeToScan(_minSeq[Anon], _minSeq[File], swappiness)
            : (Controller.TypeBySums(_minSeq[Anon], _minSeq[File], swappiness), -1);
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
        _fileTaken += type == File ? isolated : 0;
        return isolated != 0 || scanned >= budget ? scanned : 0;
    }

    private void CountProtected(int state, int type)
    {
        int tier = _protectedTier[state];
        if (tier < TierController.Tiers)
        {
            Controller.CountProtected(_minSeq[type], type, tier);
        }
    }

    /// <summary>Moves a page to the next generation instead of evicting it; it starts over without accesses, but for WS from v6.14 on.</summary>
    private void Protect(uint page, int state, int type, int next)
    {
        CountProtected(state, type);
        Memcg.Fates.Count(PageFate.Kept, type, _shadowOf[state] >> ShadowClockShift);
        if (_rules.ActivateCounts == ActivateCount.Protection)
        {
            CountActivate(type);
        }

        _nrPages[At(_minSeq[type], type)]--;
        Enter(page, state & _keptByMove, next, atTail: _rules.ProtectTo == ProtectedEnd.Tail);
    }

    /// <summary>A dirty page, or one under writeback, waits in the next generation until its writeback ends (the last rule of sort_folio).</summary>
    private bool SortDirty(uint page, int type, int next)
    {
        ref var flags = ref Folios.Writeback[page];
        if ((flags & (WritebackFlags.Dirty | WritebackFlags.Writeback)) == 0)
        {
            return false;
        }

        if (type == File && (flags & WritebackFlags.Dirty) != 0)
        {
            _fileTaken++;
            _unqueuedDirty += (flags & WritebackFlags.Writeback) == 0 ? 1 : 0;
        }

        flags |= WritebackFlags.Reclaim;
        _nrPages[At(_minSeq[type], type)]--;
        Enter(page, _state[page] & _keptByMove, next, atTail: false);
        return true;
    }

    /// <summary>Lets go of oldest generations that have become empty, as long as two remain.</summary>
    private bool TryToIncMinSeq()
    {
        var anon = FirstEvictable == Anon ? FirstNonEmpty(Anon) : _minSeq[Anon];
        var file = LastEvictable == File ? FirstNonEmpty(File) : _minSeq[File];
        if (FirstEvictable != LastEvictable)
        {
            if (_rules.MinSeqOrder == MinSeqOrder.AnonFirst)
            {
                // Neither type may pass the other.
                anon = Math.Min(anon, file);
                file = Math.Max(anon, _minSeq[File]);
            }
            else
            {
                // With two generations of one type nothing can be evicted; that waits as long as the other has four.
                var third = _maxSeq - MinNrGens;
                (anon, file) = (anon > third && file < third ? third : anon, file > third && anon < third ? third : file);
            }
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
        if (seq <= _minSeq[type])
        {
            return false;
        }

        Controller.CarryOver(_minSeq[type], type);
        _minSeq[type] = seq;
        return true;
    }
}
