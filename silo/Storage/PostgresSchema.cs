using Npgsql;

namespace Reclaim.Silo.Storage;

/// <summary>The tables of <see cref="PostgresRunStore"/>, in the first schema of the connection's <c>search_path</c>.</summary>
internal static class PostgresSchema
{
    /// <summary>One silo at a time makes tables: <c>create … if not exists</c> fails when two do it at once.</summary>
    private const long Gate = 0x7265636c61696d; // "reclaim"

    /// <summary>Names in the order of their bytes; contents as they are, since compressing them again costs more than it saves.</summary>
    private const string Tables = """
        create table if not exists reclaim_items (
            run text collate "C" not null,
            item text collate "C" not null,
            length bigint not null,
            written timestamptz not null default now(),
            primary key (run, item));
        create table if not exists reclaim_chunks (
            run text collate "C" not null,
            item text collate "C" not null,
            number integer not null,
            content bytea not null,
            primary key (run, item, number),
            foreign key (run, item) references reclaim_items on delete cascade);
        alter table reclaim_chunks alter column content set storage external;
        """;

    /// <summary>Makes the tables if they are not there. A user who may only read and write finds them made by another.</summary>
    public static async Task EnsureAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var gate = new NpgsqlCommand("select pg_advisory_xact_lock($1)", connection) { Parameters = { new() { Value = Gate } } };
        await gate.ExecuteNonQueryAsync(cancellation);
        await using var present = new NpgsqlCommand("select to_regclass('reclaim_chunks') is not null", connection);
        if (await present.ExecuteScalarAsync(cancellation) is not true)
        {
            await using var tables = new NpgsqlCommand(Tables, connection);
            await tables.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }
}
