using Reclaim.Model.Folios;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Memcg;

namespace Reclaim.Model.Classic;

/// <summary>
/// Reclaim from the four lists: when an active list is shrunk, eviction.
/// How far each list is scanned is in the file on balance beside this one.
/// Source: prepare_scan_control, shrink_lruvec, inactive_is_low, shrink_active_list, shrink_inactive_list, shrink_folio_list,
/// folio_check_references, snapshot_refaults in mm/vmscan.c, v6.8.
/// </summary>
internal sealed partial class ClassicLruvec
{
    private readonly uint[] _isolated = new uint[ScanControl.SwapClusterMax];
    private readonly uint[] _kept = new uint[ScanControl.SwapClusterMax];

    // The memcg's statistics as they were last flushed: what balancing and refaults go by.
    private readonly long[] _flushedSizes = new long[4];
    private readonly long[] _flushedActivations = new long[2];
    private readonly long[] _activationsSnapshot = new long[2];

    private bool _skippedDeactivate;

    /// <inheritdoc/>
    public override void FlushStatistics()
    {
        base.FlushStatistics();
        for (var list = 0; list < 4; list++)
        {
            _flushedSizes[list] = _lists[list].Count;
        }

        _flushedSizes[ListOf(Anon, active: false)] += HoldsProcess ? Memcg.ProcessAnon : 0;
        _flushedActivations[Anon] = ActivatedHere(Anon);
        _flushedActivations[File] = ActivatedHere(File);
    }

    /// <inheritdoc/>
    public override void Shrink(ref ScanControl sc)
    {
        if (_flush == StatisticsFlush.EveryPass)
        {
            FlushStatistics();
        }

        (_proactive, _target) = (sc.Proactive, sc.Target ?? Own);
        Span<bool> mayDeactivate = [sc.ForceDeactivate || (sc.MayDeactivate?.Anon ?? MayDeactivate(Anon)), sc.ForceDeactivate || (sc.MayDeactivate?.File ?? MayDeactivate(File))];
        Span<long> targets = stackalloc long[4];
        ScanCounts(sc, mayDeactivate[File], targets);
        Span<long> left = stackalloc long[4];
        targets.CopyTo(left);
        var reclaimed = 0L;
        while (left[ListOf(Anon, false)] > 0 || left[ListOf(File, false)] > 0 || left[ListOf(File, true)] > 0)
        {
            for (var list = 0; list < 4; list++)
            {
                var scan = (int)Math.Min(left[list], ScanControl.SwapClusterMax);
                if (scan == 0)
                {
                    continue;
                }

                left[list] -= scan;
                if ((list & 1) == 0)
                {
                    reclaimed += ShrinkInactive(list >> 1, scan);
                }
                else if (mayDeactivate[list >> 1])
                {
                    ShrinkActive(list >> 1, scan);
                }
                else
                {
                    sc.SkippedDeactivate = true;
                }
            }

            if (reclaimed >= sc.NrToReclaim && !StopSmaller(targets, left))
            {
                break;
            }
        }

        sc.NrReclaimed += reclaimed;
        _skippedDeactivate = sc.SkippedDeactivate;

        // Anonymous lists are kept in proportion even when none of them was evicted from.
        if ((Memcg.SwapPages > 0 || CanDemote) && IsInactiveLow(Anon))
        {
            ShrinkActive(Anon, ScanControl.SwapClusterMax);
        }
    }

    /// <inheritdoc/>
    public override void Snapshot() => _flushedActivations.CopyTo(_activationsSnapshot, 0);

    /// <summary>Whether the inactive list is short against the active one: below 1 GiB 1:1, then 1:√(10 × GiB).</summary>
    internal static bool InactiveIsLow(long inactive, long active)
    {
        var gib = (inactive + active) >> (30 - 12);
        var ratio = gib > 0 ? (long)Math.Sqrt(10 * gib) : 1;
        return inactive * ratio < active;
    }

    private bool IsInactiveLow(int type) => InactiveIsLow(_flushedSizes[ListOf(type, active: false)], _flushedSizes[ListOf(type, active: true)]);

    private bool MayDeactivate(int type) => _flushedActivations[type] != _activationsSnapshot[type] || IsInactiveLow(type);

    /// <summary>
    /// Moves pages from the tail of an active list to the inactive one, accessed or not; R stays, WS is set. Only pages of an executable
    /// file that were accessed through it stay active, at the head (shrink_active_list).
    /// </summary>
    private void ShrinkActive(int type, int count)
    {
        Drain();
        var (active, inactive) = (_lists[ListOf(type, active: true)], _lists[ListOf(type, active: false)]);
        var mapped = !Memcg.Rmap.IsEmpty;
        var scanned = 0;
        var kept = 0;
        for (; scanned < count && active.TryTakeTail(out var page); scanned++)
        {
            // The accessed bits are lost.
            if (mapped && Memcg.Rmap.Referenced(page, out var executable) != 0 && executable && type == File)
            {
                _kept[kept++] = page;
                continue;
            }

            _state[page] = (byte)(_state[page] & ~Place | Inactive | Workingset);
            Folios.Word[page] = inactive.AddHead(page);
        }

        foreach (var page in _kept.AsSpan(0, kept))
        {
            Folios.Word[page] = active.AddHead(page);
            _nonresidentAge++;
        }

        Isolated += scanned;
        Memcg.Stat.Pgrefill += scanned;
        Memcg.Stat.Pgdeactivate += scanned - kept;
        NoteCost(type, pagesIo: 0, rotated: kept);
    }

