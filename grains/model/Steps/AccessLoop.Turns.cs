namespace Reclaim.Model.Steps;

/// <content>Whose turn it is, by clocks or round and round, and on which CPU.</content>
internal abstract partial class AccessLoop
{
    private long RunEarliest(long horizonNs, long maxAccesses)
    {
        var job = Jobs[_queue.First];
        if (Bandwidth is { } bandwidth && IsThrottled(bandwidth, job, ref horizonNs))
        {
            return 0;
        }

        var cpu = -1;
        if (_cpuFreeNs.Length != 0)
        {
            cpu = CpuFor(job);
            if (_cpuFreeNs[cpu] > job.NowNs)
            {
                job.Pressure.WaitForCpu(job.NowNs, cpu);
                job.NoteOffCpu(_cpuFreeNs[cpu] - job.NowNs);
                job.Counts.CpuWaitNs += _cpuFreeNs[cpu] - job.NowNs;
                job.NowNs = _cpuFreeNs[cpu];
                _queue.DelayFirst(job.NowNs);
                _waits = true;
                return 0;
            }

            job.Pressure.Run(job.NowNs, cpu);
        }

        var others = _queue.FirstMayRunUntil;
        Pressure.OpenNs = Math.Min(others, NextReadNs);
        var made = RunJob(job, Math.Min(horizonNs, others), maxAccesses);
        Bandwidth?.Use(job.TakeCpuNs());
        if (cpu >= 0)
        {
            _cpuFreeNs[cpu] = job.CpuFreeNs;
        }

        if (IsDone(job))
        {
            _clockNs = Math.Max(_clockNs, job.NowNs);
            _queue.RemoveFirst();
            End(job);
        }
        else
        {
            _queue.AdvanceFirst(job.NowNs);
        }

        return made;
    }

    /// <summary>Whether the job at the head of the queue waits for the next period of cpu.max; if not, it may run no further than what is left of this one.</summary>
    private bool IsThrottled(CpuBandwidth bandwidth, Job job, ref long untilNs)
    {
        // It may have reclaimed for others since it ran.
        bandwidth.Use(job.TakeCpuNs());
        if (bandwidth.LeftAt(job.NowNs) is > 0 and var leftNs)
        {
            untilNs = Math.Min(untilNs, Math.Min(job.NowNs + leftNs, bandwidth.NextNs));
            return false;
        }

        bandwidth.Throttle(job.NowNs);
        job.WaitForCpu(bandwidth.NextNs, ref job.Counts.BandwidthNs);
        _queue.DelayFirst(job.NowNs);
        _waits = true;
        return true;
    }

    private long RunTurn(long horizonNs, long maxAccesses)
    {
        var job = Jobs[_turn];
        var made = 0L;
        if (!IsDone(job))
        {
            // Waiting for its turn is no latency of the requests it has begun.
            job.BatchStartNs += _clockNs - job.NowNs;
            job.NowNs = _clockNs;
            Pressure.OpenNs = NextReadNs;
            made = RunJob(job, horizonNs, Math.Min(maxAccesses, _turnLeft));
            _clockNs = job.NowNs;
            _turnLeft -= made;
        }

        if (IsDone(job))
        {
            End(job);
        }
        else if (_turnLeft > 0)
        {
            return made;
        }

        if (!Jobs.Any(other => !IsDone(other)))
        {
            job.Pressure.Exit(_clockNs);
            while (_queue.Count != 0)
            {
                _queue.RemoveFirst();
            }

            return made;
        }

        PassTurn(_turn);
        if (job.Plan.Process < 0 || Jobs[_turn].Mm != job.Mm)
        {
            // The next turn is another process's: a context switch, which drops the translations that the CPU has cached.
            job.Mm?.Flush();
        }

        return made;
    }

    /// <summary>Whose turn comes after a job's: the next that has started and is not done. If all that are left have yet to start, the clock goes on to the first start.</summary>
    private void PassTurn(int from)
    {
        var first = -1;
        for (var i = 1; i <= Jobs.Length && (first < 0 || Jobs[first].Plan.StartNs > _clockNs); i++)
        {
            var next = (from + i) % Jobs.Length;
            if (!IsDone(Jobs[next]) && (first < 0 || Jobs[next].Plan.StartNs < Jobs[first].Plan.StartNs))
            {
                first = next;
            }
        }

        _roundOver = first <= from;
        _turn = first;
        _turnLeft = Jobs[first].Plan.Turn;
        _clockNs = Math.Max(_clockNs, Jobs[first].Plan.StartNs);
    }

    /// <summary>The CPU it was on if that is free, else the first to be free (select_idle_sibling, about).</summary>
    private int CpuFor(Job job)
    {
        var earliest = job.Pressure.Cpu;
        if (_cpuFreeNs[earliest] <= job.NowNs)
        {
            return earliest;
        }

        for (var i = 0; i < _cpuFreeNs.Length; i++)
        {
            if (_cpuFreeNs[i] < _cpuFreeNs[earliest])
            {
                earliest = i;
            }
        }

        return earliest;
    }
}
