using Npgsql;

namespace Reclaim.Silo.Storage;

/// <summary>Makes tables that are not there, in the first schema of the connection's <c>search_path</c>.</summary>
internal static class PostgresTables
{
    /// <summary>One silo at a time makes tables: <c>create … if not exists</c> fails when two do it at once.</summary>
    private const long Gate = 0x7265636c61696d; // "reclaim"

    /// <summary>Runs a script unless its last table is there. So a user who may only read and write finds what another has made.</summary>
    public static async Task EnsureAsync(NpgsqlDataSource database, string table, string script, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var gate = new NpgsqlCommand("select pg_advisory_xact_lock($1)", connection) { Parameters = { new() { Value = Gate } } };
        await gate.ExecuteNonQueryAsync(cancellation);
        await using var present = new NpgsqlCommand("select to_regclass($1) is not null", connection) { Parameters = { new() { Value = table } } };
        if (await present.ExecuteScalarAsync(cancellation) is not true)
        {
            await using var tables = new NpgsqlCommand(script, connection);
            await tables.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }
}
