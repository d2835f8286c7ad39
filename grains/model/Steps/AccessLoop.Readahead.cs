using Reclaim.Model.Folios;
using Reclaim.Model.Memcg;
using Reclaim.Model.Pressure;
using Reclaim.Model.Readahead;

namespace Reclaim.Model.Steps;

/// <content>
/// read(2) of files with readahead.
///
/// <code>
///   page in memory? ──no──► window ──► bring in what is missing of it, one transfer ──┐
///        │ yes ◄──────────────────────────────────────────────────────────────────────┘
///        ▼
///   has the mark? ──yes──► take it off; next window likewise, without waiting for it
///        ▼
///   wait until the page is up to date ──► one access
/// </code>
///
/// Source: filemap_read, filemap_get_pages, filemap_readahead in mm/filemap.c; page_cache_ra_unbounded in mm/readahead.c, v6.8.
/// Simplified: pages of a request are looked at one by one, not in batches; a page may be evicted while its request goes on;
/// a page read ahead that cannot be charged fails the container, not the readahead; a transfer is waited for by the open file
/// that started it, not by others who read its pages.
/// </content>
internal sealed partial class AccessLoop<TCache>
{
    /// <summary>
    /// Most pages that are read at once for advice: what a block device takes in one request by default, BLK_DEF_MAX_SECTORS
    /// (force_page_cache_ra), or the readahead window if that is larger.
    /// </summary>
    private const int IoPages = 320;

    /// <inheritdoc/>
    public override void WillNeed(int file)
    {
        foreach (var job in Jobs)
        {
            if (job.Plan.Streams.FirstOrDefault(stream => stream.File == file && stream.Path != AccessPath.Anonymous) is not { } plan)
            {
                continue;
            }

            var first = FileBase(file);
            var end = first + (uint)Math.Min(FilePages[file], Math.Max(IoPages, plan.ReadAheadPages));
            var read = 0L;
            for (var page = first; page < end; page++)
            {
                if (Memcg!.Folios.State[page] == 0)
                {
                    _cache.BringIn(page, again: true);
                    read++;
                }
            }

            job.Counts.DeviceReads += read;
            plan.Device.Submit(AccessNs, read * PageSize);
            return;
        }
    }

    private uint FileBase(int file)
    {
        var pages = 0;
        for (var before = 0; before < file; before++)
        {
            pages += PageCacheTree.LeavesOf(FilePages[before]) * 64;
        }

        return (uint)pages;
    }

    /// <summary>Reads from an open file with readahead.</summary>
    /// <returns>False if the step has no pages left, or it slept: the request will go on where it is.</returns>
    private bool TryReadRequest(Job job, Stream stream, OpenFile file, long offset)
    {
        var end = ((offset + stream.BlockBytes - 1) >> PageShift) + 1;
        if (file.InRequest)
        {
            file.Clock = file.Clock.Resume(ref job.NowNs);
        }
        else
        {
            file.Begin(job.NowNs, offset >> PageShift);
        }

        while (file.Index < end)
        {
            var offCpuNs = job.OffCpuNs;
            if (!TryReadPage(job, stream, file, offset >> PageShift, end))
            {
                file.Clock = file.Clock.Interrupt(ref job.NowNs);
                return false;
            }

            if (job.OffCpuNs != offCpuNs && file.Index < end)
            {
                file.Clock = Wake(file.Clock, job);
                return false;
            }
        }

        var first = offset >> PageShift;
        job.Counts.Accesses += end - first;
        job.Counts.Requests++;
        stream.Previous = stream.Base + (uint)(end - 1);
        file.Window = file.Window.After(offset + stream.BlockBytes);
        file.InRequest = false;
        ReturnToUser(job);
        Complete(job, file.Clock.StartNs, Math.Max(job.NowNs, file.DoneNs), TaskStates.IoWait);
        return true;
    }

