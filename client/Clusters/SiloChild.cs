using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Reclaim.Silo.Membership;
using Reclaim.Silo.Security;

namespace Reclaim.Client.Clusters;

/// <summary>
/// A silo process that was started here and outlives us: it has a session of its own, reads nothing, and writes to its log. A shell sets
/// this up and then becomes the silo, so that its process id is the silo's.
/// </summary>
internal sealed class SiloChild : IDisposable
{
    /// <summary>$0: the log; the others: the command. Where there is no setsid (macOS), nohup keeps it from the terminal's end.</summary>
    private const string Become = """
        exec </dev/null >>"$0" 2>&1
        if command -v setsid >/dev/null 2>&1; then exec setsid "$@"; else trap '' HUP; exec "$@"; fi
        """;

    private readonly Process _process;

    private SiloChild(string name, string log, Process process)
    {
        (Name, Log, _process) = (name, log, process);
    }

    public string Name { get; }

    /// <summary>The file that it writes its output to.</summary>
    public string Log { get; }

    public bool HasExited => _process.HasExited;

    public int Pid => _process.Id;

    /// <param name="folder">The cluster's folder.</param>
    /// <param name="name">Name of the silo.</param>
    /// <param name="settings">Its settings, besides those of the folder: keys, each followed by its value.</param>
    public static SiloChild Start(string folder, string name, IReadOnlyList<string> settings)
    {
        var log = LogOf(folder, name);
        File.AppendAllText(log, string.Create(CultureInfo.InvariantCulture, $"-- {name} is started at {DateTime.UtcNow:yyyy-MM-dd HH:mm:ss}Z\n"));
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false, WorkingDirectory = folder };
        foreach (var argument in (string[])
        [
            "-c", Become, log, DotnetHost(), Path.Combine(AppContext.BaseDirectory, "Reclaim.Silo.dll"),
            "--Reclaim:ClusterId", LocalCluster.ClusterId, "--Reclaim:Name", name,
            "--Reclaim:Membership:Kind", "localhost", "--Reclaim:Membership:Folder", folder,
            "--Reclaim:Storage:Kind", "files", "--Reclaim:Storage:Folder", LocalFolder.RunsOf(folder),
            .. settings,
        ])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (variable, path) in ClientCredentials.WholePaths())
        {
            start.Environment[variable] = path;
        }

        return new SiloChild(name, log, Process.Start(start) ?? throw new RunFailedException("/bin/sh could not be started"));
    }

    public static string LogOf(string folder, string name) => Path.Combine(folder, name + ".log");

    /// <summary>The last lines that it wrote, of this start.</summary>
    public IReadOnlyList<string> LastLines(int count)
    {
        var lines = File.ReadAllLines(Log);
        return [.. lines.Skip(Array.FindLastIndex(lines, line => line.StartsWith("-- ", StringComparison.Ordinal)) + 1).TakeLast(count)];
    }

    public void Dispose() => _process.Dispose();

    /// <summary>The program that runs us, if we were not started by a launcher of our own: the runtime's folder is below it.</summary>
    private static string DotnetHost()
    {
        if (Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet")
        {
            return path;
        }

        var above = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        return File.Exists(above) ? above : "dotnet";
    }
}
