using System.Runtime.CompilerServices;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Mappings;
using Reclaim.Model.Memcg;
using Reclaim.Model.Pressure;
using Reclaim.Model.Records;
using Reclaim.Model.Workloads;

namespace Reclaim.Model.Steps;

/// <inheritdoc/>
internal sealed partial class AccessLoop<TCache> : AccessLoop
    where TCache : struct, IPageCache
{
    /// <summary>Requests that are announced before their turn.</summary>
    private const int LookAhead = 16;

    /// <summary>Pages for which reclaim takes the lru_lock once.</summary>
    private const int PagesOfRound = 64;

    private const int PageShift = 12;
    private const int PageSize = 1 << PageShift;

    private readonly TCache _cache;
    private readonly Lruvec? _lruvec;
    private readonly MemoryStat _stat;
    private bool _outOfPages;

    public AccessLoop(ContainerPlan plan, Job[] jobs, MemoryCgroup? memcg, TCache cache)
        : base(plan, jobs, memcg)
    {
        _cache = cache;
        _lruvec = memcg?.Lruvec;
        _stat = memcg?.Stat ?? new MemoryStat();
    }

    /// <summary>Goes on where another loop stopped, under another policy.</summary>
    public AccessLoop(AccessLoop before, TCache cache)
        : base(before)
    {
        _cache = cache;
        _lruvec = Memcg!.Lruvec;
        _stat = Memcg.Stat;
    }

    /// <inheritdoc/>
    protected override Lruvec? Lruvec => _lruvec;

    protected override long RunStream(Job job, Stream stream, long untilNs, long maxAccesses)
    {
        var before = job.Counts.Accesses;
        _outOfPages = false;
        while (job.NowNs < untilNs && !_outOfPages && job.Counts.Accesses - before < maxAccesses)
        {
            untilNs = Math.Min(untilNs, WritebackNs);
            var ready = stream.Ready();
            if (ready.IsEmpty)
            {
                break;
            }

            // A request begins as long as there are accesses left for its first page, so that how many are made in one go does not matter.
            ready = ready[..(int)Math.Min(ready.Length, (maxAccesses - (job.Counts.Accesses - before) - 1) / stream.PagesOfRequest + 1)];
            stream.Take(stream.Vma is { } vma
                ? stream.Frees ? RunHeap(job, stream, vma, ready, untilNs) : RunMapped(job, stream, vma, ready, untilNs)
                : stream.IsPageWise && job.Plan.ThinkNs == 0
                ? RunPages(job, stream, ready, untilNs)
                : RunRequests(job, stream, ready, untilNs));
        }

        return job.Counts.Accesses - before;
    }

    protected override void Exit(AddressSpace mm)
    {
        _cache.Exit(mm);
        SettleNodes();
    }

    /// <summary>The hot path: requests of one page, on a device that is memory.</summary>
    /// <returns>Requests made.</returns>
    private int RunPages(Job job, Stream stream, ReadOnlySpan<uint> ready, long untilNs)
    {
        var hitNs = Costs.HitNs;
        var fileBase = stream.Base;
        var previous = stream.Previous;
        var now = job.NowNs;
        var batch = job.Plan.BatchSubmit;
        var farNs = 0L;
        var i = 0;
        for (; i < ready.Length && now < untilNs; i++)
        {
            var number = ready[i];
            if (i + LookAhead < ready.Length)
            {
                _cache.Prefetch(fileBase + (ready[i + LookAhead] & ~AccessSource.WriteBit));
            }

            if ((number & AccessSource.WriteBit) != 0)
            {
                var page = fileBase + (number & ~AccessSource.WriteBit);
                job.NowNs = job.BeginNs = now;
                if (!TryWrite(job, stream, page, whole: true))
                {
                    break;
                }

                now = job.NowNs;
                untilNs = Math.Min(untilNs, WritebackNs);
            }
            else
            {
                var page = fileBase + number;
                var again = page == previous;
                if (_cache.Read(page, again))
                {
                    var far = _cache.FarNs(page);
                    now += hitNs + far;
                    farNs += far;
                }
                else
                {
                    job.NowNs = job.BeginNs = now;
                    if (!TryBringIn(job, page, again))
                    {
                        break;
                    }

                    now = job.NowNs;
                    untilNs = Math.Min(untilNs, WritebackNs);
                }

                previous = page;
            }

            if (_lruvec is { LockedMoves: not 0 })
            {
                job.NowNs = now;
                LockForMoves(job);
                now = job.NowNs;
            }

            if (++job.Batched >= batch)
            {
                job.Latency.Record(now - job.BatchStartNs, job.Batched);
                job.Batched = 0;
                job.BatchStartNs = now;
            }
        }

        stream.Previous = previous;
        job.NowNs = now;
        job.Counts.FarNs += farNs;
        job.Counts.Accesses += i;
        job.Counts.Requests += i;
        return i;
    }

    /// <summary>Requests of any size on any device, with several in flight.</summary>
    /// <returns>Requests made.</returns>
    private int RunRequests(Job job, Stream stream, ReadOnlySpan<uint> ready, long untilNs)
    {
        var i = 0;
        for (; i < ready.Length && job.NowNs < untilNs; i++)
        {
            job.BeginNs = job.NowNs;
            var number = ready[i];
            var offset = (long)(number & ~AccessSource.WriteBit) * stream.BlockBytes;
            if (stream.OpenFile is { } file && Memcg is not null && (number & AccessSource.WriteBit) == 0)
            {
                if (!TryReadRequest(job, stream, file, offset))
                {
                    return i;
                }

                job.SleepUntil(job.NowNs + job.Plan.ThinkNs, TaskStates.None, ref job.Counts.ThinkNs);
                job.BatchStartNs = job.NowNs;
                untilNs = Math.Min(untilNs, WritebackNs);
                continue;
            }

            var first = stream.Base + (uint)(offset >> PageShift);
            var last = stream.Base + (uint)((offset + stream.BlockBytes - 1) >> PageShift);
            var (page, clock, readsBefore, waiting) = (first, RequestClock.At(job.NowNs), job.Counts.DeviceReads, TaskStates.IoWait);
            if (stream.Interrupted is not null)
            {
                (page, clock, readsBefore, waiting) = stream.Interrupted.Value;
                clock = clock.Resume(ref job.NowNs);
                stream.Interrupted = null;
            }

            for (; page <= last; page++)
            {
                var offCpuNs = job.OffCpuNs;
                if (!TryAccess(job, stream, number, offset, page, page == first, ref waiting))
                {
                    stream.Interrupted = new RequestProgress(page, clock.Interrupt(ref job.NowNs), readsBefore, waiting);
                    return i;
                }

                LockForMoves(job);
                if (job.OffCpuNs != offCpuNs && page != last)
                {
                    stream.Interrupted = new RequestProgress(page + 1, Wake(clock, job), readsBefore, waiting);
                    return i;
                }
            }

            job.Counts.Accesses += last - first + 1;
            if ((number & AccessSource.WriteBit) == 0)
            {
                stream.Previous = last;
            }

            job.Counts.Requests++;
            var deviceBytes = (job.Counts.DeviceReads - readsBefore) * PageSize;
            Complete(job, clock.StartNs, deviceBytes == 0 ? job.NowNs : stream.Device.Submit(job.NowNs, deviceBytes), waiting);
            if (job.Plan.ThinkNs != 0)
            {
                job.SleepUntil(job.NowNs + job.Plan.ThinkNs, TaskStates.None, ref job.Counts.ThinkNs);
            }

            // In a mix the next access, a load perhaps, begins here.
            job.BatchStartNs = job.NowNs;
            if (deviceBytes != 0 || (number & AccessSource.WriteBit) != 0)
            {
                untilNs = Math.Min(untilNs, WritebackNs);
            }
        }

        return i;
    }

    /// <summary>One page of a request.</summary>
    /// <returns>False if the step has no pages left: nothing happened.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryAccess(Job job, Stream stream, uint number, long offset, uint page, bool isFirst, ref TaskStates waiting)
    {
        if ((number & AccessSource.WriteBit) != 0)
        {
            return TryWrite(job, stream, page, whole: (offset & (PageSize - 1)) == 0 && stream.BlockBytes % PageSize == 0);
        }

        var again = isFirst && page == stream.Previous;
        if (_cache.Read(page, again))
        {
            job.NowNs += Costs.HitNs;
            GoFar(job, page);
            return true;
        }

        if (!TryBringIn(job, page, again))
        {
            return false;
        }

        waiting |= WaitingFor(page);
        return true;
    }

    /// <summary>Waits for the device, or goes on with the request in flight as long as there is room for another.</summary>
    private static void Complete(Job job, long startNs, long done, TaskStates waiting)
    {
        job.RecordedNs = done - startNs;
        job.Latency.Record(job.RecordedNs, 1);
        if (done == job.NowNs)
        {
            return;
        }

        if (job.Plan.Depth == 1)
        {
            job.SleepUntil(done, waiting, ref job.Counts.DeviceWaitNs);
            return;
        }

        job.InFlight.Enqueue(done, done);
        if (job.InFlight.Count < job.Plan.Depth)
        {
            return;
        }

        for (var reaped = 0; reaped < job.Plan.BatchComplete && job.InFlight.TryDequeue(out var earliest, out _); reaped++)
        {
            job.SleepUntil(earliest, TaskStates.IoWait, ref job.Counts.DeviceWaitNs);
        }
    }

    /// <summary>Brings in a page for a read.</summary>
    /// <returns>False if the step has no pages left: nothing happened.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryBringIn(Job job, uint page, bool again)
    {
        if (IsOutOfPages(job))
        {
            return false;
        }

        var events = _stat.ReclaimsOfCharges;
        var work = _lruvec?.Work ?? default;
        AccessNs = job.NowNs;
        _cache.BringIn(page, again);
        job.Counts.Misses++;
        job.Counts.DeviceReads++;
        StallInReclaim(job);
        job.NowNs = AccessNs + Costs.HitNs + Costs.MissNs;
        GoFar(job, page);
        if (_stat.ReclaimsOfCharges != events)
        {
            ChargeReclaim(job, _lruvec!.Work - work);
        }

        ReturnToUser(job);
        return true;
    }

    /// <summary>Pays for a page that is on a node farther away.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void GoFar(Job job, uint page)
    {
        var far = _cache.FarNs(page);
        job.NowNs += far;
        job.Counts.FarNs += far;
    }

    private bool TryWrite(Job job, Stream stream, uint page, bool whole)
    {
        if (!(Memcg is { } memcg && memcg.Folios.State[page] != 0) && IsOutOfPages(job))
        {
            return false;
        }

        var events = _stat.ReclaimsOfCharges;
        var work = _lruvec?.Work ?? default;
        AccessNs = job.NowNs;
        var missing = !_cache.Write(page);
        job.Counts.Writes++;
        StallInReclaim(job);
        job.NowNs = AccessNs + Costs.WriteNs;
        GoFar(job, page);
        if (missing)
        {
            job.Counts.Misses++;
            job.NowNs += Costs.MissNs;

            // What the request does not cover of a missing page must be read first.
            job.Counts.DeviceReads += whole ? 0 : 1;
        }

        if (_stat.ReclaimsOfCharges != events)
        {
            ChargeReclaim(job, _lruvec!.Work - work);
        }

        if (Writeback is not null)
        {
            Writeback.MarkDirty(page, stream.Device, job.Number, job.NowNs);
            job.SleepUntil(Writeback.Balance(page, job.Number, job.NowNs), TaskStates.IoWait, ref job.Counts.ThrottleNs, StallKind.DirtyThrottle);
        }

        ReturnToUser(job);
        return true;
    }

    /// <summary>A task that charged above memory.high returns to user space: it reclaims, and may sleep.</summary>
    private void ReturnToUser(Job job)
    {
        SettleNodes();
        if (Memcg is not { IsOverHigh: true } memcg || IsDying)
        {
            return;
        }

        if (memcg.Charge.HighCeiling != long.MaxValue)
        {
            (OverHighJob, job.RecordedNs) = (job.Number, -1);
            return;
        }

        var work = _lruvec!.Work;
        AccessNs = job.NowNs;
        var sleep = memcg.HandleOverHigh();
        StallInReclaim(job);
        job.NowNs = AccessNs;
        ChargeReclaim(job, _lruvec.Work - work);
        job.SleepUntil(job.NowNs + sleep, TaskStates.MemStall, ref job.Counts.HighNs, StallKind.HighThrottle);
    }

    private bool IsOutOfPages(Job job) =>
        _outOfPages = MustWaitForOthers(job.BeginNs) || IsAtSharedLimit || IsAtNodeLimit || Memcg is { } memcg && Ceiling < memcg.PagesLimit && memcg.PagesHeld + MemcgCharge.Batch > Ceiling;

    /// <summary>Round for round: hold the lock to isolate and sort, let go of it to free.</summary>
    private void ChargeReclaim(Job job, ReclaimWork work)
    {
        var from = job.NowNs;
        var waited = job.Counts.LockWaitNs;
        var rounds = Math.Max(1, (work.Isolated + PagesOfRound - 1) / PagesOfRound);
        var locked = work.Isolated * Costs.LruLockScanNs + work.Sorted * Costs.LruLockMoveNs;
        var free = PriceOf(work) - work.Isolated * Costs.LruLockScanNs - work.Sorted * Costs.LruLockMoveNs;
        for (var round = 0L; round < rounds; round++)
        {
            Lock(job, locked * (round + 1) / rounds - locked * round / rounds);
            job.NowNs += free * (round + 1) / rounds - free * round / rounds;
        }

        var swapNs = Memcg!.TakeSwapOutNs();
        job.NowNs += swapNs;
        job.Counts.SwapNs += swapNs;
        ForgetReclaimWork();

        job.Counts.ReclaimNs += job.NowNs - from;
        job.Counts.ReclaimElsewhereNs += job.Counts.LockWaitNs - waited + swapNs;
        job.Pressure.Stall(from, job.NowNs);
        Memcg.Records?.Time(job.Number, from, job.NowNs);
    }

    private void LockForMoves(Job job)
    {
        if (_lruvec is { LockedMoves: not 0 })
        {
            var holdNs = _lruvec.TakeLockedMoves() * Costs.LruLockMoveNs;
            Lock(job, holdNs);
            job.Counts.MovesNs += holdNs;
        }
    }

    /// <summary>Waits for the lru_lock and holds it.</summary>
    private void Lock(Job job, long holdNs)
    {
        var start = LruLock.Acquire(job.NowNs, holdNs, AccessNs);
        job.Counts.LockWaitNs += start - job.NowNs;
        job.NowNs = start + holdNs;
    }
}
