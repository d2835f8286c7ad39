using System.Runtime.InteropServices;
using Reclaim.Silo.Membership;

namespace Reclaim.Client.Clusters;

/// <summary>Signals to silo processes. A process that has got the id of a silo that is gone is never sent one.</summary>
internal static class Signals
{
    private const int Terminate = 15;
    private const int Kill = 9;

    public static void SendTerminate(ProcessIdentity process) => Send(process, Terminate);

    public static void SendKill(ProcessIdentity process) => Send(process, Kill);

    private static void Send(ProcessIdentity process, int signal)
    {
        if (process.IsAlive)
        {
            // That it has ended meanwhile is as good.
            _ = Send(process.Pid, signal);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Send(int pid, int signal);
}
