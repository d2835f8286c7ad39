using Reclaim.Model.Folios;
using Reclaim.Model.Kernels;
using Reclaim.Model.Memcg;
using Reclaim.Model.Time;

namespace Reclaim.Model.Writeback;

/// <summary>
/// The dirty pages of a memcg (its struct wb_domain): which they are and how many there may be. When writers wait is in the file on
/// balance beside this one.
///
/// <code>
///   clean ──write(2), store──► dirty ──flusher──► writeback ──device──► clean
///                                ▲                   │ └─ marked by reclaim: rotated to the tail
///                                └──── write(2) ─────┘
/// </code>
///
/// Who writes them, and in which order, is <see cref="BdiWriteback"/>'s. A run of neighbouring dirty pages is one request.
///
/// Source: wb_over_bg_thresh, mdtc_calc_avail, folio_account_dirtied in mm/page-writeback.c;
/// mem_cgroup_wb_stats in mm/memcontrol.c; wakeup_flusher_threads in fs/fs-writeback.c; folio_end_writeback in mm/filemap.c, v6.8.
/// The host's limits are told of other memcgs' dirty pages where memory may be short (<see cref="Host"/>). Elsewhere they never come first: no
/// memcg may have more dirty than its share of memory, and all fit together.
/// Simplified: a device's share of the host's limit is by what the memcg itself has written lately.
/// </summary>
internal sealed partial class WritebackDomain
{
    private readonly MemoryCgroup _memcg;
    private readonly long _hostPages;
    private readonly DirtyLimits _roomyLimits;
    private readonly DirtyInode[] _inodes;
    private readonly TaggedPages _tagged;
    private readonly List<BdiWriteback> _flushers = [];
    private readonly Completions _completions = new();
    private readonly FlusherShare _share;
    private readonly PriorityQueue<WriteRequest, (long DoneNs, long Number)> _requests = new();
    private readonly int[] _dirtiedBy;
    private readonly long[] _written;
    private long _submitted;

    /// <param name="memcg">The cgroup; its folios must keep track of writeback.</param>
    /// <param name="jobs">Jobs that may write.</param>
    /// <param name="sysctls">vm.dirty_* of the host.</param>
    /// <param name="hostPages">Pages of the host.</param>
    /// <param name="share">What a device may have dirty that wrote nothing lately.</param>
    public WritebackDomain(MemoryCgroup memcg, int jobs, DirtySysctls sysctls, long hostPages, FlusherShare share)
    {
        _share = share;
        _memcg = memcg;
        _hostPages = hostPages;
        Sysctls = sysctls;
        _roomyLimits = DirtyLimits.OfHost(sysctls, hostPages);
        _inodes = [.. Enumerable.Range(0, memcg.Tree.Files).Select(file =>
        {
            var (first, end) = memcg.Tree.PagesOf(file);
            return new DirtyInode(first, end);
        })];
        var pages = (int)memcg.Folios.FirstAnon;
        _tagged = new TaggedPages(pages);
        _dirtiedBy = new int[pages];
        _written = new long[jobs];
        _dirtiers = new Dirtier[jobs];
        _dirtiers.AsSpan().Fill(new Dirtier());
    }

    /// <summary>Pages dirty: "file_dirty" in memory.stat.</summary>
    public long Dirty { get; private set; }

    /// <summary>Pages under writeback: "file_writeback".</summary>
    public long UnderWriteback { get; private set; }

    /// <summary>Files with dirty pages.</summary>
    public int DirtyInodes { get; private set; }

    /// <summary>vm.dirty_* of the host.</summary>
    public DirtySysctls Sysctls { get; }

    /// <summary>The page cache of the host, if others may have so much of it dirty that the host's limits come first; null: they never do.</summary>
    public HostCache? Host { get; set; }

    /// <summary>How much may be dirty on the host.</summary>
    public DirtyLimits HostLimits => Host is { } host ? DirtyLimits.OfHost(Sysctls, Math.Max(1, host.Dirtyable)) : _roomyLimits;

