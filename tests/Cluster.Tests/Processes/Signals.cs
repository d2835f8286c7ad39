using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Reclaim.Cluster.Tests.Processes;

/// <summary>kill(2).</summary>
internal static partial class Signals
{
    private const int SigKill = 9;
    private const int SigTerm = 15;

    /// <summary>Ends a process at once, in the middle of whatever it does.</summary>
    public static void Kill(int pid) => Send(pid, SigKill);

    /// <summary>Tells a process to end.</summary>
    public static void Terminate(int pid) => Send(pid, SigTerm);

    private static void Send(int pid, int signal)
    {
        if (Call(pid, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"kill {pid}");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Call(int pid, int signal);
}
