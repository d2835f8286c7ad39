using System.Diagnostics;
using System.Globalization;

namespace Reclaim.Silo.Membership;

/// <summary>
/// A process of this machine: its id, and what tells it from a later one that is given the same id. On Linux that is the boot and the
/// time since then at which it started, which the kernel counts in its own ticks (field 22 of /proc/PID/stat).
/// </summary>
public readonly record struct ProcessIdentity(int Pid, string Start)
{
    private const string BootId = "/proc/sys/kernel/random/boot_id";

    /// <summary>After the name of the program: the state is the first field, the start the twentieth.</summary>
    private const int StateField = 0;
    private const int StartField = 19;

    /// <summary>This process.</summary>
    public static ProcessIdentity Current { get; } = Of(Environment.ProcessId) ?? new(Environment.ProcessId, "");

    /// <summary>Whether it still runs.</summary>
    public bool IsAlive => Of(Pid) == this;

    /// <summary>The process that has this id now; null: there is none, or only what its parent has not yet taken notice of.</summary>
    public static ProcessIdentity? Of(int pid)
    {
        try
        {
            return File.Exists(BootId) ? OfLinux(pid) : OfOther(pid);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static ProcessIdentity? OfLinux(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");

        // The name, in parentheses, may have blanks and parentheses of its own.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[StateField] is "Z" or "X" ? null : new ProcessIdentity(pid, $"{File.ReadAllText(BootId).Trim()}/{fields[StartField]}");
    }

    private static ProcessIdentity? OfOther(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.HasExited
            ? null
            : new ProcessIdentity(pid, process.StartTime.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture));
    }
}
