using System.Runtime.CompilerServices;
using Reclaim.Model.Mappings;
using Reclaim.Model.Pressure;
using Reclaim.Model.Records;
using Reclaim.Model.Workloads;

namespace Reclaim.Model.Steps;

/// <summary>Loads and stores through page tables: mapped files and anonymous memory.</summary>
internal sealed partial class AccessLoop<TCache>
{
    /// <returns>Accesses made.</returns>
    private int RunMapped(Job job, Stream stream, Vma vma, ReadOnlySpan<uint> ready, long untilNs)
    {
        var mm = vma.Mm;
        var loadNs = Costs.LoadNs;
        var farNs = 0L;
        var now = job.NowNs;
        var i = 0;
        for (; i < ready.Length && now < untilNs; i++)
        {
            var number = ready[i];
            var write = (number & AccessSource.WriteBit) != 0;
            var index = number & ~AccessSource.WriteBit;
            if (mm.Caches(vma.Start + index, write))
            {
                var far = _cache.FarNs(vma.FirstFolio + index);
                now += loadNs + far;
                farNs += far;
            }
            else
            {
                // The load is paid for first: who waits in the fault for a device then has nothing left to do on the CPU.
                job.BeginNs = now;
                job.NowNs = now + loadNs;
                if (!TryTranslate(job, stream, vma, (int)index, write))
                {
                    job.NowNs = now;
                    break;
                }

                GoFar(job, vma.FirstFolio + index);
                now = job.NowNs;
                untilNs = Math.Min(untilNs, WritebackNs);
            }

            job.Latency.Record(now - job.BatchStartNs, 1);
            if (job.Plan.ThinkNs != 0)
            {
                job.NowNs = now;
                job.SleepUntil(now + job.Plan.ThinkNs, TaskStates.None, ref job.Counts.ThinkNs);
                now = job.NowNs;
            }

            job.BatchStartNs = now;
        }

        job.NowNs = now;
        job.Counts.FarNs += farNs;
        job.Counts.Accesses += i;
        job.Counts.Requests += i;
        job.Counts.Loads += i;
        return i;
    }

    /// <summary>Accesses to memory of which some is given back in between.</summary>
    /// <returns>Accesses made, pages given back among them.</returns>
    private int RunHeap(Job job, Stream stream, Vma vma, ReadOnlySpan<uint> ready, long untilNs)
    {
        var done = 0;
        while (done < ready.Length && job.NowNs < untilNs)
        {
            var rest = ready[done..Math.Min(ready.Length, done + LookAhead)];
            var accesses = 0;
            while (accesses < rest.Length && (rest[accesses] & AccessSource.FreeBit) == 0)
            {
                accesses++;
            }

            if (accesses == 0)
            {
                Free(job, vma, (int)(rest[0] & ~(AccessSource.FreeBit | AccessSource.WriteBit)));
                done++;
                continue;
            }

            var made = RunMapped(job, stream, vma, rest[..accesses], untilNs);
            done += made;
            if (made < accesses || IsDying)
            {
                break;
            }
        }

        return done;
    }

    /// <summary>Gives a page back. It costs and counts as an access: programs give back many with one call.</summary>
    private void Free(Job job, Vma vma, int index)
    {
        AccessNs = job.NowNs;
        _cache.Free(vma, index);
        SettleNodes();
        job.NowNs += Costs.LoadNs;
        LockForMoves(job);
        job.Latency.Record(job.NowNs - job.BatchStartNs, 1);
        job.SleepUntil(job.NowNs + job.Plan.ThinkNs, TaskStates.None, ref job.Counts.ThinkNs);
        job.BatchStartNs = job.NowNs;
        job.Counts.Accesses++;
        job.Counts.Requests++;
        job.Counts.Loads++;
    }

    /// <summary>The translation is not cached: the page table has it, or there is a page fault.</summary>
    /// <returns>False if the step has no pages left: nothing happened.</returns>
    private bool TryTranslate(Job job, Stream stream, Vma vma, int index, bool write)
    {
        if ((vma.Pte[index] & PteFlags.Hint) != 0)
        {
            TakeHint(job, vma, index);
        }

        var pte = vma.Pte[index];
        if ((pte & PteFlags.Present) == 0 || (write && (pte & PteFlags.Zero) != 0))
        {
            return TryFault(job, stream, vma, index, write);
        }

        vma.Touch(index, write);
        if (write && !vma.Anonymous && (pte & PteFlags.Dirty) == 0)
        {
            // A shared file page is mapped read-only while it is clean: the store faults (do_wp_page).
            _stat.Pgfault++;
            job.Counts.Faults++;
            job.NowNs += Costs.FaultNs;
            MarkDirty(job, stream, vma.FirstFolio + (uint)index);
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryFault(Job job, Stream stream, Vma vma, int index, bool write)
    {
        if (stream.OpenFile is { } file)
        {
            return TryFaultAhead(job, stream, vma, file, index, write);
        }

        if (IsOutOfPages(job))
        {
            return false;
        }

        var events = _stat.ReclaimsOfCharges;
        var work = _lruvec?.Work ?? default;
        AccessNs = job.NowNs;
        var (fromAreas, fromZswap) = (_stat.Pswpin, _stat.Zswpin);
        _cache.BeginFault(vma, index);
        var kind = TryFaultAround(vma, null, index, write) ? FaultKind.Minor : _cache.Fault(vma, index, write);
        StallInReclaim(job);
        job.NowNs = AccessNs + Costs.FaultNs;
        job.Counts.Faults++;
        if (_stat.ReclaimsOfCharges != events)
        {
            ChargeReclaim(job, _lruvec!.Work - work);
        }

        LockForMoves(job);
        if (kind == FaultKind.Read)
        {
            job.Counts.Misses++;
            job.Counts.DeviceReads++;
            job.NowNs += Costs.MissNs;
            job.SleepUntil(stream.Device.Submit(job.NowNs, PageSize), WaitingFor(vma.FirstFolio + (uint)index), ref job.Counts.DeviceWaitNs);
        }
        else if (kind != FaultKind.Minor)
        {
            ReadSwap(job, kind, vma.FirstFolio + (uint)index, _stat.Pswpin - fromAreas, _stat.Zswpin - fromZswap);
        }

        if (write && !vma.Anonymous)
        {
            MarkDirty(job, stream, vma.FirstFolio + (uint)index);
        }

        ReturnToUser(job);
        return true;
    }

    /// <summary>A store made a clean page of a shared mapping dirty (page_mkwrite).</summary>
    private void MarkDirty(Job job, Stream stream, uint page)
    {
        if (Writeback is null)
        {
            return;
        }

        Writeback.MarkDirty(page, stream.Device, job.Number, job.NowNs);
        job.SleepUntil(Writeback.Balance(page, job.Number, job.NowNs), TaskStates.IoWait, ref job.Counts.ThrottleNs, StallKind.DirtyThrottle);
    }
}
