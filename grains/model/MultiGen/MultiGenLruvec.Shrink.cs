using Reclaim.Model.Folios;
using Reclaim.Model.Kernels;
using Reclaim.Model.Memcg;

namespace Reclaim.Model.MultiGen;

/// <summary>
/// What becomes of the pages that a round has isolated: freed, demoted, or put back.
/// Source: shrink_folio_list, the end of evict_folios, folio_check_references in mm/vmscan.c, v6.8, v6.14 and v6.19; lru_gen_eviction in mm/workingset.c.
/// </summary>
internal sealed partial class MultiGenLruvec
{
    /// <summary>
    /// Frees isolated pages, oldest first, or demotes them; accessed and dirty ones, and those for which there is no swap, are put back, those
    /// being written to swap to where the variant puts them (shrink_folio_list and the end of evict_folios).
    /// </summary>
    /// <returns>Pages freed or demoted.</returns>
    private int ShrinkFolioList(ReadOnlySpan<uint> pages, int type)
    {
        var round = default(Round);
        var demoted = 0;
        if (CanDemote)
        {
            FreeFolios(pages, type, demotes: true, ref round);
            demoted = Demote(_demoting.AsSpan(0, round.Demoting));
            var left = _demoting.AsSpan(0, round.Demoting - demoted);
            if (_proactive && _rules.ProactiveKeepsUndemoted)
            {
                left.CopyTo(_rejected.AsSpan(round.Rejected));
                round.Rejected += left.Length;
            }
            else
            {
                FreeFolios(left, type, demotes: false, ref round);
            }
        }
        else
        {
            FreeFolios(pages, type, demotes: false, ref round);
        }

        foreach (var page in _rejected.AsSpan(0, round.Rejected))
        {
            PutBackPage(page, type);
        }

        foreach (var page in _writing.AsSpan(0, round.Writing))
        {
            PutBackWriting(page);
        }

        Memcg.SubmitSwapWrites();
        Memcg.Stat.Pgsteal += round.Freed + demoted;
        Memcg.Stat.Pgdemote += demoted;
        Memcg.Uncharge(type == File ? round.Freed : 0, type == Anon ? round.Freed : 0, Node);
        if (round.Unqueued == pages.Length && _rules.FlusherWake == FlusherWake.DirtyRound)
        {
            Memcg.WakeFlushers?.Invoke();
        }

        return round.Freed + demoted;
    }

    /// <summary>One pass over isolated pages: what is to be demoted is collected, or else freed.</summary>
    private void FreeFolios(ReadOnlySpan<uint> pages, int type, bool demotes, ref Round round)
    {
        var writers = Folios.Writeback.Length != 0;
        var mapped = !Memcg.Rmap.IsEmpty;
        foreach (var page in pages)
        {
            var writeback = writers ? Folios.Writeback[page] : WritebackFlags.None;
            round.Unqueued += (writeback & (WritebackFlags.Dirty | WritebackFlags.Writeback)) == WritebackFlags.Dirty ? 1 : 0;

            // Nobody waits for writeback in cgroup v2, and nobody but kswapd may write: the page comes back when it is written.
            if ((writeback & WritebackFlags.Writeback) != 0)
            {
                Reject(page, ref round.Rejected);
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
                _rejected[round.Rejected++] = page;
                continue;
            }

            if (demotes && !Memcg.IsBeingRead(page))
            {
                _demoting[round.Demoting++] = page;
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
                if (outcome == PageOutcome.Writing)
                {
                    _writing[round.Writing++] = page;
                    continue;
                }

                if (outcome == PageOutcome.Activate)
                {
                    SetActive(page);
                }

                _rejected[round.Rejected++] = page;
                continue;
            }

            if ((writeback & WritebackFlags.Dirty) != 0)
            {
                Reject(page, ref round.Rejected);
                continue;
            }

            var shadow = _shadowOf[_state[page]];
            Controller.CountEvicted(_minSeq[type], type, shadow >> ShadowClockShift);
            Memcg.Fates.Count(PageFate.Evicted, type, shadow >> ShadowClockShift);
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

            round.Freed++;
        }
    }

    /// <summary>What has become of the pages of a round so far.</summary>
    private struct Round
    {
        public int Freed;
        public int Demoting;
        public int Rejected;
        public int Writing;

        /// <summary>Dirty ones that nobody writes.</summary>
        public int Unqueued;
    }

    /// <summary>A page that is dirty or under writeback is marked, and activated.</summary>
    private void Reject(uint page, ref int rejected)
    {
        Folios.Writeback[page] |= WritebackFlags.Reclaim;
        SetActive(page);
        _rejected[rejected++] = page;
    }

