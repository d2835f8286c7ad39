namespace Reclaim.Model.Pressure;

/// <summary>
/// The tasks of a cgroup on one CPU, and how long which state has lasted there. A task that sleeps is where it last ran.
///
/// <code>
///   io some    a task waits for a device            io full    … and none has work to do
///   mem some   a task lacks memory                  mem full   … and so do all that have work to do, or the one on the CPU does
///   cpu some   more have work to do than run        cpu full   … and none runs
/// </code>
///
/// Source: struct psi_group_cpu; test_states, psi_group_change, record_times in kernel/sched/psi.c, v6.8; the same rules from v6.1 on.
/// </summary>
internal sealed class PressureCpu
{
    public const int IoSome = 0;
    public const int IoFull = 1;
    public const int MemSome = 2;
    public const int MemFull = 3;
    public const int CpuSome = 4;
    public const int CpuFull = 5;

    /// <summary>Any task that does not merely sleep: what the CPU's times are weighted by.</summary>
    public const int NonIdle = 6;

    public const int States = 7;

    private readonly long[] _times = new long[States];
    private int _running;
    private int _onCpu;
    private int _memStall;
    private int _memStallRunning;
    private int _memStallOnCpu;
    private int _ioWait;
    private int _states;
    private long _sinceNs;

    /// <summary>A task goes from some states to others; either may be none, and the task elsewhere.</summary>
    public void Change(long atNs, TaskStates from, TaskStates to)
    {
        Advance(atNs);
        Count(from, -1);
        Count(to, 1);
        _states = Test();
    }

    /// <summary>Time goes on.</summary>
    public void Advance(long nowNs)
    {
        var passed = nowNs - _sinceNs;
        _sinceNs = nowNs;
        for (var state = 0; state < States; state++)
        {
            _times[state] += (_states >> state & 1) != 0 ? passed : 0;
        }
    }

    /// <summary>Whether anything is going on now.</summary>
    public bool IsBusy => (_states >> NonIdle & 1) != 0;

    /// <summary>Times since they were last taken.</summary>
    public void Take(Span<long> times)
    {
        _times.CopyTo(times);
        Array.Clear(_times);
    }

    public PressureCpu Copy()
    {
        var copy = new PressureCpu
        {
            _running = _running,
            _onCpu = _onCpu,
            _memStall = _memStall,
            _memStallRunning = _memStallRunning,
            _memStallOnCpu = _memStallOnCpu,
            _ioWait = _ioWait,
            _states = _states,
            _sinceNs = _sinceNs,
        };
        _times.CopyTo(copy._times, 0);
        return copy;
    }

    private void Count(TaskStates states, int by)
    {
        var running = (states & TaskStates.Running) != 0;
        var onCpu = (states & TaskStates.OnCpu) != 0;
        _running += running ? by : 0;
        _onCpu += onCpu ? by : 0;
        _ioWait += (states & TaskStates.IoWait) != 0 ? by : 0;
        if ((states & TaskStates.MemStall) != 0)
        {
            _memStall += by;
            _memStallRunning += running ? by : 0;
            _memStallOnCpu += onCpu ? by : 0;
        }
    }

    private int Test()
    {
        var onCpu = _onCpu > 0 ? 1 : 0;
        return Bit(IoSome, _ioWait > 0)
            | Bit(IoFull, _ioWait > 0 && _running == 0)
            | Bit(MemSome, _memStall > 0)
            | Bit(MemFull, (_memStall > 0 && _running == _memStallRunning) || _memStallOnCpu > 0)
            | Bit(CpuSome, _running > onCpu)
            | Bit(CpuFull, _running > 0 && onCpu == 0)
            | Bit(NonIdle, _ioWait > 0 || _memStall > 0 || _running > 0);
    }

    private static int Bit(int state, bool set) => set ? 1 << state : 0;
}
