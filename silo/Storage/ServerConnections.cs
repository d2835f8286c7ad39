using Npgsql;
using StackExchange.Redis;

namespace Reclaim.Silo.Storage;

/// <summary>Connections as the configuration has them. What is wrong with one is said without it: it may hold a password.</summary>
internal static class ServerConnections
{
    /// <summary>How long a server may take to answer at the start.</summary>
    public static readonly TimeSpan OpeningTime = TimeSpan.FromSeconds(20);

    /// <summary>One command on a slow network; StackExchange.Redis would give up after 5 seconds.</summary>
    private static readonly TimeSpan CommandTime = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan ReconnectEvery = TimeSpan.FromMilliseconds(500);

    /// <param name="connection">As StackExchange.Redis takes it.</param>
    /// <param name="key">The key of the configuration.</param>
    /// <exception cref="StoreUnreachableException">It is none.</exception>
    public static ConfigurationOptions Redis(string connection, string key)
    {
        try
        {
            var options = ConfigurationOptions.Parse(connection);
            options.ClientName ??= "reclaim";
            options.AbortOnConnectFail = true;
            options.ConnectRetry = 1;

            // Patience is the callers'.
            options.BacklogPolicy = BacklogPolicy.FailFast;
            options.AsyncTimeout = Math.Max(options.AsyncTimeout, (int)CommandTime.TotalMilliseconds);
            options.ReconnectRetryPolicy = new LinearRetry((int)ReconnectEvery.TotalMilliseconds);
            return options.EndPoints.Count > 0 ? options : throw new ArgumentException("no server is named");
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new StoreUnreachableException(key, "not what StackExchange.Redis takes: HOST:PORT[,password=…][,ssl=true][,defaultDatabase=N]")
            {
                IsSetting = true,
            };
        }
    }

    /// <param name="connection">As Npgsql takes it.</param>
    /// <param name="key">The key of the configuration.</param>
    /// <exception cref="StoreUnreachableException">It is none.</exception>
    public static NpgsqlConnectionStringBuilder Postgres(string connection, string key)
    {
        try
        {
            var options = new NpgsqlConnectionStringBuilder(connection);
            options.ApplicationName ??= "reclaim";
            return options.Host is not null ? options : throw new ArgumentException("no server is named");
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new StoreUnreachableException(key, "not what Npgsql takes: Host=…;Port=…;Database=…;Username=…;Password=…")
            {
                IsSetting = true,
            };
        }
    }

    /// <summary>Connects to Redis.</summary>
    /// <exception cref="StoreUnreachableException">It does not answer.</exception>
    public static async Task<ConnectionMultiplexer> ConnectAsync(ConfigurationOptions options, string key, CancellationToken cancellation)
    {
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(OpeningTime, cancellation);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            throw new StoreUnreachableException(key, $"no Redis server answers at {string.Join(", ", options.EndPoints)}: {e.Message}", e);
        }
    }

    /// <summary>Makes tables in a database; the data source is disposed of if that fails.</summary>
    /// <exception cref="StoreUnreachableException">It does not answer, or refuses.</exception>
    public static async Task<NpgsqlDataSource> ConnectAsync(
        NpgsqlConnectionStringBuilder options, string key, string table, string script, CancellationToken cancellation)
    {
        var database = NpgsqlDataSource.Create(options);
        try
        {
            await PostgresTables.EnsureAsync(database, table, script, cancellation).WaitAsync(OpeningTime, cancellation);
            return database;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException)
        {
            await database.DisposeAsync();
            throw new StoreUnreachableException(key, $"no PostgreSQL database to be used at {options.Host}:{options.Port}: {Reason(e)}", e);
        }
    }

    /// <summary>Npgsql says first that something failed, and then what.</summary>
    public static string Reason(Exception e) => e is NpgsqlException { InnerException: { } cause } and not PostgresException ? $"{e.Message} ({cause.Message})" : e.Message;
}