    /// <summary>Goes on with a page of a request.</summary>
    /// <returns>False if the step has no pages left.</returns>
    private bool TryReadPage(Job job, Stream stream, OpenFile file, long first, long end)
    {
        if (!TryFillRange(job, stream, file, end))
        {
            return false;
        }

        var folios = Memcg!.Folios;
        var index = file.Index;
        var page = stream.Base + (uint)index;
        var requested = (int)(end - index);
        var residency = new FileResidency(folios.State, stream.Base, FilePages[file.File]);
        if (folios.State[page] == 0)
        {
            // Where readahead left a hole after all, the page is read alone (filemap_create_folio).
            var alone = new ReadaheadRange(index, 1, 0);
            (file.Window, file.Range) = file.Tried ? (file.Window, alone)
                : file.IsRandom ? (file.Window, alone with { Pages = requested })
                : file.Window.Miss(index, requested, file.Max, residency);
            file.Range = file.Range.Within(Math.Max(residency.Pages, end));
            file.Tried = true;
            return true;
        }

        if (!file.IsRandom && TryTakeMark(folios, page))
        {
            Memcg.Shared?.Marked(page, set: false);
            (file.Window, file.Range) = file.Window.Marked(index, requested, file.Max, residency);
            file.Range = file.Range.Within(residency.Pages);
            return true;
        }

        Await(job, file, page, file.UpToDateNs(index));
        _cache.Read(page, again: index == first && page == stream.Previous);
        job.NowNs += Costs.HitNs;
        GoFar(job, page);
        LockForMoves(job);
        (file.Index, file.Tried) = (index + 1, false);
        return true;
    }

    /// <summary>Brings in what is left of the range of an open file, and starts its transfer.</summary>
    /// <returns>False if the step has no pages left.</returns>
    private bool TryFillRange(Job job, Stream stream, OpenFile file, long end)
    {
        var range = file.Range;
        if (range.Pages == 0)
        {
            return true;
        }

        var folios = Memcg!.Folios;
        for (; file.RangeDone < range.Pages; file.RangeDone++)
        {
            var index = range.Start + file.RangeDone;
            var page = stream.Base + (uint)index;
            if (folios.State[page] != 0)
            {
                continue;
            }

            if (!TryInsert(job, page, inFault: stream.Vma is { HasRecency: true }))
            {
                return false;
            }

            file.RangeRead++;
            if (index >= file.Index && index < end)
            {
                job.Counts.Misses++;
            }
            else
            {
                job.Counts.ReadaheadPages++;
            }

            if (index == range.Mark)
            {
                folios.Readahead!.Set(page);
                Memcg.Shared?.Marked(page, set: true);
            }
        }

        if (file.RangeRead != 0)
        {
            var done = stream.Device.Submit(job.NowNs, (long)file.RangeRead * PageSize);
            file.Started(range.Start, range.End, job.NowNs, done);
        }

        (file.Range, file.RangeDone, file.RangeRead) = (default, 0, 0);
        return true;
    }

    /// <summary>Brings in a page without reading it: no access is counted.</summary>
    /// <returns>False if the step has no pages left: nothing happened.</returns>
    private bool TryInsert(Job job, uint page, bool inFault)
    {
        if (IsOutOfPages(job))
        {
            return false;
        }

        var events = _stat.ReclaimsOfCharges;
        var work = _lruvec!.Work;
        AccessNs = job.NowNs;
        _cache.Insert(page, inFault);
        job.Counts.DeviceReads++;
        StallInReclaim(job);
        job.NowNs = AccessNs + Costs.MissNs;
        if (_stat.ReclaimsOfCharges != events)
        {
            ChargeReclaim(job, _lruvec.Work - work);
        }

        LockForMoves(job);
        return true;
    }

    /// <summary>Takes the mark off a page that has it. A page that waits to be written back for reclaim has it too: it is the same bit.</summary>
    private static bool TryTakeMark(FolioTable folios, uint page)
    {
        var marks = folios.Readahead!;
        var marked = marks.IsSet(page);
        if (folios.Writeback.Length != 0)
        {
            ref var flags = ref folios.Writeback[page];
            if ((flags & WritebackFlags.Writeback) != 0)
            {
                return false;
            }

            marked |= (flags & WritebackFlags.Reclaim) != 0;
            flags &= ~WritebackFlags.Reclaim;
        }

        marks.Clear(page);
        return marked;
    }

    /// <summary>Waits for a page, or lets the request be done no earlier than it if other requests are in flight meanwhile.</summary>
    private void Await(Job job, OpenFile file, uint page, long doneNs)
    {
        file.DoneNs = Math.Max(file.DoneNs, doneNs);
        if (job.Plan.Depth == 1 && doneNs > job.NowNs)
        {
            job.SleepUntil(doneNs, WaitingFor(page), ref job.Counts.DeviceWaitNs);
        }
    }

    /// <summary>The pages of one file as the table has them.</summary>
    private readonly struct FileResidency(byte[] state, uint fileBase, int pages) : IResidency
    {
        public int Pages => pages;

        public bool IsResident(long index) => index < pages && state[fileBase + index] != 0;
    }
}
