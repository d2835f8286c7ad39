using System.Diagnostics;
using System.Globalization;
using Reclaim.Silo.Storage;
using Reclaim.StoreWriter;

namespace Reclaim.Storage.Tests;

/// <summary>Processes that use a folder and die, and a disk that runs full.</summary>
public sealed class FileCrashTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_writer_that_is_killed_leaves_the_old_item_or_the_new_one()
    {
        using var reader = FileRunStore.Open(folder.Path);
        var random = new Random(1);
        for (var crash = 0; crash < 6; crash++)
        {
            var acknowledged = await KilledWriterAsync(atLeast: 1 + random.Next(5));

            var found = Versions.Of((await reader.ReadAsync("run", "state", Cancellation))!.Value);

            Assert.InRange(found, acknowledged, acknowledged + 1);
            Assert.Equal(["state"], await reader.ItemsAsync("run", Cancellation));
            Assert.Equal(["run"], await reader.RunsAsync(Cancellation));
        }
    }

    [Fact]
    public async Task What_dead_writers_left_is_swept_at_the_next_start_and_that_of_live_ones_is_not()
    {
        using var alive = FileRunStore.Open(folder.Path);
        await KilledWriterAsync(atLeast: 1);
        await KilledWriterAsync(atLeast: 1);
        Assert.Equal(2, WriterFolders());

        using (FileRunStore.Open(folder.Path))
        {
            Assert.Equal(2, WriterFolders());
        }

        Assert.Equal(1, WriterFolders());
        await alive.WriteAsync("run", "item", new byte[10], Cancellation);
    }

    [Fact]
    public async Task Processes_that_write_at_the_same_time_do_not_disturb_each_other()
    {
        using var store = FileRunStore.Open(folder.Path);

        var writers = await Task.WhenAll(KilledWriterAsync(3, "run-1"), KilledWriterAsync(3, "run-2"));

        Assert.InRange(Versions.Of((await store.ReadAsync("run-1", "state", Cancellation))!.Value), writers[0], writers[0] + 1);
        Assert.InRange(Versions.Of((await store.ReadAsync("run-2", "state", Cancellation))!.Value), writers[1], writers[1] + 1);
    }

    [Fact]
    public async Task A_closed_store_leaves_nothing_but_its_items()
    {
        using (var store = FileRunStore.Open(folder.Path))
        {
            await store.WriteAsync("run", "item", new byte[10], Cancellation);
            await store.DeleteRunAsync("run", Cancellation);
            await store.WriteAsync("kept", "item", new byte[10], Cancellation);
        }

        Assert.Equal(0, WriterFolders());
        Assert.Equal([".storage", "kept"], Directory.GetDirectories(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_somebody_else_put_there_is_no_item()
    {
        using var store = FileRunStore.Open(folder.Path);
        Directory.CreateDirectory(Path.Combine(folder.Path, "run", "a-folder"));
        Directory.CreateDirectory(Path.Combine(folder.Path, ".hidden"));
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "a-file"), "", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, ".hidden", "item"), "", Cancellation);

        Assert.Empty(await store.RunsAsync(Cancellation));
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "run", ".hidden"), "", Cancellation);
        Assert.Empty(await store.ItemsAsync("run", Cancellation));
    }

    /// <summary>Takes a small file system of its own, in a mount namespace that goes with its process.</summary>
    [Fact]
    public async Task A_full_disk_is_an_error_that_names_the_folder_and_loses_nothing_that_was_there()
    {
        const string mount = "mount -t tmpfs -o size=20m none \"$0\"";
        using var possible = Start("unshare", "--mount", "--map-root-user", "sh", "-c", mount, folder.Path);
        await possible.WaitForExitAsync(Cancellation);
        Assert.SkipUnless(possible.ExitCode == 0, "no file system may be mounted here");

        using var writer = Start("unshare", ["--mount", "--map-root-user", "sh", "-c", mount + " && exec \"$@\"", folder.Path, .. Writer("fill", "run")]);
        var error = await writer.StandardOutput.ReadLineAsync(Cancellation);
        var whole = await writer.StandardOutput.ReadLineAsync(Cancellation);

        Assert.Contains($"'{folder.Path}'", error, StringComparison.Ordinal);
        Assert.Matches("(?i)space|full", error!);
        Assert.Equal("3 of 3", whole); // 4 + 5 + 6 MiB, and 7 do not fit.
    }

    public void Dispose() => folder.Dispose();

    /// <summary>Runs a process that writes one item again and again, and kills it after so many writes.</summary>
    /// <returns>The last version that was acknowledged.</returns>
    private async Task<int> KilledWriterAsync(int atLeast, string run = "run")
    {
        var command = Writer("overwrite", run);
        using var writer = Start(command[0], command[1..]);
        var last = -1;
        for (var lines = 0; await writer.StandardOutput.ReadLineAsync(Cancellation) is { } line;)
        {
            last = int.Parse(line, CultureInfo.InvariantCulture);
            if (++lines == atLeast)
            {
                writer.Kill();
            }
        }

        await writer.WaitForExitAsync(Cancellation);
        Assert.True(last >= 0, await writer.StandardError.ReadToEndAsync(Cancellation));
        return last;
    }

    private string[] Writer(string work, string run) =>
        [Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet", typeof(Versions).Assembly.Location, work, folder.Path, run];

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    private int WriterFolders() => Directory.GetDirectories(Path.Combine(folder.Path, ".storage")).Length;
}
