namespace Reclaim.Model.Pressure;

/// <summary>
/// What a task is at, as far as pressure goes. None of it: asleep for reasons of its own, or not there.
/// Source: TSK_RUNNING, TSK_ONCPU, TSK_MEMSTALL, TSK_IOWAIT in include/linux/psi_types.h, v6.8.
/// </summary>
[Flags]
public enum TaskStates : byte
{
    /// <summary>Asleep, and missing nothing.</summary>
    None = 0,

    /// <summary>Has work to do: on a CPU, or waiting for one.</summary>
    Running = 1,

    /// <summary>On a CPU.</summary>
    OnCpu = 2,

    /// <summary>Held up for want of memory, running or asleep.</summary>
    MemStall = 4,

    /// <summary>Asleep until a device is done.</summary>
    IoWait = 8,
}
