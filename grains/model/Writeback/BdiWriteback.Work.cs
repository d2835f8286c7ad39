namespace Reclaim.Model.Writeback;

/// <content>
/// What a flusher does when it is awake: it takes up work, and of that work file after file, and of a file request after request, as
/// far as its device takes them.
///
/// Source: wb_do_writeback, wb_writeback, writeback_sb_inodes, writeback_chunk_size, queue_io, requeue_inode, redirty_tail in
/// fs/fs-writeback.c; write_cache_pages in mm/page-writeback.c (a range that is cyclic), v6.8.
/// </content>
internal sealed partial class BdiWriteback
{
    /// <summary>MIN_WRITEBACK_PAGES.</summary>
    private const long MinPages = 1024;

    /// <summary>DIRTY_SCOPE: a file's turn is at most this part of the host's limit.</summary>
    private const int DirtyScope = 8;

    /// <summary>BIO_MAX_VECS: pages of a request.</summary>
    private const int MaxRequestPages = 256;

    /// <summary>After this long the flusher looks at the thresholds again (HZ / 10).</summary>
    private const long PassNs = 100_000_000;

    private const int PageSize = 4096;

    // The work being done (struct wb_writeback_work), and the pass over b_io in it.
    private Stage _work;
    private bool _working;
    private long _pagesLeft;
    private bool _queued;
    private bool _inPass;
    private long _passStartNs;
    private long _passDirtiedBeforeNs;
    private long _passWrote;

    // The file being written, how much of it, and where.
    private DirtyInode? _inode;
    private long _chunk;
    private long _chunkLeft;
    private uint _index;

    /// <summary>What a flusher that was woken does, in order.</summary>
    private enum Stage
    {
        /// <summary>All that is dirty, as reclaim asked (wb_check_start_all).</summary>
        All,

        /// <summary>What is older than vm.dirty_expire_centisecs (wb_check_old_data_flush).</summary>
        Old,

        /// <summary>Down to the background threshold (wb_check_background_flush).</summary>
        Background,

        Done,
    }

    /// <summary>Goes on until its requests are at the device, or there is nothing more to do.</summary>
    private void Run(long nowNs)
    {
        for (; ; )
        {
            if (_inode is not null)
            {
                if (_requests >= _maxRequests)
                {
                    return;
                }

                if (!TryWrite(nowNs))
                {
                    Requeue(_inode, nowNs);
                }
            }
            else if (!NextInode(nowNs) && !NextWork(nowNs))
            {
                return;
            }
        }
    }

    /// <summary>Finds something to do, or sleeps (wb_do_writeback).</summary>
    private bool NextWork(long nowNs)
    {
        while (_stage != Stage.Done || _wokenAgain)
        {
            if (_stage == Stage.Done)
            {
                (_stage, _wokenAgain) = (Stage.All, false);
            }

            var stage = _stage++;
            if (stage == Stage.All && _startAll)
            {
                return Begin(stage, domain.Dirty + domain.DirtyInodes);
            }

            if (stage == Stage.Old)
            {
                _startAll = false;
                var period = domain.Sysctls.PeriodNs;
                if (period != 0 && nowNs - _lastOldFlushNs >= period)
                {
                    _lastOldFlushNs = nowNs;
                    return Begin(stage, domain.Dirty + domain.DirtyInodes);
                }
            }

            if (stage == Stage.Background && domain.IsOverBackground(this, nowNs))
            {
                return Begin(stage, long.MaxValue);
            }
        }

        _isRunning = false;
        if (HasDirtyIo)
        {
            SetTimer(nowNs);
        }

        return false;
    }

    private bool Begin(Stage work, long pages)
    {
        (_work, _working, _pagesLeft, _queued, _inPass) = (work, true, pages, false, false);
        return true;
    }

