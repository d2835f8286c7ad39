using Reclaim.Model.Writeback;

namespace Reclaim.Model.Pressure;

/// <summary>
/// Pressure stall information of a cgroup: for how long some of its tasks, or all, got nowhere for want of I/O, memory or CPU.
///
/// <code>
///   tasks ──changes, each in order of its own clock──► by time ──► states of each CPU ──► times
///                                                                                           │ every 2.004 s, and when read
///                      averages ◄── totals ◄── mean of the CPUs, weighted by their busy time ◄┘
/// </code>
///
/// Each CPU is judged by itself, as in the kernel: of two tasks on two CPUs one may run while the other stalls, and that is 50 per cent of
/// some and of full; on one CPU it is some and no full.
///
/// Clocks of tasks run ahead of each other, so a change waits until no task can be at an earlier time. When nothing has happened for a
/// period the averages stop, and catch up once something does.
///
/// Source: struct psi_group; collect_percpu_times, update_averages, psi_avgs_work, psi_show in kernel/sched/psi.c, v6.8.
/// Simplified: CPUs are weighted by nanoseconds where the kernel counts whole ticks, and so loses what is read more often than that; the
/// work that averages runs at the tick it is due. No triggers, no irq.pressure.
/// </summary>
internal sealed class PressureGroup
{
    /// <summary>PSI_FREQ: 2 HZ + 1 ticks.</summary>
    public const long PeriodNs = (2 * Jiffies.Hz + 1) * Jiffies.Ns;

    private const int FewChanges = 256;

    private PressureCpu[] _cpus;
    private readonly RunningAverage[] _averages = new RunningAverage[PressureCpu.NonIdle];
    private StateChange[] _changes = [];
    private int _count;
    private int _many = FewChanges;
    private long _reachedNs;

    /// <summary>When the averages are due (avg_next_update), were last brought up to date, and when the work that does so runs.</summary>
    private long _dueNs = PeriodNs;
    private long _updatedNs;
    private long _workNs = long.MaxValue;
    private List<StateChange>? _log;

    /// <param name="cpus">CPUs its tasks run on.</param>
    public PressureGroup(int cpus) => _cpus = [.. Enumerable.Range(0, cpus).Select(_ => new PressureCpu())];

    private PressureGroup(PressureGroup other)
    {
        _cpus = [.. other._cpus.Select(cpu => cpu.Copy())];
        _averages = [.. other._averages];
        _changes = other._changes[..other._count];
        (_count, _reachedNs) = (other._count, other._reachedNs);
        (_dueNs, _updatedNs, _workNs) = (other._dueNs, other._updatedNs, other._workNs);
    }

    /// <summary>From that time on other tasks than the one that adds changes now may add some, or somebody may read.</summary>
    public long OpenNs { get; set; }

    /// <summary>Whether changes are kept for somebody above, to be taken with <see cref="TakeLog"/>.</summary>
    public bool IsLogged
    {
        init => _log = value ? [] : null;
    }

    /// <summary>Changes since this was asked for the last time; null: none.</summary>
    public StateChange[]? TakeLog()
    {
        if (_log is not { Count: > 0 })
        {
            return null;
        }

        StateChange[] changes = [.. _log];
        _log.Clear();
        return changes;
    }

    /// <summary>There is one more CPU that its tasks may run on.</summary>
    public void AddCpu() => _cpus = [.. _cpus, new PressureCpu()];

    /// <summary>A task changes its states. It does not go back in time, or is taken to have changed at the last that is known already.</summary>
    public void Add(StateChange change)
    {
        _log?.Add(change);
        if (_count >= _many)
        {
            Apply(Math.Min(change.AtNs, OpenNs - 1));
            _many = Math.Max(FewChanges, 2 * _count);
        }

        if (_count == _changes.Length)
        {
            Array.Resize(ref _changes, Math.Max(8, 2 * _count));
        }

        if (change.AtNs < _reachedNs)
        {
            change = change with { AtNs = _reachedNs };
        }

        // Tasks are ahead of each other by a request at most: its place is near the end.
        var at = _count++;
        while (at > 0 && _changes[at - 1].AtNs > change.AtNs)
        {
            at--;
        }

        if (at < _count - 1)
        {
            Array.Copy(_changes, at, _changes, at + 1, _count - 1 - at);
        }

        _changes[at] = change;
    }

