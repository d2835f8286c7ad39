using Microsoft.Extensions.Logging.Abstractions;
using Reclaim.Grains.Storage;
using Reclaim.Silo.Storage;
using Reclaim.Storage.Tests.Servers;

namespace Reclaim.Storage.Tests;

/// <summary>A store for the tests of a class, and what it lives in.</summary>
public abstract class StoreHome : IAsyncLifetime
{
    private IRunStore? store;

    internal IRunStore Store => store ?? throw new InvalidOperationException();

    public async ValueTask InitializeAsync() => store = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await using (store as IAsyncDisposable)
        {
            (store as IDisposable)?.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    private protected abstract Task<IRunStore> OpenAsync();
}

public sealed class InMemory : StoreHome
{
    private protected override Task<IRunStore> OpenAsync() => Task.FromResult<IRunStore>(new MemoryRunStore());
}

public sealed class InFiles : StoreHome
{
    private readonly TemporaryFolder folder = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        folder.Dispose();
    }

    private protected override Task<IRunStore> OpenAsync() => Task.FromResult<IRunStore>(FileRunStore.Open(folder.Path));
}

/// <summary>A store in a server of its own.</summary>
public abstract class InServer : StoreHome
{
    private readonly LocalServer server;

    private protected InServer(LocalServer server) => this.server = server;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected override async Task<IRunStore> OpenAsync()
    {
        await server.StartAsync();
        return await OpenAsync(server.Connection);
    }

    private protected abstract Task<IRunStore> OpenAsync(string connection);
}

public sealed class InRedis() : InServer(new RedisServer())
{
    private protected override async Task<IRunStore> OpenAsync(string connection) => await RedisRunStore.OpenAsync(connection, NullLoggerFactory.Instance);
}

public sealed class InPostgres() : InServer(new PostgresServer())
{
    private protected override async Task<IRunStore> OpenAsync(string connection) => await PostgresRunStore.OpenAsync(connection);
}

public sealed class MemoryRunStoreTests(InMemory home) : RunStoreStatements(home), IClassFixture<InMemory>;

public sealed class FileRunStoreTests(InFiles home) : RunStoreStatements(home), IClassFixture<InFiles>;

public sealed class RedisRunStoreTests(InRedis home) : RunStoreStatements(home), IClassFixture<InRedis>;

public sealed class PostgresRunStoreTests(InPostgres home) : RunStoreStatements(home), IClassFixture<InPostgres>;