    /// <summary>Virtual time at which <see cref="RunUntil"/> has something to do next.</summary>
    public long NextEventNs { get; private set; } = long.MaxValue;

    /// <summary>Room below memory.max and memory.high of the memcg and of all above it.</summary>
    private long Headroom => Math.Max(0, Math.Min(
        Math.Min(_memcg.Charge.Max, _memcg.High), Math.Min(_memcg.Charge.Ceiling, _memcg.Charge.HighCeiling)) - _memcg.Charge.Usage);

    /// <summary>What others could make dirty and have not: the memcg's headroom is worth no more than that.</summary>
    private long OtherClean => Host is { } host
        ? Math.Max(0, host.Dirtyable - host.OthersDirty - host.OthersUnderWriteback - Math.Max(_memcg.FilePages, Dirty + UnderWriteback))
        : _hostPages;

    /// <summary>Of the memcg's own: what it could give to dirty pages is its file pages and its headroom.</summary>
    private DirtyLimits Limits => DirtyLimits.OfMemcg(Sysctls, _memcg.FilePages + Math.Min(Headroom, OtherClean), Math.Max(1, Host?.Dirtyable ?? _hostPages));

    /// <summary>The flusher of a device; null as long as nothing was written to it.</summary>
    public BdiWriteback? FlusherOf(Device device) => _flushers.Find(flusher => flusher.Device == device);

    /// <summary>Pages written so far that a job had made dirty.</summary>
    public long WrittenFor(int job) => _written[job];

    /// <summary>Makes a page dirty.</summary>
    public void MarkDirty(uint page, Device device, int job, long nowNs)
    {
        ref var flags = ref _memcg.Folios.Writeback[page];

        // Once a page is dirty, the bit of the mark says something else (folio_mark_dirty).
        _memcg.Folios.Readahead?.Clear(page);
        if ((flags & WritebackFlags.Dirty) != 0)
        {
            return;
        }

        flags |= WritebackFlags.Dirty;
        Dirty++;
        _tagged.Set(page);
        _dirtiedBy[page] = job;
        _dirtiers[job].Dirtied++;
        var inode = _inodes[_memcg.Tree.FileOf(page)];
        inode.DirtyPages++;
        inode.Flusher ??= FlusherOf(device) ?? NewFlusher(device, nowNs);
        inode.Flusher.DirtyPages++;
        inode.Flusher.Estimate.Dirtied++;
        if (!inode.IsListed)
        {
            DirtyInodes++;
            inode.Flusher.Add(inode, nowNs);
            FindNextEvent();
        }
    }

    /// <summary>
    /// Whether a flusher has to go on, since too much is dirty in all or of its own files (wb_over_bg_thresh). Pages under writeback do not
    /// count here.
    /// </summary>
    public bool IsOverBackground(BdiWriteback flusher, long nowNs)
    {
        var background = Limits.Background;
        if (Dirty > background || (Host is { } host && host.OthersDirty + Dirty > HostLimits.Background))
        {
            return true;
        }

        var own = _completions.ShareOf(background, flusher.Written, nowNs);
        return flusher.DirtyPages > (_share == FlusherShare.AtLeastEighth ? Math.Max(own, (background - Dirty) / 8) : own);
    }

    /// <summary>Lets the devices and the flushers come as far as that.</summary>
    public void RunUntil(long nowNs)
    {
        while (NextEventNs <= nowNs)
        {
            var now = NextEventNs;
            if (_requests.TryPeek(out _, out var first) && first.DoneNs == now)
            {
                var request = _requests.Dequeue();
                EndWriteback(request, now);
                request.Flusher.Completed(now);
            }
            else
            {
                _flushers.First(flusher => flusher.TimerNs == now).OnTimer(now);
            }

            FindNextEvent();
        }
    }

    /// <summary>Reclaim met dirty pages that nobody writes yet (wakeup_flusher_threads).</summary>
    public void WakeFlushers(long nowNs)
    {
        foreach (var flusher in _flushers)
        {
            flusher.StartAll(nowNs);
        }

        FindNextEvent();
    }