    /// <summary>Somebody reads a file: what has happened until now is collected.</summary>
    public void Collect(long nowNs)
    {
        Apply(nowNs);
        Gather(_reachedNs);
        UpdateIfDue(_reachedNs);
    }

    /// <summary>What the file of a resource shows after <see cref="Collect"/>.</summary>
    public PressureFigures Figures(PressureResource resource) => new(_averages[2 * (int)resource].Line, _averages[2 * (int)resource + 1].Line);

    /// <summary>The totals of its lines, in nanoseconds.</summary>
    public (long Some, long Full) TotalsNs(PressureResource resource) => (_averages[2 * (int)resource].TotalNs, _averages[2 * (int)resource + 1].TotalNs);

    /// <summary>The group as it stands: reading that leaves no trace.</summary>
    public PressureGroup Copy() => new(this);

    private void Apply(long untilNs)
    {
        var applied = 0;
        for (; applied < _count && _changes[applied].AtNs <= untilNs; applied++)
        {
            ref readonly var change = ref _changes[applied];
            if (_workNs <= change.AtNs)
            {
                Work(change.AtNs);
            }

            if (_workNs == long.MaxValue)
            {
                _workNs = (Jiffies.At(change.AtNs) * Jiffies.Ns) + PeriodNs;
            }

            if (change.FromCpu == change.ToCpu)
            {
                _cpus[change.ToCpu].Change(change.AtNs, change.From, change.To);
            }
            else
            {
                _cpus[change.FromCpu].Change(change.AtNs, change.From, TaskStates.None);
                _cpus[change.ToCpu].Change(change.AtNs, TaskStates.None, change.To);
            }
        }

        Array.Copy(_changes, applied, _changes, 0, _count - applied);
        _count -= applied;
        Work(untilNs);
        _reachedNs = Math.Max(_reachedNs, untilNs);
    }

    /// <summary>The periodic work (psi_avgs_work), as often as it is due by then.</summary>
    private void Work(long untilNs)
    {
        while (_workNs <= untilNs)
        {
            var now = _workNs;
            var busy = Gather(now);
            UpdateIfDue(now);
            _workNs = busy ? _dueNs : long.MaxValue;
        }
    }

    /// <summary>Adds the times of all CPUs to the totals.</summary>
    /// <returns>Whether there was anything but sleep.</returns>
    private bool Gather(long nowNs)
    {
        Span<Int128> sums = stackalloc Int128[PressureCpu.NonIdle];
        Span<long> times = stackalloc long[PressureCpu.States];
        sums.Clear();
        var weights = 0L;
        var busy = false;
        foreach (var cpu in _cpus)
        {
            cpu.Advance(nowNs);
            cpu.Take(times);
            busy |= cpu.IsBusy;
            weights += times[PressureCpu.NonIdle];
            for (var state = 0; state < sums.Length; state++)
            {
                sums[state] += (Int128)times[state] * times[PressureCpu.NonIdle];
            }
        }

        for (var state = 0; state < sums.Length; state++)
        {
            _averages[state].TotalNs += (long)(sums[state] / Math.Max(1, weights));
        }

        return busy || weights != 0;
    }

    private void UpdateIfDue(long nowNs)
    {
        if (nowNs < _dueNs)
        {
            return;
        }

        var missed = (nowNs - _dueNs) / PeriodNs;
        foreach (ref var average in _averages.AsSpan())
        {
            average.Update(missed, nowNs - (_updatedNs + missed * PeriodNs));
        }

        _dueNs += (1 + missed) * PeriodNs;
        _updatedNs = nowNs;
    }
}
