using System.Diagnostics;
using System.Net;
using System.Text;
using Reclaim.Silo.Hosting;

namespace Reclaim.Storage.Tests.Servers;

/// <summary>
/// A server of one's own: on a free port of the loopback address, its data in a temporary folder. It can be killed and started again on the
/// same data. Where it is not installed, tests that need it are skipped; in CI they fail.
/// </summary>
internal abstract class LocalServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder folder = new();
    private readonly ReservedPorts ports = ReservedPorts.Take(IPAddress.Loopback, 0);
    private Process? process;

    protected LocalServer()
    {
        // Ends with the test process, should a test end without its fixtures.
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    public int Port => ports.Numbers[0];

    /// <summary>What a client connects with.</summary>
    public abstract string Connection { get; }

    /// <summary>Name of the Debian package.</summary>
    protected abstract string Package { get; }

    protected string Folder => folder.Path;

    /// <summary>What the server prints once it answers.</summary>
    protected abstract string Ready { get; }

    /// <summary>Starts the server and waits until it answers.</summary>
    public async Task StartAsync()
    {
        if (Find() is null)
        {
            var hint = $"needs {Package}: apt-get install {Package}";
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", hint);
            Assert.Fail(hint);
        }

        // Processes of a killed server may hold on to its memory for a moment.
        var until = Stopwatch.StartNew();
        for (string said; (said = await TryStartAsync()) is not ""; process!.Dispose())
        {
            Assert.True(until.Elapsed < StartTime, $"{Package} does not start: {said}");
        }
    }

    /// <summary>Ends the server and all its processes with SIGKILL.</summary>
    public async Task KillAsync()
    {
        process!.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await KillAsync();
            process.Dispose();
        }

        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        ports.Dispose();
        folder.Dispose();
    }

    /// <summary>The server's program; null if it is not installed.</summary>
    protected abstract string? Find();

    /// <summary>Program and arguments that start it in the foreground.</summary>
    protected abstract Task<string[]> CommandAsync();

    protected static string? OnPath(string program, params IEnumerable<string> elsewhere) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(elsewhere)
        .Select(directory => Path.Combine(directory, program))
        .FirstOrDefault(File.Exists);

    protected static async Task RunAsync(params string[] command)
    {
        using var program = Process.Start(Info(command))!;
        var output = await Task.WhenAll(program.StandardOutput.ReadToEndAsync(), program.StandardError.ReadToEndAsync());
        await program.WaitForExitAsync();
        Assert.True(program.ExitCode == 0, $"{string.Join(' ', command)}: {string.Concat(output)}");
    }

    /// <returns>What it said if it ended instead of answering.</returns>
    private async Task<string> TryStartAsync()
    {
        process = Process.Start(Info(await CommandAsync()))!;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new StringBuilder();
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await Task.WhenAny(ready.Task, process.WaitForExitAsync()).WaitAsync(StartTime);
        return ready.Task.IsCompleted ? "" : $"(ended) {said}";

        void Hear(string? line)
        {
            lock (said)
            {
                said.AppendLine(line);
            }

            if (line?.Contains(Ready, StringComparison.Ordinal) == true)
            {
                ready.TrySetResult();
            }
        }
    }

    private static ProcessStartInfo Info(string[] command)
    {
        var info = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        info.Environment["LC_ALL"] = "C";
        return info;
    }

    private void OnExit(object? sender, EventArgs e) => process?.Kill(entireProcessTree: true);
}
