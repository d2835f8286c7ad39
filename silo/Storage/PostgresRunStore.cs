using System.Data;
using System.Net.Sockets;
using Npgsql;
using Reclaim.Grains.Storage;

namespace Reclaim.Silo.Storage;

/// <summary>
/// A store in PostgreSQL. A write is a transaction, which replaces all chunks of the item; a reader sees
/// one state of it. What is acknowledged survives the server, and its machine unless <c>synchronous_commit</c> is off.
/// </summary>
public sealed class PostgresRunStore : IRunStore, IAsyncDisposable
{
    /// <summary>A row takes a gigabyte at most, and the server holds a row in memory several times.</summary>
    private const int ChunkBytes = 4 << 20;

    /// <summary>Names in the order of their bytes; contents as they are, since compressing them again costs more than it saves. What overwritten items leave
    /// behind is vacuumed after some of them, not after a fifth of all.</summary>
    private const string Tables = """
        create table reclaim_items (
            run text collate "C" not null,
            item text collate "C" not null,
            length bigint not null,
            written timestamptz not null default now(),
            primary key (run, item));
        create table reclaim_chunks (
            run text collate "C" not null,
            item text collate "C" not null,
            number integer not null,
            content bytea not null,
            primary key (run, item, number),
            foreign key (run, item) references reclaim_items on delete cascade);
        alter table reclaim_chunks alter column content set storage external;
        alter table reclaim_chunks set (
            autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50,
            toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 10000);
        """;

    private readonly NpgsqlDataSource database;
    private readonly string where;

    private PostgresRunStore(NpgsqlDataSource database, string where)
    {
        this.database = database;
        this.where = where;
    }

    /// <summary>Opens the store of a database and makes its tables if they are not there.</summary>
    /// <exception cref="StoreUnreachableException">It does not answer, or the connection is none.</exception>
    public static async Task<PostgresRunStore> OpenAsync(string connection, CancellationToken cancellation = default)
    {
        var options = ServerConnections.Postgres(connection, RunStores.ConnectionKey);
        var database = await ServerConnections.ConnectAsync(options, RunStores.ConnectionKey, "reclaim_chunks", Tables, cancellation);
        return new PostgresRunStore(database, $"{options.Host}:{options.Port}");
    }

    public Task WriteAsync(string run, string item, ReadOnlyMemory<byte> content, CancellationToken cancellation = default)
    {
        StoreNames.Run(run);
        StoreNames.Item(item);
        return CallAsync(
            async () =>
            {
                await using var connection = await database.OpenConnectionAsync(cancellation);
                await using var transaction = await connection.BeginTransactionAsync(cancellation);

                // The item's row is what two writers of it wait for each other at.
                await using var entry = Command(
                    connection,
                    """
                    insert into reclaim_items (run, item, length) values ($1, $2, $3)
                    on conflict (run, item) do update set length = excluded.length, written = now()
                    """,
                    run,
                    item,
                    (long)content.Length);
                await entry.ExecuteNonQueryAsync(cancellation);
                await using var old = Command(connection, "delete from reclaim_chunks where run = $1 and item = $2", run, item);
                await old.ExecuteNonQueryAsync(cancellation);
                for (var (begin, number) = (0, 0); begin < content.Length; begin += ChunkBytes, number++)
                {
                    var chunk = content[begin..Math.Min(content.Length, begin + ChunkBytes)];
                    await using var insert = Command(connection, "insert into reclaim_chunks values ($1, $2, $3, $4)", run, item, number, chunk);
                    await insert.ExecuteNonQueryAsync(cancellation);
                }

                await transaction.CommitAsync(cancellation);
                return true;
            },
            cancellation);
    }

    public Task<ReadOnlyMemory<byte>?> ReadAsync(string run, string item, CancellationToken cancellation = default)
    {
        StoreNames.Run(run);
        StoreNames.Item(item);
        return CallAsync(() => ReadItemAsync(run, item, cancellation), cancellation);
    }

    public Task<IReadOnlyList<string>> RunsAsync(CancellationToken cancellation = default) =>
        NamesAsync("select distinct run from reclaim_items order by run", cancellation);

    public Task<IReadOnlyList<string>> ItemsAsync(string run, CancellationToken cancellation = default) =>
        NamesAsync("select item from reclaim_items where run = $1 order by item", cancellation, StoreNames.Run(run));

    public Task DeleteAsync(string run, IReadOnlyCollection<string> items, CancellationToken cancellation = default) => ExecuteAsync(
        "delete from reclaim_items where run = $1 and item = any($2)",
        cancellation,
        StoreNames.Run(run),
        items.Select(StoreNames.Item).ToArray());

    public Task DeleteRunAsync(string run, CancellationToken cancellation = default) =>
        ExecuteAsync("delete from reclaim_items where run = $1", cancellation, StoreNames.Run(run));

    public ValueTask DisposeAsync() => database.DisposeAsync();

    private async Task<ReadOnlyMemory<byte>?> ReadItemAsync(string run, string item, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = Command(
            connection,
            """
            select length, content from reclaim_items left join reclaim_chunks using (run, item)
            where run = $1 and item = $2 order by number
            """,
            run,
            item);
        await using var rows = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellation);
        byte[]? content = null;
        var filled = 0;
        while (await rows.ReadAsync(cancellation))
        {
            content ??= new byte[rows.GetInt64(0)];
            if (!await rows.IsDBNullAsync(1, cancellation))
            {
                await using var chunk = rows.GetStream(1);
                filled += await chunk.ReadAtLeastAsync(content.AsMemory(filled), (int)chunk.Length, cancellationToken: cancellation);
            }
        }

        if (content is null)
        {
            return null;
        }

        return filled == content.Length ? content : throw new IOException($"'{item}' of '{run}' is not whole");
    }

    private Task<IReadOnlyList<string>> NamesAsync(string query, CancellationToken cancellation, params object[] arguments) => CallAsync<IReadOnlyList<string>>(
        async () =>
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            await using var command = Command(connection, query, arguments);
            await using var rows = await command.ExecuteReaderAsync(cancellation);
            var names = new List<string>();
            while (await rows.ReadAsync(cancellation))
            {
                names.Add(rows.GetString(0));
            }

            return names;
        },
        cancellation);

    private async Task ExecuteAsync(string statement, CancellationToken cancellation, params object[] arguments) => await CallAsync(
        async () =>
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            await using var command = Command(connection, statement, arguments);
            return await command.ExecuteNonQueryAsync(cancellation);
        },
        cancellation);

    private static NpgsqlCommand Command(NpgsqlConnection connection, string text, params object[] arguments)
    {
        var command = new NpgsqlCommand(text, connection);
        foreach (var argument in arguments)
        {
            command.Parameters.Add(new() { Value = argument });
        }

        return command;
    }

    private async Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            return await call();
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw new IOException($"PostgreSQL at {where}: {ServerConnections.Reason(e)}", e);
        }
    }

    private static bool IsFailure(Exception e) => e is NpgsqlException or SocketException or TimeoutException or IOException;
}
