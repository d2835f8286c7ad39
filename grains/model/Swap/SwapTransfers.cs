namespace Reclaim.Model.Swap;

/// <summary>
/// Reads and writes of areas that take time. Pages gone through together whose slots lie side by side are one transfer, as a plugged queue
/// of the block layer merges them.
///
/// <code>
///   reclaim writes 8 pages     slots 40 41 42 43 │ 70 │ 12 13 14     three transfers
/// </code>
///
/// Source: swap_writepage_bdev_async, swap_readpage_bdev_async in mm/page_io.c, v6.8. Simplified: writes of one area end in the order in
/// which they began.
/// </summary>
internal sealed class SwapTransfers(SwapSpace space)
{
    private const int PageSize = 4096;

    private readonly List<(uint Page, uint Slot)> _toWrite = [];
    private readonly List<(uint Page, uint Slot)> _toRead = [];
    private readonly List<(uint Page, long DoneNs)> _reads = [];
    private readonly WritesOfArea[] _writes = [.. space.Areas.Select(area => new WritesOfArea(area))];

    /// <summary>Pages under writeback.</summary>
    public int UnderWriteback { get; private set; }

    /// <summary>Whether pages wait to be written.</summary>
    public bool HasWrites => _toWrite.Count != 0;

    /// <summary>When the next write ends; null if none is under way.</summary>
    public long? NextEndNs => First()?.Queue.Peek().DoneNs;

    /// <summary>Adds a page to those that will be written together.</summary>
    public void Write(uint page) => _toWrite.Add((page, space.SlotOf(page)));

    /// <summary>Adds a page to those that will be read together.</summary>
    public void Read(uint page) => _toRead.Add((page, space.SlotOf(page)));

    /// <summary>Writes what was gathered.</summary>
    public void SubmitWrites(long nowNs)
    {
        UnderWriteback += _toWrite.Count;
        for (var from = 0; from < _toWrite.Count;)
        {
            var to = EndOfRun(_toWrite, from, out var area);
            var writes = Of(area);
            writes.LastDoneNs = Math.Max(writes.LastDoneNs, area.Plan.Device.Submit(nowNs, (long)(to - from) * PageSize));
            for (; from < to; from++)
            {
                writes.Queue.Enqueue((_toWrite[from].Page, _toWrite[from].Slot, writes.LastDoneNs));
            }
        }

        _toWrite.Clear();
    }

    /// <summary>Reads what was gathered.</summary>
    public void SubmitReads(long nowNs)
    {
        Forget(nowNs);
        for (var from = 0; from < _toRead.Count;)
        {
            var to = EndOfRun(_toRead, from, out var area);
            var done = area.Plan.Device.Submit(nowNs, (long)(to - from) * PageSize);
            for (; from < to; from++)
            {
                if (done > nowNs)
                {
                    _reads.Add((_toRead[from].Page, done));
                }
            }
        }

        _toRead.Clear();
    }

    /// <summary>Virtual time at which a page that was read is there; 0 if it has long been.</summary>
    public long UpToDateNs(uint page)
    {
        var doneNs = 0L;
        foreach (var (read, done) in _reads)
        {
            doneNs = read == page ? done : doneNs;
        }

        return doneNs;
    }

    /// <summary>Whether a page is locked, because its read has not ended.</summary>
    public bool IsReading(uint page, long nowNs)
    {
        foreach (var (read, _) in _toRead)
        {
            if (read == page)
            {
                return true;
            }
        }

        return UpToDateNs(page) > nowNs;
    }

    /// <summary>Whether any page may be.</summary>
    public bool Reads => _toRead.Count + _reads.Count != 0;

    /// <summary>Takes the page whose write has ended first, if by then.</summary>
    /// <returns>False if none has.</returns>
    public bool TryEnd(long nowNs, out uint page, out uint slot)
    {
        if (UnderWriteback == 0 || First() is not { } writes || writes.Queue.Peek().DoneNs > nowNs)
        {
            (page, slot) = (0, 0);
            return false;
        }

        UnderWriteback--;
        (page, slot, _) = writes.Queue.Dequeue();
        return true;
    }

    private WritesOfArea? First()
    {
        WritesOfArea? first = null;
        foreach (var writes in _writes)
        {
            if (writes.Queue.Count != 0 && (first is null || writes.Queue.Peek().DoneNs < first.Queue.Peek().DoneNs))
            {
                first = writes;
            }
        }

        return first;
    }

    private WritesOfArea Of(SwapArea area)
    {
        var i = 0;
        while (_writes[i].Area != area)
        {
            i++;
        }

        return _writes[i];
    }

    /// <summary>Forgets the reads that have ended.</summary>
    private void Forget(long nowNs)
    {
        var left = 0;
        for (var i = 0; i < _reads.Count; i++)
        {
            if (_reads[i].DoneNs > nowNs)
            {
                _reads[left++] = _reads[i];
            }
        }

        _reads.RemoveRange(left, _reads.Count - left);
    }

    private int EndOfRun(List<(uint Page, uint Slot)> pages, int from, out SwapArea area)
    {
        area = space.AreaOf(pages[from].Slot);
        var to = from + 1;
        while (to < pages.Count && pages[to].Slot == pages[to - 1].Slot + 1 && space.AreaOf(pages[to].Slot) == area)
        {
            to++;
        }

        return to;
    }

    private sealed class WritesOfArea(SwapArea area)
    {
        public SwapArea Area { get; } = area;

        public Queue<(uint Page, uint Slot, long DoneNs)> Queue { get; } = new();

        public long LastDoneNs { get; set; }
    }
}
