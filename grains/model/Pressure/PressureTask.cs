namespace Reclaim.Model.Pressure;

/// <summary>
/// A task of a pressure group. It says when it leaves its CPU, stalls or waits; as long as it runs on it says nothing.
/// Source: psi_task_change, psi_task_switch, psi_memstall_enter in kernel/sched/psi.c, v6.8.
/// </summary>
internal sealed class PressureTask(PressureGroup group, int cpu)
{
    private const TaskStates RunningOnCpu = TaskStates.Running | TaskStates.OnCpu;

    private TaskStates _states;

    /// <summary>The CPU it is on, or was on last.</summary>
    public int Cpu { get; private set; } = cpu;

    /// <summary>Runs, on a CPU.</summary>
    public void Run(long atNs, int cpu) => Set(atNs, RunningOnCpu, cpu);

    /// <summary>Waits for a CPU.</summary>
    public void WaitForCpu(long atNs, int cpu) => Set(atNs, TaskStates.Running, cpu);

    /// <summary>Ends.</summary>
    public void Exit(long atNs) => Set(atNs, TaskStates.None, Cpu);

    /// <summary>Reclaims, or the like: runs, but for want of memory only.</summary>
    public void Stall(long fromNs, long toNs) => Pass(fromNs, toNs, RunningOnCpu | TaskStates.MemStall);

    /// <summary>Waits for a CPU for a while.</summary>
    public void Wait(long fromNs, long toNs) => Pass(fromNs, toNs, TaskStates.Running);

    /// <summary>Lets go of the CPU for a while.</summary>
    public void Sleep(long fromNs, long toNs, TaskStates states) => Pass(fromNs, toNs, states);

    private void Pass(long fromNs, long toNs, TaskStates states)
    {
        if (toNs > fromNs)
        {
            Set(fromNs, states, Cpu);
            Set(toNs, RunningOnCpu, Cpu);
        }
    }

    /// <summary>Is at something else, or somewhere else, from a time on.</summary>
    public void Set(long atNs, TaskStates states, int cpu)
    {
        if (states != _states || cpu != Cpu)
        {
            group.Add(new StateChange(atNs, Cpu, cpu, _states, states));
            (_states, Cpu) = (states, cpu);
        }
    }
}
