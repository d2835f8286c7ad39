using Reclaim.Model.Mappings;
using Reclaim.Model.Readahead;

namespace Reclaim.Model.Steps;

/// <content>
/// Page faults of mapped files that do more than they must.
///
/// <code>
///   fault ──► fault-around: map what is cached of the aligned 64 KiB ──page among it──► done
///                │ no
///                ▼
///             cached? ──no──► read-around: 32 pages about it, or, after MADV_SEQUENTIAL, what read(2) would read ahead
///                │ yes                                                       │
///                ▼                                                           ▼
///             has the mark? ──yes──► next window, without waiting ──► fault-around again, map the page
/// </code>
///
/// Around a page that is not cached everything up to the window's size is brought in, all of it as faulted pages. A file that misses
/// much more often than it hits is read page by page: misses less cached pages that faults came upon, above a hundred (mmap_miss).
///
/// Source: do_read_fault, do_fault_around in mm/memory.c; filemap_map_pages, filemap_fault, do_sync_mmap_readahead,
/// do_async_mmap_readahead in mm/filemap.c, v6.8; the same rules under every variant, though from v6.10 on a cached page with
/// PG_workingset is no hit, and from v6.16 on executable mappings are read from the fault on instead of around it.
/// Neighbours are mapped accessed, as on x86; arm64 maps them old. A page under way is waited for by its reader only.
/// </content>
internal sealed partial class AccessLoop<TCache>
{
    /// <summary>MMAP_LOTSAMISS.</summary>
    private const int LotsOfMisses = 100;

    /// <summary>A load faults: maps the cached pages about it too.</summary>
    /// <returns>Whether that mapped the page itself.</returns>
    private bool TryFaultAround(Vma vma, OpenFile? file, int index, bool write)
    {
        if (FaultAroundPages == 1 || write || vma.Anonymous)
        {
            return false;
        }

        var hits = FaultAround(vma, file, index);
        if (file is not null)
        {
            file.MmapMiss = Math.Max(0, file.MmapMiss - hits);
        }

        if ((vma.Pte[index] & PteFlags.Present) == 0)
        {
            return false;
        }

        vma.Touch(index, write: false);
        return true;
    }

    /// <returns>Cached pages in the window, mapped before or not.</returns>
    private int FaultAround(Vma vma, OpenFile? file, int index)
    {
        var folios = Memcg!.Folios;
        var first = index & -FaultAroundPages;
        var end = Math.Min(first + FaultAroundPages, vma.Pte.Length);
        var hits = 0;
        for (var at = first; at < end; at++)
        {
            var page = vma.FirstFolio + (uint)at;

            // A page with the mark is left out, so that its own fault finds the mark; and one that is still being read.
            if (folios.State[page] == 0 || HasMark(folios, page) || file?.UpToDateNs(at) > AccessNs)
            {
                continue;
            }

            hits++;
            if ((vma.Pte[at] & PteFlags.Present) == 0)
            {
                vma.MapAround(at);
            }
        }

        return hits;
    }

    /// <summary>A fault of a mapping with readahead. Like a read, it may run out of pages between two, and goes on from there.</summary>
    /// <returns>False if the step has no pages left.</returns>
    private bool TryFaultAhead(Job job, Stream stream, Vma vma, OpenFile file, int index, bool write)
    {
        if (file.InRequest)
        {
            file.Clock = file.Clock.Resume(ref job.NowNs);
        }
        else if (IsOutOfPages(job))
        {
            return false;
        }
        else if (TryBeginFault(job, stream, vma, file, index, write))
        {
            return true;
        }

        while (true)
        {
            if (!TryFillRange(job, stream, file, index + 1))
            {
                file.Clock = file.Clock.Interrupt(ref job.NowNs);
                return false;
            }

            if (Memcg!.Folios.State[stream.Base + (uint)index] != 0)
            {
                break;
            }

            // Reclaim for the pages about it has taken it again.
            file.Range = new ReadaheadRange(index, 1, 0);
        }

        Await(job, file, stream.Base + (uint)index, file.UpToDateNs(index));
        AccessNs = job.NowNs;
        file.InRequest = false;

        // Whoever started a transfer let go of the mapping, and the fault begins again.
        if (!file.Tried || !TryFaultAround(vma, file, index, write))
        {
            vma.Pte[index] = PteFlags.Present;
            vma.Touch(index, write);
        }

        if (write)
        {
            MarkDirty(job, stream, stream.Base + (uint)index);
        }

        LockForMoves(job);
        ReturnToUser(job);
        return true;
    }

    /// <summary>What a fault does before it reads anything; decides what it reads.</summary>
    /// <returns>Whether that was all.</returns>
    private bool TryBeginFault(Job job, Stream stream, Vma vma, OpenFile file, int index, bool write)
    {
        var events = _stat.ReclaimsOfCharges;
        var work = _lruvec!.Work;
        var start = AccessNs = job.NowNs;
        _cache.BeginFault(vma, index);
        StallInReclaim(job);
        job.NowNs = AccessNs + Costs.FaultNs;
        job.Counts.Faults++;
        if (_stat.ReclaimsOfCharges != events)
        {
            ChargeReclaim(job, _lruvec.Work - work);
        }

        if (TryFaultAround(vma, file, index, write))
        {
            LockForMoves(job);
            ReturnToUser(job);
            return true;
        }

        file.Begin(start, index);
        var folios = Memcg!.Folios;
        var page = stream.Base + (uint)index;
        var residency = new FileResidency(folios.State, stream.Base, FilePages[file.File]);
        if (folios.State[page] == 0)
        {
            _stat.Pgmajfault++;
            (file.Window, file.Range) = Around(file, index, residency);
            file.Tried = true;
        }
        else
        {
            file.MmapMiss = Math.Max(0, file.MmapMiss - 1);
            if (TryTakeMark(folios, page))
            {
                Memcg.Shared?.Marked(page, set: false);
                (file.Window, file.Range) = file.Window.Marked(index, file.Max, file.Max, residency);
                file.Tried = file.Range.Pages != 0;
            }
        }

        file.Range = file.Range.Within(residency.Pages);
        return false;
    }

    /// <summary>What a fault of a page that is not cached reads (do_sync_mmap_readahead).</summary>
    private static (ReadaheadWindow Window, ReadaheadRange Range) Around(OpenFile file, int index, FileResidency residency)
    {
        if (file.IsSequential)
        {
            return file.Window.Miss(index, file.Max, file.Max, residency);
        }

        file.MmapMiss = Math.Min(file.MmapMiss + 1, LotsOfMisses * 10);
        return file.MmapMiss > LotsOfMisses ? (file.Window, new ReadaheadRange(index, 1, 0)) : file.Window.Around(index, file.Max);
    }

    private static bool HasMark(Folios.FolioTable folios, uint page) =>
        (folios.Readahead is { } marks && marks.IsSet(page))
        || (folios.Writeback.Length != 0 && (folios.Writeback[page] & Folios.WritebackFlags.Reclaim) != 0);
}
