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

    private readonly List<(uint Page, uint Slot)> _gathered = [];
    private readonly List<(uint Page, long DoneNs)> _reads = [];
    private readonly WritesOfArea[] _writes = [.. space.Areas.Select(area => new WritesOfArea(area))];

    /// <summary>Pages under writeback.</summary>
    public int UnderWriteback { get; private set; }

    /// <summary>Whether pages wait to be submitted.</summary>
    public bool HasGathered => _gathered.Count != 0;

    /// <summary>When the next write ends; null if none is under way.</summary>
    public long? NextEndNs => First()?.Queue.Peek().DoneNs;

    /// <summary>Adds a page to those that will be read or written together.</summary>
    public void Gather(uint page) => _gathered.Add((page, space.SlotOf(page)));

    /// <summary>Writes what was gathered.</summary>
    public void SubmitWrites(long nowNs)
    {
        UnderWriteback += _gathered.Count;
        for (var from = 0; from < _gathered.Count;)
        {
            var to = EndOfRun(from, out var area);
            var writes = Array.Find(_writes, writes => writes.Area == area)!;
            writes.LastDoneNs = Math.Max(writes.LastDoneNs, area.Plan.Device.Submit(nowNs, (long)(to - from) * PageSize));
            for (; from < to; from++)
            {
                writes.Queue.Enqueue((_gathered[from].Page, _gathered[from].Slot, writes.LastDoneNs));
            }
        }

        _gathered.Clear();
    }

    /// <summary>Reads what was gathered.</summary>
    public void SubmitReads(long nowNs)
    {
        _reads.RemoveAll(read => read.DoneNs <= nowNs);
        for (var from = 0; from < _gathered.Count;)
        {
            var to = EndOfRun(from, out var area);
            var done = area.Plan.Device.Submit(nowNs, (long)(to - from) * PageSize);
            for (; from < to; from++)
            {
                if (done > nowNs)
                {
                    _reads.Add((_gathered[from].Page, done));
                }
            }
        }

        _gathered.Clear();
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

    private int EndOfRun(int from, out SwapArea area)
    {
        area = space.AreaOf(_gathered[from].Slot);
        var to = from + 1;
        while (to < _gathered.Count && _gathered[to].Slot == _gathered[to - 1].Slot + 1 && space.AreaOf(_gathered[to].Slot) == area)
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
