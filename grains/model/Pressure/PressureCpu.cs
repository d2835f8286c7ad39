using System.Numerics;

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

    /// <summary>
    /// Bits of a count. Two words have three each, so that a change is an addition:
    /// <code>
    ///             62        42 41        21 20         0
    ///   working  │ waiting I/O │ on the CPU │ with work │   of all tasks here
    ///   stalling │     all     │ on the CPU │ with work │   of those that lack memory
    /// </code>
    /// </summary>
    private const int Field = 21;

    private const long FieldMask = (1L << Field) - 1;

    private static readonly long[] _work = [.. Enumerable.Range(0, 16).Select(states => Counts((TaskStates)states, TaskStates.IoWait))];

    private static readonly long[] _stalls = [.. Enumerable.Range(0, 16).Select(states =>
        ((TaskStates)states & TaskStates.MemStall) == 0 ? 0 : Counts((TaskStates)states, TaskStates.MemStall))];

    private readonly long[] _times = new long[States];
    private long _working;
    private long _stalling;
    private int _states;
    private bool _changed;
    private long _sinceNs;

    /// <summary>Whether anything is going on now.</summary>
    public bool IsBusy => (_working | _stalling) != 0;

    /// <summary>A task goes from some states to others; either may be none, and the task elsewhere.</summary>
    public void Change(long atNs, TaskStates from, TaskStates to)
    {
        Advance(atNs);
        _working += _work[(int)to] - _work[(int)from];
        _stalling += _stalls[(int)to] - _stalls[(int)from];
        _changed = true;
    }

    /// <summary>Time goes on.</summary>
    public void Advance(long nowNs)
    {
        var passed = nowNs - _sinceNs;
        if (passed == 0)
        {
            return;
        }

        _sinceNs = nowNs;
        if (_changed)
        {
            _states = Test();
            _changed = false;
        }

        for (var left = _states; left != 0; left &= left - 1)
        {
            _times[BitOperations.TrailingZeroCount(left)] += passed;
        }
    }

    /// <summary>Times since they were last taken.</summary>
    public void Take(Span<long> times)
    {
        _times.CopyTo(times);
        Array.Clear(_times);
    }

    public PressureCpu Copy()
    {
        var copy = new PressureCpu { _working = _working, _stalling = _stalling, _states = _states, _changed = _changed, _sinceNs = _sinceNs };
        _times.CopyTo(copy._times, 0);
        return copy;
    }

    private int Test()
    {
        var (running, anyOnCpu, ioWait) = (_working & FieldMask, (_working >> Field & FieldMask) != 0, _working >> 2 * Field != 0);
        var (stalledRunning, stalledOnCpu, stalled) = (_stalling & FieldMask, (_stalling >> Field & FieldMask) != 0, _stalling >> 2 * Field != 0);
        return Bit(IoSome, ioWait)
            | Bit(IoFull, ioWait && running == 0)
            | Bit(MemSome, stalled)
            | Bit(MemFull, stalled && (running == stalledRunning || stalledOnCpu))
            | Bit(CpuSome, running > (anyOnCpu ? 1 : 0))
            | Bit(CpuFull, running > 0 && !anyOnCpu)
            | Bit(NonIdle, IsBusy);
    }

    /// <summary>What a task adds to the counts of a word.</summary>
    private static long Counts(TaskStates states, TaskStates third) =>
        ((states & TaskStates.Running) != 0 ? 1L : 0)
        | ((states & TaskStates.OnCpu) != 0 ? 1L << Field : 0)
        | ((states & third) != 0 ? 1L << 2 * Field : 0);

    private static int Bit(int state, bool set) => set ? 1 << state : 0;
}