    /// <summary>Takes the next file of the work being done (wb_writeback, writeback_sb_inodes).</summary>
    /// <returns>False if that work is done.</returns>
    private bool NextInode(long nowNs)
    {
        while (_working)
        {
            if (_inPass && _io.Count != 0 && (_passWrote == 0 || (nowNs <= _passStartNs + PassNs && _pagesLeft > 0)))
            {
                _inode = _io.Dequeue();
                _chunk = _chunkLeft = ChunkPages();
                _index = _inode.WritebackIndex;
                Estimate.Start(nowNs, UnderWriteback != 0);
                return true;
            }

            _working = !(_inPass && _passWrote == 0 && _queued) && _pagesLeft > 0
                && (_work != Stage.Background || domain.IsOverBackground(this, nowNs));
            if (_working)
            {
                _passDirtiedBeforeNs = nowNs - (_work == Stage.Old ? domain.Sysctls.ExpireNs : 0);
                (_inPass, _passStartNs, _passWrote) = (true, nowNs, 0);
                if (_io.Count == 0)
                {
                    QueueIo();
                }
            }
        }

        return false;
    }

    /// <summary>Makes a batch of files to be written: those that wait for another turn, then those that were made dirty before then (queue_io).</summary>
    private void QueueIo()
    {
        _queued = true;
        while (_moreIo.TryDequeue(out var waiting))
        {
            _io.Enqueue(waiting);
        }

        while (_dirty.TryPeek(out var oldest) && oldest.DirtiedWhenNs <= _passDirtiedBeforeNs)
        {
            _io.Enqueue(_dirty.Dequeue());
        }
    }

    /// <summary>Pages of a file's turn: what is written in half a second, but at least 1024 (writeback_chunk_size).</summary>
    private long ChunkPages()
    {
        var pages = Math.Min(Math.Min(Estimate.Average / 2, domain.HostLimits.Limit / DirtyScope), _pagesLeft);
        return (pages + MinPages) / MinPages * MinPages;
    }

    /// <summary>Sends the next dirty pages of the file to the device (write_cache_pages).</summary>
    /// <returns>False if its turn or its pages are at an end.</returns>
    private bool TryWrite(long nowNs)
    {
        if (_chunkLeft <= 0)
        {
            return false;
        }

        var (first, pages) = domain.NextToWrite(_inode!, _index, (int)Math.Min(_chunkLeft, MaxRequestPages));
        if (pages == 0)
        {
            // The next time it begins from the start.
            _index = _inode!.First;
            return false;
        }

        _index = first + (uint)pages;
        _chunkLeft -= pages;
        Send(_inode!, first, pages, nowNs);
        return true;
    }

    /// <summary>Sends all dirty pages of a file to the device, however many requests that takes: somebody asked for it (filemap_fdatawrite_wbc).</summary>
    public void WriteOut(DirtyInode inode, long nowNs)
    {
        for (var (first, pages) = domain.NextToWrite(inode, inode.First, MaxRequestPages); pages != 0;
            (first, pages) = domain.NextToWrite(inode, first + (uint)pages, MaxRequestPages))
        {
            Send(inode, first, pages, nowNs);
        }
    }

    private void Send(DirtyInode inode, uint first, int pages, long nowNs)
    {
        domain.StartWriteback(inode, first, pages);
        var request = new WriteRequest(this, first, pages);
        var done = Device.Submit(nowNs, (long)pages * PageSize);
        if (done <= nowNs)
        {
            domain.EndWriteback(request, nowNs);
        }
        else
        {
            _requests++;
            domain.Submitted(request, done);
        }
    }

    /// <summary>A file's turn is over (requeue_inode).</summary>
    private void Requeue(DirtyInode inode, long nowNs)
    {
        _inode = null;
        inode.WritebackIndex = _index;
        if (Estimate.IsDue(nowNs))
        {
            Estimate.Update(nowNs);
        }

        _pagesLeft -= _chunk - _chunkLeft;
        _passWrote += _chunk - _chunkLeft;
        if (inode.DirtyPages == 0)
        {
            _passWrote++;
            inode.IsListed = false;
            domain.BecameClean();
        }
        else if (_chunkLeft <= 0 && inode.DirtiedWhenNs <= _passDirtiedBeforeNs)
        {
            _moreIo.Enqueue(inode);
        }
        else
        {
            if (_dirty.Count != 0 && inode.DirtiedWhenNs < _newestDirtiedNs)
            {
                inode.DirtiedWhenNs = nowNs;
            }

            Append(inode);
        }
    }
}
