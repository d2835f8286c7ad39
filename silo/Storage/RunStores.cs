using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Reclaim.Grains.Storage;

namespace Reclaim.Silo.Storage;

/// <summary>Makes stores from their options.</summary>
public static class RunStores
{
    /// <summary>Opens the store that the options name, once it is seen to answer. Its calls are retried (<see cref="ResilientRunStore"/>).</summary>
    /// <exception cref="StoreUnreachableException">It does not answer, or the options do not say which.</exception>
    public static async Task<ResilientRunStore> OpenAsync(
        RunStoreOptions options, ILoggerFactory? logs = null, CancellationToken cancellation = default)
    {
        logs ??= NullLoggerFactory.Instance;
        IRunStore store = options.Kind switch
        {
            RunStoreOptions.Files => FileRunStore.Open(Required(options.Folder, nameof(options.Folder), options.Kind)),
            RunStoreOptions.Redis => await RedisRunStore.OpenAsync(Connection(options), logs, cancellation),
            RunStoreOptions.PostgreSql => await PostgresRunStore.OpenAsync(Connection(options), cancellation),
            _ => throw new StoreUnreachableException(
                $"{RunStoreOptions.Section}:{nameof(options.Kind)}", $"'{options.Kind}' is none of {string.Join(", ", RunStoreOptions.Kinds)}")
            {
                IsSetting = true,
            },
        };
        return new ResilientRunStore(store, new StorePatience(), logs);
    }

    /// <summary>The key that a wrong or missing connection is reported under.</summary>
    internal static string ConnectionKey => $"{RunStoreOptions.Section}:{nameof(RunStoreOptions.Connection)}";

    private static string Connection(RunStoreOptions options) => Required(options.Connection, nameof(options.Connection), options.Kind);

    private static string Required(string? value, string key, string kind) => string.IsNullOrWhiteSpace(value)
        ? throw new StoreUnreachableException($"{RunStoreOptions.Section}:{key}", $"missing; storage of kind '{kind}' needs it") { IsSetting = true }
        : value;
}