    /// <summary>Sends all dirty pages of a file to its device, without waiting for them (__filemap_fdatawrite_range, WB_SYNC_NONE).</summary>
    public void WriteOut(int file, long nowNs)
    {
        var inode = _inodes[file];
        inode.Flusher?.WriteOut(inode, nowNs);
        FindNextEvent();
    }

    /// <summary>Waits for the next request under way.</summary>
    /// <returns>When it is done, or null if there is none.</returns>
    public long? WaitForSome(long nowNs)
    {
        if (!_requests.TryPeek(out _, out var first))
        {
            return null;
        }

        var done = Math.Max(nowNs, first.DoneNs);
        RunUntil(done);
        return done;
    }

    /// <summary>The next dirty pages of a file that are not under writeback already and lie side by side.</summary>
    /// <param name="inode">The file.</param>
    /// <param name="from">Page from which on.</param>
    /// <param name="most">How many at most.</param>
    /// <returns>The first and how many; none if there are none to its end.</returns>
    public (uint First, int Pages) NextToWrite(DirtyInode inode, uint from, int most)
    {
        var flags = _memcg.Folios.Writeback;
        var first = _tagged.Next(from, inode.End);
        while (first < inode.End && (flags[first] & WritebackFlags.Writeback) != 0)
        {
            first = _tagged.Next(first + 1, inode.End);
        }

        var pages = 0;
        while (pages < most && first + pages < inode.End
            && (flags[first + pages] & (WritebackFlags.Dirty | WritebackFlags.Writeback)) == WritebackFlags.Dirty)
        {
            pages++;
        }

        return (first, pages);
    }

    /// <summary>Pages are sent to the device (folio_clear_dirty_for_io, folio_start_writeback).</summary>
    public void StartWriteback(DirtyInode inode, uint first, int pages)
    {
        for (var page = first; page < first + pages; page++)
        {
            ref var flags = ref _memcg.Folios.Writeback[page];
            flags = flags & ~WritebackFlags.Dirty | WritebackFlags.Writeback;
            _tagged.Clear(page);
            _written[_dirtiedBy[page]]++;
            if (!_memcg.Rmap.IsEmpty)
            {
                _memcg.Rmap.Clean(page);
            }
        }

        inode.DirtyPages -= pages;
        inode.Flusher!.DirtyPages -= pages;
        inode.Flusher.UnderWriteback += pages;
        Dirty -= pages;
        UnderWriteback += pages;
    }

    /// <summary>A request is at the device until then.</summary>
    public void Submitted(WriteRequest request, long doneNs) => _requests.Enqueue(request, (doneNs, _submitted++));

    /// <summary>Pages are written (folio_end_writeback).</summary>
    public void EndWriteback(WriteRequest request, long nowNs)
    {
        var (flusher, first, pages) = request;
        flusher.UnderWriteback -= pages;
        flusher.Estimate.Written += pages;
        _completions.Add(flusher.Written, pages, nowNs);
        UnderWriteback -= pages;
        for (var page = first; page < first + pages; page++)
        {
            ref var flags = ref _memcg.Folios.Writeback[page];
            var marked = (flags & WritebackFlags.Reclaim) != 0;
            flags &= ~(WritebackFlags.Writeback | WritebackFlags.Reclaim);
            if (marked && (flags & WritebackFlags.Dirty) == 0)
            {
                _memcg.Lruvec.Rotate(page);
            }
        }
    }

    /// <summary>A file has no dirty pages left.</summary>
    public void BecameClean() => DirtyInodes--;

    private BdiWriteback NewFlusher(Device device, long nowNs)
    {
        var flusher = new BdiWriteback(this, device, nowNs);
        _flushers.Add(flusher);
        return flusher;
    }

    private void FindNextEvent()
    {
        NextEventNs = _requests.TryPeek(out _, out var first) ? first.DoneNs : long.MaxValue;
        foreach (var flusher in _flushers)
        {
            NextEventNs = Math.Min(NextEventNs, flusher.TimerNs);
        }
    }
}
