using System.Globalization;

namespace Reclaim.Silo.Storage;

/// <summary>
/// Where one process writes what is not an item yet, beside those of others:
/// <code>
/// .storage/lock               held while a process comes and sweeps
/// .storage/ID/lock            held by process ID as long as it lives: the kernel releases it, however the process ends
/// .storage/ID/0, 1, 2, …      half-written items, and runs on their way out
/// </code>
/// A folder whose lock is free is what a crash left: whoever comes next removes it.
/// </summary>
internal sealed class WritersFolder : IDisposable
{
    /// <summary>No name of a run begins with a dot.</summary>
    private const string Common = ".storage";

    private const string LockName = "lock";

    /// <summary>Sweeping takes as long as removing some files does; whoever holds the lock for longer hangs.</summary>
    private static readonly TimeSpan LockTime = TimeSpan.FromSeconds(30);

    private readonly string common;
    private readonly string own;
    private readonly FileStream life;
    private long count;

    private WritersFolder(string common, string own, FileStream life)
    {
        this.common = common;
        this.own = own;
        this.life = life;
    }

    /// <summary>Comes to the folder of a store: sweeps it and takes a place in it.</summary>
    public static WritersFolder Enter(string store)
    {
        var common = Path.Combine(store, Common);
        Directory.CreateDirectory(common);
        using var gate = Lock(common);
        Sweep(common);
        var own = Path.Combine(common, string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{Guid.NewGuid():N}"));
        Directory.CreateDirectory(own);
        return new WritersFolder(common, own, TryLock(Path.Combine(own, LockName))!);
    }

    /// <summary>A path where there is nothing yet.</summary>
    public string NewPath() => Path.Combine(own, Interlocked.Increment(ref count).ToString(CultureInfo.InvariantCulture));

    public void Dispose()
    {
        using var gate = Lock(common);
        life.Dispose();
        Directory.Delete(own, recursive: true);
    }

    private static void Sweep(string common)
    {
        foreach (var folder in Directory.GetDirectories(common))
        {
            using var free = TryLock(Path.Combine(folder, LockName));
            if (free is not null)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static FileStream Lock(string common)
    {
        var path = Path.Combine(common, LockName);
        for (var until = Environment.TickCount64 + (long)LockTime.TotalMilliseconds; ;)
        {
            if (TryLock(path) is { } taken)
            {
                return taken;
            }

            if (Environment.TickCount64 > until)
            {
                throw new IOException($"another process has held '{path}' for {LockTime.TotalSeconds:0} s");
            }

            Thread.Sleep(10);
        }
    }

    /// <summary>An exclusive advisory lock (flock(2)).</summary>
    /// <returns>Null if another has it.</returns>
    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException) && File.Exists(path))
        {
            return null;
        }
    }
}
