using Reclaim.Model.Time;

namespace Reclaim.Model.Writeback;

/// <summary>
/// The flusher of one memcg on one device (struct bdi_writeback) and its files.
///
/// <code>
///   made dirty ──► b_dirty ──expired, or all──► b_io ──► written, 1024 pages or more at a time
///                     ▲                          ▲              │
///                     │                          └── b_more_io ◄┤ more to write, its turn is over
///                     └─────────────────────────────────────────┘ more to write, its end was reached
/// </code>
///
/// Each list is in order of time, and a file goes on where it was left off, in order of index. The flusher is woken by its timer, by
/// a writer above the freerun ceiling, or by reclaim; then it writes what it was asked for, what has expired, and down to the
/// background threshold, in this order, and sleeps. It has so many requests at its device at most, and goes on as they are done.
///
/// How it works is in the file beside this one.
///
/// Source: struct bdi_writeback; wb_workfn, wb_wakeup, wb_wakeup_delayed, wb_start_writeback, __mark_inode_dirty in
/// fs/fs-writeback.c, v6.8; the same in v6.1 to v6.19.
/// Simplified: its CPU time is nobody's; no metadata, and none of the block layer's own throttling of writes (wbt).
/// </summary>
/// <param name="domain">The memcg's dirty pages.</param>
/// <param name="device">The device.</param>
/// <param name="nowNs">When its first file was made dirty.</param>
internal sealed partial class BdiWriteback(WritebackDomain domain, Device device, long nowNs)
{
    /// <summary>BLKDEV_DEFAULT_RQ.</summary>
    private const int DefaultRequests = 128;

    private readonly Queue<DirtyInode> _dirty = new();
    private readonly Queue<DirtyInode> _io = new();
    private readonly Queue<DirtyInode> _moreIo = new();

    /// <summary>nr_requests: twice the device's depth (blk_mq_init_sched).</summary>
    private readonly int _maxRequests = 2 * Math.Min(device.QueueDepth, DefaultRequests);
    private long _newestDirtiedNs;
    private int _requests;

    private bool _isRunning;
    private bool _wokenAgain;
    private Stage _stage;
    private bool _startAll;
    private long _lastOldFlushNs = nowNs;

    /// <summary>Its device.</summary>
    public Device Device { get; } = device;

    /// <summary>What it knows of its device.</summary>
    public BandwidthEstimate Estimate { get; } = new();

    /// <summary>Its part of what was written lately.</summary>
    public Completions.Part Written { get; } = new();

    /// <summary>Dirty pages of its files.</summary>
    public long DirtyPages { get; set; }

    /// <summary>Pages of its requests under way.</summary>
    public long UnderWriteback { get; set; }

    /// <summary>Virtual time at which it wakes up by itself; never while it is awake or has nothing.</summary>
    public long TimerNs { get; private set; } = long.MaxValue;

    private bool HasDirtyIo => _inode is not null || _dirty.Count + _io.Count + _moreIo.Count != 0;

    /// <summary>Takes a file that has become dirty onto its list (__mark_inode_dirty).</summary>
    public void Add(DirtyInode inode, long nowNs)
    {
        inode.IsListed = true;
        inode.DirtiedWhenNs = nowNs;
        Append(inode);
        if (!_isRunning && TimerNs == long.MaxValue)
        {
            SetTimer(nowNs);
        }
    }

    /// <summary>Reclaim wants all written that is dirty (wb_start_writeback).</summary>
    public void StartAll(long nowNs)
    {
        if (HasDirtyIo && !_startAll)
        {
            _startAll = true;
            Wake(nowNs);
        }
    }

    /// <summary>A writer is above the freerun ceiling (wb_start_background_writeback).</summary>
    public void StartBackground(long nowNs)
    {
        if (HasDirtyIo && !_isRunning)
        {
            Wake(nowNs);
        }
    }

    /// <summary>Its timer has run down.</summary>
    public void OnTimer(long nowNs) => Wake(nowNs);

    /// <summary>A request is done.</summary>
    public void Completed(long nowNs)
    {
        _requests--;
        if (_isRunning)
        {
            Run(nowNs);
        }
    }

    private void Wake(long nowNs)
    {
        if (_isRunning)
        {
            _wokenAgain = true;
            return;
        }

        TimerNs = long.MaxValue;
        (_isRunning, _stage) = (true, Stage.All);
        Run(nowNs);
    }

    private void SetTimer(long nowNs)
    {
        var period = domain.Sysctls.PeriodNs;
        TimerNs = period == 0 ? long.MaxValue : nowNs + period;
    }

    private void Append(DirtyInode inode)
    {
        _newestDirtiedNs = inode.DirtiedWhenNs;
        _dirty.Enqueue(inode);
    }
}
