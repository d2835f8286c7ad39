using Reclaim.Model.Control;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Mappings;
using Reclaim.Model.Memcg;
using Reclaim.Model.Pressure;
using Reclaim.Model.Time;
using Reclaim.Model.Writeback;

namespace Reclaim.Model.Steps;

/// <summary>
/// Runs the jobs of a container against its page cache: whose turn it is, what the access comes to, what it costs.
/// <see cref="AccessLoop{TCache}"/>, in a file of its own, is the loop itself, compiled once for each policy.
/// </summary>
internal abstract partial class AccessLoop
{
    /// <summary>Interval of the kernel's periodic flush of memcg statistics (FLUSH_TIME).</summary>
    private const long FlushNs = 2_000_000_000;

    private readonly ContainerPlan _plan;
    private readonly JobQueue _queue;
    private readonly long[] _cpuFreeNs;
    private long _nextFlushNs = FlushNs;
    private long _observeLeft;
    private SharedGrant? _shared;
    private long _nodeCeiling = long.MaxValue;
    private bool _roundOver;
    private int _turn;
    private long _turnLeft;
    private long _clockNs;
    private long _tickedNs;

    protected AccessLoop(ContainerPlan plan, Job[] jobs, MemoryCgroup? memcg)
    {
        _plan = plan;
        Jobs = jobs;
        Memcg = memcg;
        Costs = plan.Costs;
        _queue = new JobQueue(jobs.Length);
        for (var i = 0; i < jobs.Length; i++)
        {
            _queue.Add(i, jobs[i].NowNs);
        }

        _cpuFreeNs = !plan.Turns && jobs.Length > plan.Cpus ? new long[plan.Cpus] : [];
        Pressure = PressureOf(jobs, plan);
        _observeLeft = plan.ObserveEvery > 0 ? plan.ObserveEvery : long.MaxValue;
        if (plan.Turns && jobs.Length > 0)
        {
            PassTurn(jobs.Length - 1);
            _roundOver = false;
        }
    }

    /// <summary>Goes on where another loop stopped, under another policy.</summary>
    protected AccessLoop(AccessLoop before)
    {
        _plan = before._plan;
        Jobs = before.Jobs;
        Memcg = before.Memcg;
        Costs = before.Costs;
        Writeback = before.Writeback;
        Control = before.Control;
        Victims = before.Victims;
        LruLock = before.LruLock;
        AccessNs = before.AccessNs;
        Pressure = before.Pressure;
        _queue = before._queue;
        _cpuFreeNs = before._cpuFreeNs;
        _nextFlushNs = before._nextFlushNs;
        _observeLeft = before._observeLeft;
        _turn = before._turn;
        _turnLeft = before._turnLeft;
        _clockNs = before._clockNs;
        _tickedNs = before._tickedNs;
        _shared = before._shared;
        _nodeCeiling = before._nodeCeiling;
        ForgetReclaimWork();
    }

    public Job[] Jobs { get; }

    /// <summary>The cgroup, or null under a reference policy.</summary>
    protected MemoryCgroup? Memcg { get; }

    protected CostTable Costs { get; }

    /// <summary>Writeback, if anything writes.</summary>
    public WritebackDomain? Writeback { get; init; }

    /// <summary>Virtual time at which writeback goes on: no job may run past it, whatever it was to run until. One that is killed runs no further at all.</summary>
    protected long WritebackNs => IsDying ? long.MinValue : Math.Min(
        Writeback?.NextEventNs ?? long.MaxValue,
        Memcg is { Transfers: { UnderWriteback: not 0 } transfers } ? transfers.NextEndNs ?? long.MaxValue : long.MaxValue);

    /// <summary>The policy that the loop was compiled against.</summary>
    protected abstract Lruvec? Lruvec { get; }

    /// <summary>Its control files; null under a reference policy, which has none.</summary>
    public ControlFiles? Control { get; init; }

