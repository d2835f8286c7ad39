using System.Globalization;
using Microsoft.Extensions.Logging;
using Reclaim.Grains.Storage;
using StackExchange.Redis;

namespace Reclaim.Silo.Storage;

/// <summary>
/// A store in Redis:
/// <code>
/// {reclaim}:runs                          set    the runs
/// {reclaim}:sequence                      counter, from which each write takes its version
/// {reclaim}:items:RUN                     hash   item → "version chunks length"
/// {reclaim}:chunk:RUN:ITEM:VERSION:n      string some megabytes of the item
/// </code>
/// A write puts its chunks under a version of its own, where nobody looks, and then makes them the item in one script. Until then they expire,
/// so that nothing stays of a writer that dies; the chunks they replace are left to their readers for some seconds. Of two writes the one that
/// began later wins, so that a delayed attempt of an earlier one undoes nothing.
/// <para>
/// What is acknowledged survives the server if it appends to a file and writes before it answers (<c>appendonly yes</c>, <c>appendfsync always</c>); with the default, everysec, a server that was killed has lost its last items in 1 of 50 trials.
/// </para>
/// </summary>
public sealed partial class RedisRunStore : IRunStore, IAsyncDisposable
{
    /// <summary>The braces keep all keys in one slot of a Redis cluster, as scripts need.</summary>
    private const string Prefix = "{reclaim}:";

    private const int ChunkBytes = 4 << 20;

    /// <summary>How long chunks wait to become an item.</summary>
    private static readonly TimeSpan Unpublished = TimeSpan.FromMinutes(10);

    /// <summary>How long readers find what has been replaced.</summary>
    private const int SecondsForReaders = 5;

    /// <summary>How often a reader begins again that was slower than that.</summary>
    private const int Readings = 10;

    private readonly ConnectionMultiplexer server;
    private readonly IDatabase redis;
    private readonly string where;

    private RedisRunStore(ConnectionMultiplexer server, string where)
    {
        this.server = server;
        this.where = where;
        redis = server.GetDatabase();
    }

    /// <summary>Opens the store of a server.</summary>
    /// <exception cref="StoreUnreachableException">It does not answer, or the connection is none.</exception>
    public static async Task<RedisRunStore> OpenAsync(string connection, ILoggerFactory logs, CancellationToken cancellation = default)
    {
        var options = ServerConnections.Redis(connection, RunStores.ConnectionKey);
        var server = await ServerConnections.ConnectAsync(options, RunStores.ConnectionKey, cancellation);
        var store = new RedisRunStore(server, string.Join(", ", options.EndPoints));
        await store.SeeWhatIsKeptAsync(logs.CreateLogger<RedisRunStore>());
        return store;
    }

    public Task WriteAsync(string run, string item, ReadOnlyMemory<byte> content, CancellationToken cancellation = default)
    {
        var (chunks, length) = (Keys.Of(run).Chunks + StoreNames.Item(item), content.Length);
        return CallAsync(
            async () =>
            {
                var version = await redis.StringIncrementAsync(Prefix + "sequence").WaitAsync(cancellation);
                var count = 0;
                for (var begin = 0; begin < length; begin += ChunkBytes, count++)
                {
                    var chunk = content[begin..Math.Min(length, begin + ChunkBytes)];
                    await redis.StringSetAsync(Invariant($"{chunks}:{version}:{count}"), chunk, Unpublished).WaitAsync(cancellation);
                }

                var done = await ScriptAsync(RedisScripts.Publish, run, cancellation, item, version, count, length, SecondsForReaders);
                return (long)done == 1 ? true : throw new IOException("chunks were gone before they became an item: is the server evicting keys?");
            },
            cancellation);
    }

    public Task<ReadOnlyMemory<byte>?> ReadAsync(string run, string item, CancellationToken cancellation = default)
    {
        StoreNames.Item(item);
        return CallAsync(() => ReadItemAsync(run, item, cancellation), cancellation);
    }

    public Task<IReadOnlyList<string>> RunsAsync(CancellationToken cancellation = default) =>
        CallAsync(async () => Ordered(await redis.SetMembersAsync(Keys.Runs).WaitAsync(cancellation)), cancellation);

    public Task<IReadOnlyList<string>> ItemsAsync(string run, CancellationToken cancellation = default)
    {
        var keys = Keys.Of(run);
        return CallAsync(async () => Ordered(await redis.HashKeysAsync(keys.Items).WaitAsync(cancellation)), cancellation);
    }

