using Reclaim.Model.Control;
using Reclaim.Model.Lruvecs;
using Reclaim.Model.Mappings;
using Reclaim.Model.Memcg;
using Reclaim.Model.Pressure;
using Reclaim.Model.Records;
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
    private bool _isShared;
    private bool _oneRound;
    private long _nodeCeiling = long.MaxValue;
    private long _requestsUntilNs = long.MaxValue;
    private bool _waitsForOthers;

    /// <summary>Whether a job waits for a CPU, or slept in the middle of a request: although no access was made there is no lack of pages.</summary>
    private bool _waits;
    private bool? _usesSharedDevices;
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
        Devices = new DeviceQueues(plan.SharedDevices);
        _queue = new JobQueue(jobs.Length);
        for (var i = 0; i < jobs.Length; i++)
        {
            _queue.Add(i, jobs[i].NowNs);
        }

        _cpuFreeNs = !plan.Turns && jobs.Length > plan.Cpus ? new long[plan.Cpus] : [];
        Pressure = PressureOf(jobs, plan);
        Series = plan.TakesSamples ? new TimeSeries() : null;
        Bandwidth = plan is { CpuMax: { } max, Turns: false } ? new CpuBandwidth(max) : null;
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
        Devices = before.Devices;
        Writeback = before.Writeback;
        Control = before.Control;
        Victims = before.Victims;
        LruLock = before.LruLock;
        AccessNs = before.AccessNs;
        Pressure = before.Pressure;
        Series = before.Series;
        Bandwidth = before.Bandwidth;
        _queue = before._queue;
        _cpuFreeNs = before._cpuFreeNs;
        _nextFlushNs = before._nextFlushNs;
        _observeLeft = before._observeLeft;
        _turn = before._turn;
        _turnLeft = before._turnLeft;
        _clockNs = before._clockNs;
        _tickedNs = before._tickedNs;
        (_isShared, _oneRound) = (before._isShared, before._oneRound);
        _nodeCeiling = before._nodeCeiling;
        _requestsUntilNs = before._requestsUntilNs;
        OverHighJob = before.OverHighJob;
        ForgetReclaimWork();
    }

    public Job[] Jobs { get; }

    /// <summary>The cgroup, or null under a reference policy.</summary>
    protected MemoryCgroup? Memcg { get; }

    protected CostTable Costs { get; }

    /// <summary>The devices at which other containers may be in its way.</summary>
    public DeviceQueues Devices { get; }

    /// <summary>Writeback, if anything writes.</summary>
    public WritebackDomain? Writeback { get; init; }

    /// <summary>Virtual time at which writeback goes on: no job may run past it, whatever it was to run until. One that is killed runs no further at all, and none before kswapd is awake, or before what is above memory.high is reclaimed.</summary>
    protected long WritebackNs => IsDying || WakesKswapd || OverHighJob >= 0 ? long.MinValue : Math.Min(
        Writeback?.NextEventNs ?? long.MaxValue,
        Memcg is { Transfers: { UnderWriteback: not 0 } transfers } ? transfers.NextEndNs ?? long.MaxValue : long.MaxValue);

    /// <summary>The policy that the loop was compiled against.</summary>
    protected abstract Lruvec? Lruvec { get; }

    /// <summary>Its control files; null under a reference policy, which has none.</summary>
    public ControlFiles? Control { get; init; }

    /// <summary>Samples of what it is like; null: none were asked for.</summary>
    public TimeSeries? Series { get; }

    /// <summary>CPU time it may have; null: as much as it wants.</summary>
    public CpuBandwidth? Bandwidth { get; }

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

        // Who writes may ask a device at any time.
        horizonNs = Writeback is null ? horizonNs : Math.Min(horizonNs, _requestsUntilNs);
        if (IsRoundOver())
        {
            return StopReason.Round;
        }

        for (var left = maxAccesses; ;)
        {
            if (_queue.Count == 0)
            {
                Tick(NowNs);
                return End();
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

            (_waitsForOthers, _waits) = (false, false);
            var made = _plan.Turns ? RunTurn(horizonNs, left) : RunEarliest(horizonNs, left);
            left -= made;
            Observe(made);
            if (OverHighJob >= 0)
            {
                return StopReason.High;
            }

            if (IsRoundOver())
            {
                return _queue.Count == 0 ? End() : StopReason.Round;
            }

            if (_killed)
            {
                // Whose turn it is has changed, and what there is to be had.
                _killed = false;
                continue;
            }

            if (_waits)
            {
                continue;
            }

            if (made == 0 && WakesKswapd)
            {
                return StopReason.Wake;
            }

            if (made == 0 && _waitsForOthers)
            {
                return StopReason.Request;
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

    /// <summary>All jobs have ended, and with them the cgroup perhaps.</summary>
    private StopReason End()
    {
        if (_plan.Rmdir && Memcg is { IsOffline: false })
        {
            Memcg.Offline();
        }

        return StopReason.Done;
    }

    /// <summary>Whether the round is over that was to be the last; asked again it is not.</summary>
    private bool IsRoundOver()
    {
        var over = _roundOver && _oneRound;
        _roundOver &= !over;
        return over;
    }

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
        job.Stalls?.Add(job.Number, StallKind.Writeback, job.NowNs, AccessNs);
        job.NoteOffCpu(AccessNs - job.NowNs);
        job.Counts.ReclaimWaitNs += AccessNs - job.NowNs;
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
        if (job.Mm is { Scanner: { } scanner, Exited: false })
        {
            ScanHints(job, scanner);
            untilNs = Math.Min(untilNs, scanner.NextNs);
        }

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
            var next = Math.Min(Math.Min(_nextFlushNs, WritebackNs), Series?.NextNs ?? long.MaxValue);
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
            SettleNodes();
            Memcg?.Records?.Time(task: -1, at, ReclaimNs);
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

        while (Series is { } series && series.NextNs <= nowNs)
        {
            var at = series.NextNs;
            SampleColumns.Fill(series.Add(), Jobs, Memcg, Pressure, at);
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

    public static bool IsDone(Job job) => job.NowNs >= (job.Plan.EndNs ?? long.MaxValue) || job.Ended;
}