    /// <summary>Earliest clock of the jobs that still run; the last one reached when all are done.</summary>
    public long NowNs => _plan.Turns || _queue.Count == 0 ? _clockNs : _queue.FirstClock;

    /// <summary>Virtual time of the access being made.</summary>
    public long AccessNs { get; protected set; }

    public bool Done => _queue.Count == 0;

    /// <summary>For how long its tasks got nowhere.</summary>
    public PressureGroup Pressure { get; }

    /// <summary>Pages that a fault of a mapped file maps at most.</summary>
    protected int FaultAroundPages => _plan.FaultAroundPages;

    /// <summary>Size of each file in pages.</summary>
    protected IReadOnlyList<int> FilePages => _plan.FilePages;

    protected LruLock LruLock { get; } = new();

    /// <summary>Pages that may be charged in this step; more must wait for the next grant.</summary>
    protected long Ceiling { get; private set; }

    /// <summary>Runs until the horizon, the ceiling, the accesses or the end.</summary>
    /// <returns>Which of them; null: the policy is to be another.</returns>
    public StopReason? Run(long horizonNs, long ceiling, long maxAccesses)
    {
        Ceiling = ceiling;
        for (var left = maxAccesses; ;)
        {
            if (_queue.Count == 0)
            {
                Tick(NowNs);
                return StopReason.Done;
            }

            if (left <= 0)
            {
                return StopReason.Accesses;
            }

            if (NowNs >= horizonNs)
            {
                Tick(horizonNs);
                return StopReason.Horizon;
            }

            Tick(NowNs);
            if (_queue.Count == 0)
            {
                // A lower memory.max was written, and the last process killed.
                continue;
            }

            if (Memcg?.Lruvec != Lruvec)
            {
                return null;
            }

            var made = _plan.Turns ? RunTurn(horizonNs, left) : RunEarliest(horizonNs, left);
            left -= made;
            Observe(made);
            if (_roundOver && _shared is { Round: true })
            {
                _roundOver = false;
                return _queue.Count == 0 ? StopReason.Done : StopReason.Round;
            }

            if (_killed)
            {
                // Whose turn it is has changed, and what there is to be had.
                _killed = false;
                continue;
            }

            if (made == 0 && (IsAtSharedLimit || IsAtNodeLimit))
            {
                return StopReason.Pages;
            }

            if (made == 0 && ceiling < (Memcg?.PagesLimit ?? 0) && Memcg!.PagesHeld + MemcgCharge.Batch > ceiling)
            {
                return StopReason.Pages;
            }
        }
    }

    /// <summary>Takes what a step says of the limits above; null: there are none that others share.</summary>
    /// <param name="shared">What the grant says.</param>
    /// <param name="pages">Room above, pages.</param>
    public void Share(SharedGrant? shared, long pages)
    {
        _shared = shared;
        if (Memcg is not { Charge: var charge } || shared is not { } grant)
        {
            return;
        }

        if (grant.DropStock)
        {
            charge.DrainStock();
        }

        Memcg.Lruvec.Share(grant.Above);
        charge.Share(pages > long.MaxValue - charge.Usage ? long.MaxValue : charge.Usage + Math.Max(0, pages), grant.OthersStock);
        _nodeCeiling = grant.NodePages > long.MaxValue - Memcg.PagesHeld ? long.MaxValue : Memcg.PagesHeld - charge.Stock + grant.NodePages;
        charge.SingleNext |= grant.SingleFirst;
        _clockNs = Math.Max(_clockNs, grant.StartNs);
        while (!_plan.Turns && _queue.Count != 0 && _queue.FirstClock < grant.CpuFreeNs)
        {
            Jobs[_queue.First].WaitForCpu(grant.CpuFreeNs);
            _queue.DelayFirst(grant.CpuFreeNs);
        }

        if (grant.StallNs != 0 && _queue.Count != 0)
        {
            var job = Jobs[_plan.Turns ? _turn : _queue.First];
            var from = _plan.Turns ? _clockNs : job.NowNs;
            job.Pressure.Stall(from, from + grant.StallNs);
            job.Counts.ReclaimNs += grant.StallNs;
            if (_plan.Turns)
            {
                _clockNs += grant.StallNs;
            }
            else
            {
                job.NowNs += grant.StallNs;
                _queue.AdvanceFirst(job.NowNs);
            }
        }
    }

