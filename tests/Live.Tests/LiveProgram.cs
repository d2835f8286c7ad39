using System.Collections.Concurrent;
using System.Diagnostics;

namespace Reclaim.Live.Tests;

/// <summary>A program with a live page, as a process of its own, as somebody starts it in a terminal.</summary>
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

    /// <summary>What it has written.</summary>
    public IReadOnlyCollection<string> Said => said;

    /// <summary><c>reclaim run … --live</c>.</summary>
    public static Task<LiveProgram> StartAsync(params string[] args) => StartAsync("reclaim.dll", ["run", .. args, "--live", "--quiet"], null);

    /// <summary>A silo that is a cluster of its own.</summary>
    /// <param name="folder">Where it keeps everything.</param>
    /// <param name="secret">What it asks clients for; null: nothing.</param>
    public static Task<LiveProgram> SiloAsync(string folder, string? secret) =>
        StartAsync("Reclaim.Silo.dll", ["--Membership:Folder", folder, "--Storage:Folder", Path.Combine(folder, "runs")], secret);

    private static async Task<LiveProgram> StartAsync(string program, string[] args, string? secret)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program), .. args])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            Environment = { ["RECLAIM_SECRET"] = secret },
        };
        var process = Process.Start(start)!;
        var said = new ConcurrentQueue<string>();
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => address.TrySetException(new InvalidOperationException($"{program} ended without a page: {string.Join('\n', said)}"));
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return new LiveProgram(process, said, await address.Task.WaitAsync(_patience));

        void Hear(string? line)
        {
            if (line is not null)
            {
                said.Enqueue(line);
                if (line.StartsWith(Prefix, StringComparison.Ordinal))
                {
                    address.TrySetResult(line[Prefix.Length..]);
                }
            }
        }
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
