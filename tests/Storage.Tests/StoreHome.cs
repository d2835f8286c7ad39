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

public sealed class InRedis : StoreHome
{
    private readonly RedisServer server = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await server.DisposeAsync();
    }

    private protected override async Task<IRunStore> OpenAsync()
    {
        await server.StartAsync();
        return await RedisRunStore.OpenAsync(server.Connection, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
    }
}

public sealed class InPostgres : StoreHome
{
    private readonly PostgresServer server = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await server.DisposeAsync();
    }

    private protected override async Task<IRunStore> OpenAsync()
    {
        await server.StartAsync();
        return await PostgresRunStore.OpenAsync(server.Connection);
    }
}

public sealed class MemoryRunStoreTests(InMemory home) : RunStoreStatements(home), IClassFixture<InMemory>;

public sealed class FileRunStoreTests(InFiles home) : RunStoreStatements(home), IClassFixture<InFiles>;

public sealed class RedisRunStoreTests(InRedis home) : RunStoreStatements(home), IClassFixture<InRedis>;

public sealed class PostgresRunStoreTests(InPostgres home) : RunStoreStatements(home), IClassFixture<InPostgres>;
