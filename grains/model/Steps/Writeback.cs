using Reclaim.Model.Folios;
using Reclaim.Model.Memcg;
using Reclaim.Model.Time;

namespace Reclaim.Model.Steps;

/// <summary>
/// Dirty pages of a memcg and the flusher that writes them: the oldest first, from the background threshold on and, every
/// five seconds, those dirty for more than thirty; a writer far above the threshold waits for the device.
///
/// <code>
///   clean ──write(2)──► dirty ──flusher──► writeback ──device──► clean
///                                              └─ marked by reclaim: rotated to the tail
/// </code>
///
/// Source: wb_writeback, wb_check_old_data_flush in fs/fs-writeback.c; balance_dirty_pages, domain_dirty_limits in
/// mm/page-writeback.c; folio_end_writeback in mm/filemap.c, v6.8, with the defaults of vm.dirty_ratio 20,
/// dirty_background_ratio 10, dirty_expire 30 s and dirty_writeback 5 s. Simplified: pages are aged one by one, not by inode,
/// and a writer's pause is exactly until it is below the limit again.
/// </summary>
internal sealed class Writeback(MemoryCgroup memcg, int jobs)
{
    private const long PeriodNs = 5_000_000_000;
    private const long ExpireNs = 30_000_000_000;

    private readonly Queue<(uint Page, Device Device, int Job, long SinceNs)> _dirty = new();
    private readonly Queue<(uint Page, long DoneNs)> _underway = new();
    private readonly long[] _written = new long[jobs];
    private long _nextPeriodNs = PeriodNs;
    private long _lastDoneNs;

    /// <summary>Pages dirty: "file_dirty" in memory.stat.</summary>
    public long Dirty => _dirty.Count;

    /// <summary>Pages under writeback: "file_writeback".</summary>
    public long UnderWriteback => _underway.Count;

    /// <summary>Pages written so far that a job had made dirty.</summary>
    public long WrittenFor(int job) => _written[job];

    /// <summary>Virtual time at which <see cref="RunUntil"/> has something to do.</summary>
    public long NextEventNs => _underway.TryPeek(out var first) ? Math.Min(first.DoneNs, _nextPeriodNs) : _nextPeriodNs;

    /// <summary>Marks a page dirty.</summary>
    public void MarkDirty(uint page, Device device, int job, long nowNs)
    {
        ref var flags = ref memcg.Folios.Writeback[page];

        // Once a page is dirty, the bit of the mark says something else (folio_mark_dirty).
        memcg.Folios.Readahead?.Clear(page);
        if ((flags & WritebackFlags.Dirty) == 0)
        {
            flags |= WritebackFlags.Dirty;
            _dirty.Enqueue((page, device, job, nowNs));
        }
    }

    /// <summary>Ends writeback that is done by then, and lets the flusher work.</summary>
    public void RunUntil(long nowNs)
    {
        while (_underway.TryPeek(out var first) && first.DoneNs <= nowNs)
        {
            _underway.Dequeue();
            End(first.Page);
        }

        for (; _nextPeriodNs <= nowNs; _nextPeriodNs += PeriodNs)
        {
            while (_dirty.TryPeek(out var oldest) && oldest.SinceNs + ExpireNs <= _nextPeriodNs)
            {
                Start(_nextPeriodNs);
            }
        }
    }

    /// <summary>Lets a writer know how long it must wait (balance_dirty_pages).</summary>
    /// <returns>The time at which it may go on.</returns>
    public long Balance(long nowNs)
    {
        // Of what the memcg could give to dirty pages: its file pages and its headroom.
        var available = memcg.FilePages + memcg.Charge.Margin;
        var (background, limit) = (available / 10, available / 5);
        while (_dirty.Count > background)
        {
            Start(nowNs);
        }

        RunUntil(nowNs);
        var until = nowNs;
        while (_dirty.Count + _underway.Count > (background + limit) / 2 && _underway.TryPeek(out var first))
        {
            until = Math.Max(until, first.DoneNs);
            RunUntil(until);
        }

        return until;
    }

    /// <summary>Reclaim found only dirty pages: writes the oldest, and waits for the first to be done.</summary>
    /// <returns>When it is, or null if nothing is dirty.</returns>
    public long? WaitForSome(long nowNs)
    {
        for (var i = 0; i < 1024 && _dirty.Count != 0; i++)
        {
            Start(nowNs);
        }

        if (!_underway.TryPeek(out var first))
        {
            return null;
        }

        var done = Math.Max(nowNs, first.DoneNs);
        RunUntil(done);
        return done;
    }

    private void Start(long nowNs)
    {
        var (page, device, job, _) = _dirty.Dequeue();
        ref var flags = ref memcg.Folios.Writeback[page];
        flags = flags & ~WritebackFlags.Dirty | WritebackFlags.Writeback;
        if (!memcg.Rmap.IsEmpty)
        {
            memcg.Rmap.Clean(page);
        }

        _lastDoneNs = Math.Max(_lastDoneNs, device.Submit(nowNs, 4096));
        _underway.Enqueue((page, _lastDoneNs));
        _written[job]++;
    }

    private void End(uint page)
    {
        ref var flags = ref memcg.Folios.Writeback[page];
        var marked = (flags & WritebackFlags.Reclaim) != 0;
        flags &= ~(WritebackFlags.Writeback | WritebackFlags.Reclaim);
        if (marked && (flags & WritebackFlags.Dirty) == 0)
        {
            memcg.Lruvec.Rotate(page);
        }
    }
}
