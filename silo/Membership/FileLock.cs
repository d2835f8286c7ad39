using System.Diagnostics;

namespace Reclaim.Silo.Membership;

/// <summary>A file that one holder at a time has open, of all processes of the machine. The lock is the kernel's and dies with its holder.</summary>
public sealed class FileLock : IDisposable
{
    private static readonly TimeSpan _again = TimeSpan.FromMilliseconds(5);

    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Waits for the lock.</summary>
    /// <param name="path">The file; it is made if need be, and stays.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">Somebody has it for longer, or the file cannot be made.</exception>
    public static async Task<FileLock> TakeAsync(string path, TimeSpan patience, CancellationToken cancellation = default)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var clock = Stopwatch.StartNew();
        for (; ; )
        {
            try
            {
                return new FileLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (File.Exists(path) && clock.Elapsed < patience)
            {
                await Task.Delay(_again, cancellation);
            }
            catch (IOException e) when (File.Exists(path))
            {
                throw new IOException($"{path}: another process holds this lock since {patience.TotalSeconds:0} s", e);
            }
        }
    }

    /// <summary>Whether somebody has it just now.</summary>
    public static bool IsHeld(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose() => _file.Dispose();
}
