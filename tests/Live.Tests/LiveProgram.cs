using System.Collections.Concurrent;
using System.Diagnostics;

namespace Reclaim.Live.Tests;

/// <summary><c>reclaim run … --live</c> as a process of its own, as somebody starts it in a terminal.</summary>
internal sealed class LiveProgram : IAsyncDisposable
{
    private const string Prefix = "live: ";
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly Process process;
    private readonly ConcurrentQueue<string> said;

    private LiveProgram(Process process, ConcurrentQueue<string> said, string address) => (this.process, this.said, Address) = (process, said, address);

    /// <summary>The page, with its token.</summary>
    public string Address { get; }

    public int Pid => process.Id;

    /// <summary>What it has written to standard error.</summary>
    public IReadOnlyCollection<string> Said => said;

    public static async Task<LiveProgram> StartAsync(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "reclaim.dll"), "run", .. args, "--live", "--quiet"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        var process = Process.Start(start)!;
        var said = new ConcurrentQueue<string>();
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not { } text)
            {
                address.TrySetException(new InvalidOperationException($"it ended without a page: {string.Join('\n', said)}"));
                return;
            }

            said.Enqueue(text);
            if (text.StartsWith(Prefix, StringComparison.Ordinal))
            {
                address.TrySetResult(text[Prefix.Length..]);
            }
        };
        process.OutputDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return new LiveProgram(process, said, await address.Task.WaitAsync(_patience));
    }

    /// <summary>Scenarios that the program ships.</summary>
    public static string Scenario(string name) => Path.Combine(AppContext.BaseDirectory, "scenarios", name);

    /// <summary>Ends it as Ctrl-C does.</summary>
    /// <returns>Its exit status.</returns>
    public async Task<int> InterruptAsync()
    {
        using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        await process.WaitForExitAsync().WaitAsync(_patience);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }
}
