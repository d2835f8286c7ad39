using Microsoft.Extensions.Hosting;
using Reclaim.Silo.Storage;

namespace Reclaim.Silo.Membership;

/// <summary>Who belongs to a cluster, kept in a server that all silos and clients reach: for silos on several machines.</summary>
public static class ServerMembership
{
    /// <summary>A Redis server.</summary>
    public const string Redis = "redis";

    /// <summary>A PostgreSQL server.</summary>
    public const string PostgreSql = "postgresql";

    private const string Key = "Reclaim:Membership:Connection";

    /// <summary>What Orleans calls Npgsql.</summary>
    private const string Invariant = "Npgsql";

    /// <summary>Sees that the server answers, and makes Orleans' tables if it keeps tables and they are not there. To be called before a silo starts.</summary>
    /// <exception cref="StoreUnreachableException">It does not answer, or the connection is none.</exception>
    public static async Task PrepareAsync(string kind, string connection, CancellationToken cancellation = default)
    {
        if (kind == Redis)
        {
            await using var server = await ServerConnections.ConnectAsync(ServerConnections.Redis(connection, Key), Key, cancellation);
        }
        else
        {
            var options = ServerConnections.Postgres(connection, Key);
            await using var database = await ServerConnections.ConnectAsync(options, Key, OrleansTables.Last, OrleansTables.Script, cancellation);
        }
    }

    /// <summary>Has a silo enter itself there.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="kind"><see cref="Redis"/> or <see cref="PostgreSql"/>.</param>
    /// <param name="connection">How to reach it.</param>
    public static ISiloBuilder UseServerMembership(this ISiloBuilder silo, string kind, string connection) => kind == Redis
        ? silo.UseRedisClustering(options => options.ConfigurationOptions = ServerConnections.Redis(connection, Key))
        : silo.UseAdoNetClustering(options =>
        {
            options.Invariant = Invariant;
            options.ConnectionString = ServerConnections.Postgres(connection, Key).ConnectionString;
        });

    /// <summary>Has a client find gateways there.</summary>
    /// <inheritdoc cref="UseServerMembership(ISiloBuilder, string, string)"/>
    public static IClientBuilder UseServerMembership(this IClientBuilder client, string kind, string connection) => kind == Redis
        ? client.UseRedisClustering(options => options.ConfigurationOptions = ServerConnections.Redis(connection, Key))
        : client.UseAdoNetClustering(options =>
        {
            options.Invariant = Invariant;
            options.ConnectionString = ServerConnections.Postgres(connection, Key).ConnectionString;
        });
}
