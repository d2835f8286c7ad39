using Reclaim.Model.Lruvecs;
using Reclaim.Model.Pressure;
using Reclaim.Model.Records;

namespace Reclaim.Model.Steps;

/// <content>What swap adds: the clock that its writes go by, and the price of reads.</content>
internal abstract partial class AccessLoop
{
    private ReclaimWork _pricedWork;

    /// <summary>
    /// Virtual time within reclaim: that of the access, and what reclaim has done for it so far. A page that is written at the beginning of
    /// a long reclaim may have reached its device before the end.
    /// </summary>
    public long ReclaimNs => AccessNs + PriceOf(Memcg!.Work - _pricedWork) + Memcg.SwapOutNs;

    /// <summary>CPU time of reclaim, waiting for the lru_lock and writing to swap apart.</summary>
    protected long PriceOf(ReclaimWork work) =>
        work.Isolated * Math.Max(Costs.ScanNs, Costs.LruLockScanNs) + work.Sorted * Costs.LruLockMoveNs + work.Freed * Costs.EvictNs + work.Demoted * Costs.MigrateNs
        + work.Agings * Costs.AgeNs + work.PtesWalked * Costs.PteNs;

    /// <summary>What reclaim has done up to now is paid for, or was for nothing.</summary>
    protected void ForgetReclaimWork()
    {
        if (Memcg is not null)
        {
            _pricedWork = Memcg.Work;
            Memcg.TakeSwapOutNs();
        }
    }

    /// <summary>
    /// What a task lacks that waits for a page to be read: the device, and memory as well if the page was in use when it was evicted
    /// (PG_workingset; folio_wait_bit_common in mm/filemap.c, swap_read_folio in mm/page_io.c, v6.8).
    /// </summary>
    protected TaskStates WaitingFor(uint page) =>
        Memcg is { } memcg && memcg.Folios.IsWorkingset(page) ? TaskStates.IoWait | TaskStates.MemStall : TaskStates.IoWait;

    /// <summary>A page was read from swap, or was found in the swap cache: waits until it is there.</summary>
    /// <param name="job">The job that needs it.</param>
    /// <param name="kind">Which of the two.</param>
    /// <param name="page">The page.</param>
    /// <param name="fromAreas">Pages read from areas, those ahead of it included.</param>
    /// <param name="fromZswap">Pages read from zswap.</param>
    protected void ReadSwap(Job job, FaultKind kind, uint page, long fromAreas, long fromZswap)
    {
        var memcg = Memcg!;
        if (kind == FaultKind.SwapIn)
        {
            job.Counts.Misses++;
            job.Counts.DeviceReads += fromAreas;
            job.Counts.ReadaheadPages += fromAreas + fromZswap - 1;
            job.Counts.SwapIns += fromAreas + fromZswap;
            var ns = memcg.TakeSwapInNs();
            if (memcg.Folios.IsWorkingset(page))
            {
                job.Pressure.Stall(job.NowNs, job.NowNs + ns);
                job.Stalls?.Add(job.Number, StallKind.Thrashing, job.NowNs, job.NowNs + ns);
            }

            job.NowNs += ns;
            job.Counts.SwapNs += ns;
            memcg.Transfers.SubmitReads(job.NowNs);
        }

        var done = memcg.Transfers.UpToDateNs(page);
        job.SleepUntil(done, WaitingFor(page), ref job.Counts.DeviceWaitNs);
    }
}
