using Reclaim.Grains.Storage;

namespace Reclaim.Silo.Storage;

/// <summary>
/// A store of files: <c>folder/run/item</c>. An item is written beside (<see cref="WritersFolder"/>), brought to the disk, and renamed to its
/// name, and then the folder is brought to the disk: whoever reads finds the old item or the new one, and what was acknowledged survives a
/// crash of the process and of the machine. Several processes of one machine may use a folder at once.
/// </summary>
public sealed class FileRunStore : IRunStore, IDisposable
{
    /// <summary>How much is written between two looks at whether to go on.</summary>
    private const int Portion = 8 << 20;

    private readonly string folder;
    private readonly WritersFolder writing;

    private FileRunStore(string folder, WritersFolder writing)
    {
        this.folder = folder;
        this.writing = writing;
    }

    /// <summary>Opens the store in a folder, which is made if there is none, and removes what writers left that died.</summary>
    /// <exception cref="StoreUnreachableException">There can be no store.</exception>
    public static FileRunStore Open(string folder)
    {
        folder = Path.GetFullPath(folder);
        try
        {
            return new FileRunStore(folder, WritersFolder.Enter(folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnreachableException($"{RunStoreOptions.Section}:{nameof(RunStoreOptions.Folder)}", $"no storage in '{folder}': {e.Message}", e);
        }
    }

    public Task WriteAsync(string run, string item, ReadOnlyMemory<byte> content, CancellationToken cancellation = default)
    {
        var (target, name) = (RunFolder(run), StoreNames.Item(item));
        return DiskAsync(() => Write(target, name, content.Span, cancellation), cancellation);
    }

    public Task<ReadOnlyMemory<byte>?> ReadAsync(string run, string item, CancellationToken cancellation = default)
    {
        var path = Path.Combine(RunFolder(run), StoreNames.Item(item));
        return DiskAsync<ReadOnlyMemory<byte>?>(
            () =>
            {
                try
                {
                    return File.ReadAllBytes(path);
                }
                catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
                {
                    return null;
                }
            },
            cancellation);
    }

    public Task<IReadOnlyList<string>> RunsAsync(CancellationToken cancellation = default) => DiskAsync(
        () => Ordered(Directory.EnumerateDirectories(folder).Where(run => Items(run).Count > 0).Select(Path.GetFileName)), cancellation);

    public Task<IReadOnlyList<string>> ItemsAsync(string run, CancellationToken cancellation = default)
    {
        var path = RunFolder(run);
        return DiskAsync(() => Items(path), cancellation);
    }

    public Task DeleteAsync(string run, IReadOnlyCollection<string> items, CancellationToken cancellation = default)
    {
        var target = RunFolder(run);
        string[] paths = [.. items.Select(item => Path.Combine(target, StoreNames.Item(item)))];
        return DiskAsync(() => Delete(target, paths), cancellation);
    }

    public Task DeleteRunAsync(string run, CancellationToken cancellation = default)
    {
        var target = RunFolder(run);
        return DiskAsync(() => DeleteRun(target), cancellation);
    }

    public void Dispose() => writing.Dispose();

    private string RunFolder(string run) => Path.Combine(folder, StoreNames.Run(run));

    private void Write(string target, string item, ReadOnlySpan<byte> content, CancellationToken cancellation)
    {
        var half = writing.NewPath();
        try
        {
            // Room for all of it is taken first, so that a full disk says so at once.
            using (var file = File.OpenHandle(half, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, content.Length))
            {
                for (var done = 0; done < content.Length; done += Portion)
                {
                    cancellation.ThrowIfCancellationRequested();
                    RandomAccess.Write(file, content[done..Math.Min(content.Length, done + Portion)], done);
                }

                RandomAccess.FlushToDisk(file);
            }

            Publish(half, target, item);
        }
        catch
        {
            File.Delete(half);
            throw;
        }
    }

    /// <summary>Gives a file its name. Whoever deletes the run meanwhile may take its folder away between two of these calls.</summary>
    private void Publish(string half, string target, string item)
    {
        const int attempts = 100;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (File.Exists(half))
                {
                    Directory.CreateDirectory(target);
                    File.Move(half, Path.Combine(target, item), overwrite: true);
                }

                DirectorySync.Flush(target);
                DirectorySync.Flush(folder);
                return;
            }
            catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException && attempt < attempts)
            {
                if (!File.Exists(half))
                {
                    // It had its name, and then the run was deleted.
                    return;
                }
            }
        }
    }

    private static void Delete(string target, string[] paths)
    {
        try
        {
            Array.ForEach(paths, File.Delete);
            DirectorySync.Flush(target);
            if (!Directory.EnumerateFileSystemEntries(target).Any())
            {
                Directory.Delete(target);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Nor are its items there.
        }
        catch (IOException) when (Directory.Exists(target) && !paths.Any(File.Exists))
        {
            // Somebody wrote to the run just now: it stays.
        }
    }

    /// <summary>A run goes all at once: first out of sight, then off the disk.</summary>
    private void DeleteRun(string target)
    {
        var gone = writing.NewPath();
        try
        {
            Directory.Move(target, gone);
        }
        catch (DirectoryNotFoundException)
        {
            return;
        }

        DirectorySync.Flush(folder);
        Directory.Delete(gone, recursive: true);
    }

    private static IReadOnlyList<string> Items(string path)
    {
        try
        {
            return StoreNames.IsName(Path.GetFileName(path)) ? Ordered(Directory.EnumerateFiles(path).Select(Path.GetFileName)) : [];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>Names of the store, and not what else somebody may have put there.</summary>
    private static IReadOnlyList<string> Ordered(IEnumerable<string?> names) =>
        [.. names.OfType<string>().Where(StoreNames.IsName).Order(StringComparer.Ordinal)];

    private async Task DiskAsync(Action work, CancellationToken cancellation) => await DiskAsync(
        () =>
        {
            work();
            return true;
        },
        cancellation);

    /// <summary>Waits for the disk on a thread of the pool, not on the caller's, which may be a grain's.</summary>
    private async Task<T> DiskAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        try
        {
            return await Task.Run(work, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"storage folder '{folder}': {e.Message}", e);
        }
    }
}