    /// <summary>Reclaims on behalf of a limit above, or of the node.</summary>
    /// <returns>Pages freed, whether it was aged, and the CPU time that took.</returns>
    public (long Freed, bool Aged, long CostNs) ShrinkFor(in ShrinkOrder order)
    {
        AccessNs = Math.Max(AccessNs, order.NowNs);
        var work = Memcg!.Lruvec.Work;
        Memcg.Lruvec.Share(order.Above);
        var (freed, aged) = Memcg.ShrinkFor(order);
        var cost = PriceOf(Memcg.Lruvec.Work - work) + Memcg.SwapOutNs;
        ForgetReclaimWork();
        return (freed, aged, cost);
    }

    /// <summary>Whether a limit above that others share has no room for a page.</summary>
    protected bool IsAtSharedLimit => _shared is not null && Memcg is { Charge.IsAtCeiling: true };

    /// <summary>Whether the pages of its node are used up that it was granted.</summary>
    protected bool IsAtNodeLimit => _shared is not null && Memcg is { } memcg && memcg.PagesHeld - memcg.Charge.Stock >= _nodeCeiling;

    /// <summary>Reclaim freed nothing: waits for a page under writeback, if there is any.</summary>
    public bool WaitForWriteback()
    {
        if (Memcg?.WaitForSwapWrite(AccessNs) is { } swapped)
        {
            AccessNs = swapped;
            return true;
        }

        if (Writeback?.WaitForSome(AccessNs) is not { } done)
        {
            return false;
        }

        AccessNs = done;
        return true;
    }

    /// <summary>Reclaim met only dirty pages that nobody writes: the flushers are to write them.</summary>
    public void WakeFlushers() => Writeback?.WakeFlushers(AccessNs);

    /// <summary>Reads the beginning of a file ahead (POSIX_FADV_WILLNEED): its pages count for the first workload that uses it.</summary>
    public abstract void WillNeed(int file);

    /// <summary>Runs requests of a stream while the job's clock is before <paramref name="untilNs"/> and its accesses last.</summary>
    /// <returns>Accesses made.</returns>
    protected abstract long RunStream(Job job, Stream stream, long untilNs, long maxAccesses);

    /// <summary>The last thread of a process has ended, and the process exits.</summary>
    protected abstract void Exit(AddressSpace mm);

    /// <summary>Reclaim has waited for writeback: the job's clock is still where that began.</summary>
    protected void StallInReclaim(Job job)
    {
        job.Pressure.Stall(job.NowNs, AccessNs);
        job.NoteOffCpu(AccessNs - job.NowNs);
    }

    /// <summary>
    /// Each job has a CPU to itself if there are enough; jobs that take turns by accesses share one, and are as one task: the others do not
    /// wait for the CPU but for their turn.
    /// </summary>
    private static PressureGroup PressureOf(Job[] jobs, ContainerPlan plan)
    {
        var group = new PressureGroup(plan.Turns ? 1 : Math.Min(jobs.Length, plan.Cpus)) { IsLogged = plan.ReportsPressure };
        if (plan.Turns)
        {
            var task = new PressureTask(group, 0);
            task.Run(jobs.Length == 0 ? 0 : jobs.Min(job => job.Plan.StartNs), 0);
            foreach (var job in jobs)
            {
                job.Pressure = task;
            }

            return group;
        }

        for (var i = 0; i < jobs.Length; i++)
        {
            jobs[i].Pressure = new PressureTask(group, i % plan.Cpus);
            jobs[i].Pressure.Run(jobs[i].Plan.StartNs, i % plan.Cpus);
        }

        return group;
    }