    public Task DeleteAsync(string run, IReadOnlyCollection<string> items, CancellationToken cancellation = default)
    {
        RedisValue[] names = [.. items.Select(item => (RedisValue)StoreNames.Item(item))];
        return CallAsync(() => ScriptAsync(RedisScripts.Delete, run, cancellation, names), cancellation);
    }

    public Task DeleteRunAsync(string run, CancellationToken cancellation = default) =>
        CallAsync(() => ScriptAsync(RedisScripts.DeleteRun, run, cancellation), cancellation);

    public ValueTask DisposeAsync() => server.DisposeAsync();

    /// <summary>Warns of a server that may forget what it acknowledged; one that does not let itself be asked is believed.</summary>
    private async Task SeeWhatIsKeptAsync(ILogger logger)
    {
        try
        {
            var facts = (await redis.ExecuteAsync("INFO", "persistence")).ToString();
            if (facts.Contains("aof_enabled:0", StringComparison.Ordinal))
            {
                LogForgetful(logger, where);
                return;
            }

            if ((string?[]?)await redis.ExecuteAsync("CONFIG", "GET", "appendfsync") is [_, { } policy and not "always"])
            {
                LogLate(logger, where, policy);
            }
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // Not for us to ask.
        }
    }

    [LoggerMessage(LogLevel.Warning, "Redis at {Where} runs without 'appendonly yes': checkpoints written since its last snapshot are lost when it ends")]
    private static partial void LogForgetful(ILogger logger, string where);

    [LoggerMessage(LogLevel.Warning, "Redis at {Where} runs with 'appendfsync {Policy}', not 'always': its last checkpoints may be lost when it is killed")]
    private static partial void LogLate(ILogger logger, string where, string policy);

    private async Task<ReadOnlyMemory<byte>?> ReadItemAsync(string run, string item, CancellationToken cancellation)
    {
        for (var reading = 0; reading < Readings; reading++)
        {
            var found = (RedisResult[])(await ScriptAsync(RedisScripts.Read, run, cancellation, item))!;
            if (found.Length == 0)
            {
                return null;
            }

            var entry = Array.ConvertAll(((string)found[0]!).Split(' '), number => long.Parse(number, CultureInfo.InvariantCulture));
            var (version, count, content) = (entry[0], entry[1], new byte[entry[2]]);
            var filled = count == 1 ? Fill(content, 0, (byte[]?)found[1]) : 0;
            for (var number = 0; count > 1 && number < count && filled >= 0; number++)
            {
                var key = Invariant($"{Keys.Of(run).Chunks}{item}:{version}:{number}");
                filled = Fill(content, filled, await redis.StringGetAsync(key).WaitAsync(cancellation));
            }

            if (filled == content.Length)
            {
                return content;
            }
        }

        throw new IOException($"'{item}' of '{run}' is not whole: is the server evicting keys?");
    }

    /// <summary>Appends a chunk.</summary>
    /// <returns>How much is filled then; negative if there is no such chunk.</returns>
    private static int Fill(byte[] content, int filled, byte[]? chunk)
    {
        if (chunk is null || chunk.Length > content.Length - filled)
        {
            return -1;
        }

        chunk.CopyTo(content, filled);
        return filled + chunk.Length;
    }

    private Task<RedisResult> ScriptAsync(string script, string run, CancellationToken cancellation, params RedisValue[] arguments)
    {
        var keys = Keys.Of(run);
        return redis.ScriptEvaluateAsync(script, [Keys.Runs, keys.Items], [keys.Chunks, run, .. arguments]).WaitAsync(cancellation);
    }

    private static IReadOnlyList<string> Ordered(RedisValue[] names) => [.. names.Select(name => name.ToString()).Order(StringComparer.Ordinal)];

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private async Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            return await call();
        }
        catch (Exception e) when (e is RedisException or TimeoutException or IOException || IsWriteAfterClosing(e))
        {
            throw new IOException($"Redis at {where}: {e.Message}", e);
        }
    }

    /// <summary>The client may write to a connection that was closed at that moment, and lets the pipe's own complaint through.</summary>
    private static bool IsWriteAfterClosing(Exception e) => e is InvalidOperationException && e.StackTrace?.Contains("System.IO.Pipelines", StringComparison.Ordinal) == true;

    private readonly record struct Keys(string Items, string Chunks)
    {
        public const string Runs = Prefix + "runs";

        public static Keys Of(string run) => new($"{Prefix}items:{StoreNames.Run(run)}", $"{Prefix}chunk:{run}:");
    }
}
