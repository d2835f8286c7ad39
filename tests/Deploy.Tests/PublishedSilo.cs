using System.Diagnostics;
using System.Text;

namespace Reclaim.Deploy.Tests;

/// <summary>A published silo, started as the image would start it: its entry point, in its folder, as a user who may write nowhere.</summary>
internal sealed class PublishedSilo : IDisposable
{
    private static readonly Dockerfile Image = Dockerfile.Parse();

    private readonly IReadOnlyDictionary<string, string> environment;
    private readonly Process process;
    private readonly StringBuilder said = new();
    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="folder">Where it was published.</param>
    /// <param name="settings">Its environment besides the image's.</param>
    public PublishedSilo(string folder, IReadOnlyDictionary<string, string> settings)
    {
        environment = Image.Environment.Concat(settings).ToDictionary();
        process = Process.Start(Info([.. AsNobody, .. Image.Start], folder))!;
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What it has printed.</summary>
    public string Said
    {
        get
        {
            lock (said)
            {
                return said.ToString();
            }
        }
    }

    private static string[] AsNobody => Environment.IsPrivilegedProcess
        ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", "--bounding-set=-all", "--"]
        : [];

    /// <summary>Waits until it says that it has started.</summary>
    public async Task StartedAsync(CancellationToken cancellation)
    {
        await Task.WhenAny(started.Task, process.WaitForExitAsync(cancellation));
        Assert.True(started.Task.IsCompleted, Said);
    }

    /// <summary>Runs the image's health check.</summary>
    public async Task<bool> IsHealthyAsync(CancellationToken cancellation)
    {
        Assert.Equal("/app/healthcheck", Assert.Single(Image.Health));
        using var check = Process.Start(Info([Repository.Path("deploy", "healthcheck")], "/"))!;
        await check.WaitForExitAsync(cancellation);
        return check.ExitCode == 0;
    }

    /// <summary>Sends SIGTERM.</summary>
    /// <returns>The exit status.</returns>
    public async Task<int> TerminateAsync(CancellationToken cancellation)
    {
        await Repository.RunAsync("kill", "-TERM", $"{process.Id}");
        return await EndedAsync(cancellation);
    }

    /// <summary>Waits until it has ended.</summary>
    /// <returns>The exit status.</returns>
    public async Task<int> EndedAsync(CancellationToken cancellation)
    {
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode;
    }

    /// <summary>Ends it with SIGKILL.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            Kill();
        }

        process.Dispose();
    }

    private ProcessStartInfo Info(string[] command, string folder)
    {
        var info = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        info.Environment["HOME"] = "/nonexistent";
        foreach (var (name, value) in environment)
        {
            info.Environment[name] = value;
        }

        return info;
    }

    private void Hear(string? line)
    {
        lock (said)
        {
            said.AppendLine(line);
        }

        if (line == "started")
        {
            started.TrySetResult();
        }
    }
}