    private long RunEarliest(long horizonNs, long maxAccesses)
    {
        var job = Jobs[_queue.First];
        var cpu = -1;
        if (_cpuFreeNs.Length != 0)
        {
            cpu = CpuFor(job);
            if (_cpuFreeNs[cpu] > job.NowNs)
            {
                job.Pressure.WaitForCpu(job.NowNs, cpu);
                job.NoteOffCpu(_cpuFreeNs[cpu] - job.NowNs);
                job.NowNs = _cpuFreeNs[cpu];
                _queue.DelayFirst(job.NowNs);
                return 0;
            }

            job.Pressure.Run(job.NowNs, cpu);
        }

        var others = _queue.FirstMayRunUntil;
        Pressure.OpenNs = Math.Min(others, NextReadNs);
        var made = RunJob(job, Math.Min(horizonNs, others), maxAccesses);
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

    private void Begin(Job job)
    {
        job.Begun = true;
        if (job.Mm is { } mm)
        {
            Memcg?.Rmap.Begin(mm);
        }
    }

    private void End(Job job)
    {
        if (job.Over)
        {
            return;
        }

        job.Over = true;
        if (!_plan.Turns)
        {
            job.Pressure.Exit(job.NowNs);
        }

        if (job.Mm is { } mm && --mm.Threads == 0 && mm.Exits)
        {
            AccessNs = job.NowNs;
            Exit(mm);
        }
    }

    private long RunJob(Job job, long untilNs, long maxAccesses)
    {
        if (!job.Begun)
        {
            Begin(job);
        }

        untilNs = Math.Min(untilNs, job.Plan.EndNs ?? long.MaxValue);
        untilNs = Math.Min(untilNs, NextTickNs);
        if (!job.Ramped)
        {
            untilNs = Math.Min(untilNs, job.Plan.RampNs);
        }

        var budget = Math.Min(Math.Min(maxAccesses, _observeLeft), job.StreamBudget);
        _running = job;
        var made = RunStream(job, job.Current, untilNs, budget);
        job.PassRamp();
        job.Rotate(made);
        BuryDying(job);
        _running = null;
        return made;
    }

    /// <summary>Virtual time at which a control file may be read next, as far as it is known.</summary>
    private long NextReadNs => Control?.Schedule.NextNs ?? long.MaxValue;

    private long NextTickNs
    {
        get
        {
            var next = Math.Min(_nextFlushNs, WritebackNs);
            return Control is null ? next : Math.Min(next, Control.Schedule.NextNs);
        }
    }

    /// <summary>Lets all happen that is due by then, each at its time: while no job makes an access, nothing else does.</summary>
    private void Tick(long nowNs)
    {
        while (Control is { } control && control.Schedule.NextNs <= nowNs)
        {
            var at = Math.Max(control.Schedule.NextNs, _tickedNs);
            Happen(at);
            AccessNs = at;
            control.Carry(control.Schedule.TryTake(at)!, at);
            ForgetReclaimWork();
        }

        Happen(nowNs);
    }

    private void Happen(long nowNs)
    {
        if (nowNs >= _nextFlushNs)
        {
            Memcg?.Lruvec.FlushStatistics();
            _nextFlushNs = nowNs / FlushNs * FlushNs + FlushNs;
        }

        Writeback?.RunUntil(nowNs);
        if (Memcg is { Transfers.UnderWriteback: not 0 })
        {
            Memcg.EndSwapWrites(nowNs);
        }

        _tickedNs = Math.Max(_tickedNs, nowNs);
    }

    private void Observe(long made)
    {
        if (_plan.ObserveEvery > 0 && (_observeLeft -= made) <= 0)
        {
            Memcg?.Lruvec.FlushStatistics();
            _observeLeft = _plan.ObserveEvery;
        }
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

    private static bool IsDone(Job job) => job.NowNs >= (job.Plan.EndNs ?? long.MaxValue) || job.Ended;
}