    /// <summary>
    /// What a rejected page keeps of its flags: nothing, but if it waits for writeback what isolation left of them, R with WS, as far as
    /// the youngest generation lets it (evict_folios, lru_gen_add_folio).
    /// </summary>
    private int FlagsPutBack(uint page)
    {
        var writeback = Folios.Writeback[page];
        if ((writeback & WritebackFlags.Reclaim) == 0 || (writeback & (WritebackFlags.Dirty | WritebackFlags.Writeback)) == 0)
        {
            return 0;
        }

        var flags = _state[page] & (FolioFlags.Workingset | FolioFlags.Refs);
        flags |= (flags & FolioFlags.Workingset) != 0 ? FolioFlags.Referenced : 0;
        return _rules.ActiveClears == ActiveInsertClears.RefsAndReferenced ? flags & FolioFlags.Workingset : flags;
    }

    /// <summary>Puts a page that is kept, with PG_active or without, back onto a list: not onto that of the oldest generation.</summary>
    /// <remarks>Clean unmapped ones would be tried once more, but nothing else holds pages here: those are freed.</remarks>
    private void PutBackPage(uint page, int type)
    {
        if (_rules.PutBack == PutBack.Youngest)
        {
            Enter(page, type == File && Folios.Writeback.Length != 0 ? FlagsPutBack(page) : 0, SlotOf(_maxSeq), atTail: false);
            return;
        }

        int state = _state[page];
        var workingset = (state & FolioFlags.Workingset) != 0;
        var active = (state & FolioFlags.Gen) == FolioFlags.InBatchActive;
        var seq = !active && IsCopyOfSwap(page)
            ? Math.Max(_maxSeq + 1 - MaxNrGens + (workingset ? 1u : 0), _minSeq[type])
            : FolioSeq(type, active, workingset);
        if (seq == _minSeq[type])
        {
            state &= ~(FolioFlags.Refs | FolioFlags.Referenced);
            seq = FolioSeq(type, active: true, workingset);
        }

        Enter(page, state & ~FolioFlags.Gen, SlotOf(seq), atTail: false);
    }

    /// <summary>Whether a page is in the swap cache and nobody writes it: then it is placed as a file page is.</summary>
    private bool IsCopyOfSwap(uint page) => Memcg.Swap.HasSlot(page) && (Folios.Writeback[page] & WritebackFlags.Writeback) == 0;

    /// <summary>Sets PG_active on an isolated page: it will be put back among the young.</summary>
    private void SetActive(uint page)
    {
        Memcg.Stat.Pgactivate++;
        _state[page] = (byte)(_state[page] & ~FolioFlags.Gen | FolioFlags.InBatchActive);
    }

    /// <summary>
    /// Whether an isolated page was accessed through a mapping (folio_check_references), or, until v6.13, seen accessed by a walk or
    /// a look-around since it was isolated.
    /// </summary>
    private bool IsAccessed(uint page)
    {
        if (_rules.MappedUse == MappedUse.SecondSight)
        {
            return IsUsed(page);
        }

        if ((_state[page] & FolioFlags.Referenced) != 0 && Memcg.Rmap.IsMapped(page))
        {
            return true;
        }

        var referenced = Referenced(page, out var executable);
        if (referenced == 0)
        {
            return false;
        }

        // Activated or kept: both send a mapped page to the youngest generation, and only pgactivate tells them apart.
        if (referenced > 1 || executable || (_state[page] & FolioFlags.Referenced) != 0)
        {
            SetActive(page);
        }

        return true;
    }

    /// <summary>The same from v6.14 on: a page that is used is kept the first time and activated the second.</summary>
    /// <remarks>
    /// Executable mappings make no difference. "mm: mglru: promote mapped executable folios after first usage", later than v6.19,
    /// belongs here: it activates their file pages the first time.
    /// </remarks>
    private bool IsUsed(uint page)
    {
        if (Referenced(page, out _) == 0)
        {
            return false;
        }

        int state = _state[page];
        _state[page] = (byte)FolioRefs.UseMapped(state);
        if (!FolioRefs.IsFirstUse(state))
        {
            SetActive(page);
        }

        return true;
    }

    /// <summary>A page being written to swap waits for the end of it, until v6.13 with what is known of its accesses.</summary>
    private void PutBackWriting(uint page)
    {
        if (_rules.PutBack != PutBack.Youngest)
        {
            PutBackPage(page, Anon);
            return;
        }

        var flags = _state[page] & (FolioFlags.Workingset | FolioFlags.Refs);
        var seq = FolioSeq(Anon, active: false, workingset: false);
        Enter(page, flags | ((flags & FolioFlags.Workingset) != 0 ? FolioFlags.Referenced : 0), SlotOf(seq), atTail: false);
    }
}