    private int ShrinkInactive(int type, int count)
    {
        Drain();
        var (active, inactive) = (_lists[ListOf(type, active: true)], _lists[ListOf(type, active: false)]);
        var writtenBefore = Memcg.Pageouts;
        var scanned = 0;
        for (; scanned < count && inactive.TryTakeTail(out var page); scanned++)
        {
            _isolated[scanned] = page;
        }

        var round = default(Round);
        var demoted = 0;
        if (CanDemote)
        {
            FreeFolios(_isolated.AsSpan(0, scanned), type, demotes: true, ref round);
            demoted = Demote(_demoting.AsSpan(0, round.Demoting));
            var left = _demoting.AsSpan(0, round.Demoting - demoted);
            if (_proactive && _keepsUndemoted)
            {
                left.CopyTo(_kept.AsSpan(round.Kept));
                round.Kept += left.Length;
            }
            else
            {
                FreeFolios(left, type, demotes: false, ref round);
            }
        }
        else
        {
            FreeFolios(_isolated.AsSpan(0, scanned), type, demotes: false, ref round);
        }

        foreach (var page in _kept.AsSpan(0, round.Kept))
        {
            var activated = (_state[page] & Activated) != 0;
            _state[page] = (byte)(_state[page] & ~(Place | Activated) | (activated ? Active : Inactive));
            Folios.Word[page] = (activated ? active : inactive).AddHead(page);
            if (activated)
            {
                _nonresidentAge++;
                Memcg.Stat.Pgactivate++;
                Memcg.Fates.Count(PageFate.Kept, type, ClassOf((_state[page] & Workingset) != 0));
            }
        }

        var reclaimed = round.Freed + demoted;
        Memcg.SubmitSwapWrites();
        Isolated += scanned;
        Memcg.Stat.Pgscan += scanned;
        Memcg.Stat.Pgsteal += reclaimed;
        Memcg.Stat.Pgdemote += demoted;
        Memcg.Uncharge(type == File ? round.Freed : 0, type == Anon ? round.Freed : 0, Node);
        NoteCost(type, pagesIo: Memcg.Pageouts - writtenBefore, rotated: scanned - reclaimed);
        if (round.Unqueued != 0 && round.Unqueued == scanned)
        {
            Memcg.WakeFlushers?.Invoke();
        }

        return reclaimed;
    }

    /// <summary>One pass over isolated pages, oldest first: what is to be demoted is collected, or else freed.</summary>
    private void FreeFolios(ReadOnlySpan<uint> pages, int type, bool demotes, ref Round round)
    {
        var writers = Folios.Writeback.Length != 0;
        var mapped = !Memcg.Rmap.IsEmpty;
        foreach (var page in pages)
        {
            var writeback = writers ? Folios.Writeback[page] : WritebackFlags.None;
            round.Unqueued += (writeback & (WritebackFlags.Dirty | WritebackFlags.Writeback)) == WritebackFlags.Dirty ? 1 : 0;

            // Nobody waits for writeback in cgroup v2, and nobody but kswapd may write: marked for rotation after its writeback, the
            // page waits on the active list.
            if ((writeback & WritebackFlags.Writeback) != 0)
            {
                Folios.Writeback[page] |= WritebackFlags.Reclaim;
                _state[page] |= Activated;
                _kept[round.Kept++] = page;
                continue;
            }

            if (mapped && IsReferenced(page))
            {
                if ((_state[page] & Activated) != 0)
                {
                    Memcg.KeptInUse(page);
                }

                _kept[round.Kept++] = page;
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
                // One being written or read waits on the inactive list.
                _state[page] |= (byte)(outcome == PageOutcome.Activate ? Activated : 0);
                _kept[round.Kept++] = page;
                continue;
            }

            if ((writeback & WritebackFlags.Dirty) != 0)
            {
                Folios.Writeback[page] |= WritebackFlags.Reclaim;
                _state[page] = (byte)(_state[page] & ~Referenced | Activated);
                _kept[round.Kept++] = page;
                continue;
            }

            var workingset = (_state[page] & Workingset) != 0 ? ShadowWorkingset : 0u;
            Memcg.Fates.Count(PageFate.Evicted, type, ClassOf(workingset != 0));
            _state[page] = 0;
            var shadow = 1 | workingset | (uint)_target << ShadowLevelShift | AgeOf(_target) << ShadowAgeShift;
            AgeNonresident();
            if (type == File)
            {
                Memcg.Evicted(page, shadow);
            }
            else
            {
                Memcg.SwappedOut(page, shadow);
            }

            round.Freed++;
        }
    }

    /// <summary>What has become of the pages of a round so far.</summary>
    private struct Round
    {
        public int Freed;
        public int Demoting;
        public int Kept;

        /// <summary>Dirty ones that nobody writes.</summary>
        public int Unqueued;
    }

    /// <summary>
    /// Whether an inactive page was accessed through a mapping (folio_check_references): once, and it stays and gets R; again, or through
    /// two mappings, and it is activated, and a page of an executable file at once.
    /// </summary>
    private bool IsReferenced(uint page)
    {
        var referenced = Memcg.Rmap.Referenced(page, out var executable);
        var before = _state[page] & Referenced;
        _state[page] &= unchecked((byte)~Referenced);
        if (referenced == 0)
        {
            return false;
        }

        _state[page] |= (byte)(Referenced | (before != 0 || referenced > 1 || (executable && TypeOf(page) == File) ? Activated : 0));
        return true;
    }
}
