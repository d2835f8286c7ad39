using Reclaim.Model.Folios;
using Reclaim.Model.Lruvecs;

namespace Reclaim.Model.Classic;

/// <summary>
/// Reclaim from the two lists, for file pages and without swap: how far to scan, when the active list is shrunk, eviction.
/// Source: prepare_scan_control, get_scan_count, shrink_lruvec, inactive_is_low, shrink_active_list, shrink_inactive_list,
/// shrink_folio_list, snapshot_refaults in mm/vmscan.c, v6.8.
/// </summary>
internal sealed partial class ClassicLruvec
{
    private readonly uint[] _kept = new uint[ScanControl.SwapClusterMax];

    // The memcg's statistics as they were last flushed: what balancing and refaults go by.
    private long _flushedInactive;
    private long _flushedActive;
    private long _flushedActivations;
    private long _activationsSnapshot;

    private bool _forceDeactivate;
    private bool _skippedDeactivate;

    /// <inheritdoc/>
    public override void FlushStatistics()
    {
        base.FlushStatistics();
        (_flushedInactive, _flushedActive) = FileSizes;
        _flushedActivations = Memcg.Stat.WorkingsetActivateFile;
    }

    /// <inheritdoc/>
    public override void Shrink(ref ScanControl sc)
    {
        if (_flush == StatisticsFlush.EveryPass)
        {
            FlushStatistics();
        }

        var mayDeactivate = _forceDeactivate || _flushedActivations != _activationsSnapshot || InactiveIsLow(_flushedInactive, _flushedActive);
        var (inactive, active) = FileSizes;
        var inactiveLeft = inactive >> sc.Priority;
        var activeLeft = active >> sc.Priority;
        var reclaimed = 0L;
        while (inactiveLeft > 0 || activeLeft > 0)
        {
            if (inactiveLeft > 0)
            {
                var scan = Math.Min(inactiveLeft, ScanControl.SwapClusterMax);
                inactiveLeft -= scan;
                reclaimed += ShrinkInactive((int)scan);
            }

            if (activeLeft > 0)
            {
                var scan = Math.Min(activeLeft, ScanControl.SwapClusterMax);
                activeLeft -= scan;
                if (mayDeactivate)
                {
                    ShrinkActive((int)scan);
                }
                else
                {
                    _skippedDeactivate = true;
                }
            }

            if (reclaimed >= sc.NrToReclaim)
            {
                break;
            }
        }

        sc.NrReclaimed += reclaimed;
    }

    /// <inheritdoc/>
    public override bool Finish(ref ScanControl sc)
    {
        _activationsSnapshot = _flushedActivations;
        var again = sc.NrReclaimed == 0 && _skippedDeactivate && !_forceDeactivate;
        _forceDeactivate = again;
        _skippedDeactivate = false;
        return again;
    }

    /// <summary>Whether the inactive list is short against the active one: below 1 GiB 1:1, then 1:√(10 × GiB).</summary>
    internal static bool InactiveIsLow(long inactive, long active)
    {
        var gib = (inactive + active) >> (30 - 12);
        var ratio = gib > 0 ? (long)Math.Sqrt(10 * gib) : 1;
        return inactive * ratio < active;
    }

    /// <summary>Moves pages from the tail of the active list to the inactive one, referenced or not; R stays, WS is set.</summary>
    private void ShrinkActive(int count)
    {
        Drain();
        var moved = 0;
        for (; moved < count && _active.TryTakeTail(out var page); moved++)
        {
            _state[page] = (byte)(_state[page] & ~Place | Inactive | Workingset);
            Folios.Word[page] = _inactive.AddHead(page);
        }

        Isolated += moved;
        Memcg.Stat.Pgrefill += moved;
        Memcg.Stat.Pgdeactivate += moved;
    }

    private int ShrinkInactive(int count)
    {
        Drain();
        var writers = Folios.Writeback.Length != 0;
        var freed = 0;
        var kept = 0;
        var scanned = 0;
        for (; scanned < count && _inactive.TryTakeTail(out var page); scanned++)
        {
            if (writers && (Folios.Writeback[page] & (WritebackFlags.Dirty | WritebackFlags.Writeback)) != 0)
            {
                _kept[kept++] = page;
                continue;
            }

            var workingset = (_state[page] & Workingset) != 0 ? ShadowWorkingset : 0u;
            _state[page] = 0;
            Memcg.Evicted(page, 1 | workingset | _nonresidentAge << ShadowAgeShift);
            _nonresidentAge++;
            freed++;
        }

        // Dirty pages are marked for rotation after their writeback, and wait on the active list.
        foreach (var page in _kept.AsSpan(0, kept))
        {
            Folios.Writeback[page] |= WritebackFlags.Reclaim;
            _state[page] = (byte)(_state[page] & ~Place | Active);
            Folios.Word[page] = _active.AddHead(page);
            _nonresidentAge++;
            Memcg.Stat.Pgactivate++;
        }

        Isolated += scanned;
        Memcg.Stat.Pgscan += scanned;
        Memcg.Stat.Pgsteal += freed;
        Memcg.Uncharge(freed);
        return freed;
    }
}
