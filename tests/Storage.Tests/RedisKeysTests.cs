using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Reclaim.Silo.Storage;
using Reclaim.Storage.Tests.Servers;
using StackExchange.Redis;

namespace Reclaim.Storage.Tests;

/// <summary>What <see cref="RedisRunStore"/> does with keys, seen by another client of the server.</summary>
public sealed class RedisKeysTests : IAsyncLifetime
{
    private const int Large = 9 << 20;

    private readonly RedisServer server = new();
    private RedisRunStore? store;
    private ConnectionMultiplexer? other;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RedisRunStore Store => store!;

    private IDatabase Redis => other!.GetDatabase();

    public async ValueTask InitializeAsync()
    {
        await server.StartAsync();
        store = await RedisRunStore.OpenAsync(server.Connection, NullLoggerFactory.Instance, Cancellation);
        other = await ConnectionMultiplexer.ConnectAsync(server.Connection);
    }

    public async ValueTask DisposeAsync()
    {
        await (store?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (other?.DisposeAsync() ?? ValueTask.CompletedTask);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Chunks_of_an_item_stay_and_those_it_replaced_go_by_themselves()
    {
        await Store.WriteAsync("run", "item", new byte[Large], Cancellation);
        var old = await ChunksAsync();
        await Store.WriteAsync("run", "item", new byte[Large], Cancellation);

        Assert.Equal(3, old.Length);
        Assert.All(old, chunk => Assert.InRange(Redis.KeyTimeToLive(chunk)!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(5)));
        Assert.All((await ChunksAsync()).Except(old), chunk => Assert.Null(Redis.KeyTimeToLive(chunk)));
    }

    [Fact]
    public async Task Of_two_writes_the_one_that_began_later_wins()
    {
        await Redis.StringSetAsync("{reclaim}:sequence", 100);
        await Store.WriteAsync("run", "item", new byte[] { 2 }, Cancellation);

        // As if this one had begun before.
        await Redis.StringSetAsync("{reclaim}:sequence", 50);
        await Store.WriteAsync("run", "item", new byte[] { 1 }, Cancellation);

        Assert.Equal(2, (await Store.ReadAsync("run", "item", Cancellation))!.Value.Span[0]);
        Assert.Single(await ChunksAsync());
    }

    [Fact]
    public async Task Nothing_stays_of_a_deleted_run()
    {
        await Store.WriteAsync("run", "large", new byte[Large], Cancellation);
        await Store.WriteAsync("run", "small", new byte[1], Cancellation);

        await Store.DeleteRunAsync("run", Cancellation);

        Assert.Equal(["{reclaim}:sequence"], (await KeysAsync("*")).Select(key => key.ToString()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Large)]
    public async Task An_item_that_lost_a_chunk_is_an_error_and_not_a_shorter_item(int bytes)
    {
        await Store.WriteAsync("run", "item", new byte[bytes], Cancellation);
        await Redis.KeyDeleteAsync((await ChunksAsync())[^1]);

        var failure = await Assert.ThrowsAsync<IOException>(() => Store.ReadAsync("run", "item", Cancellation));

        Assert.Contains("not whole", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("always")]
    [InlineData("everysec", "appendfsync everysec")]
    [InlineData("no", "appendfsync no")]
    [InlineData(null, "appendonly yes")]
    public async Task A_server_that_may_forget_is_warned_of(string? appendfsync, params string[] warnings)
    {
        await using var asked = new RedisServer(appendfsync);
        await asked.StartAsync();
        var log = new Log();

        await using var opened = await RedisRunStore.OpenAsync(asked.Connection, log, Cancellation);

        Assert.Equal(warnings.Length, log.Lines.Count);
        Assert.All(warnings.Zip(log.Lines), pair => Assert.Contains(pair.First, pair.Second, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_does_not_tell_how_it_is_set_is_used_all_the_same()
    {
        await Redis.ExecuteAsync("ACL", "SETUSER", "shy", "on", ">" + RedisServer.Password, "~*", "+@all", "-config", "-info");
        var log = new Log();

        await using var opened = await RedisRunStore.OpenAsync($"{server.Connection},user=shy", log, Cancellation);
        await opened.WriteAsync("run", "item", new byte[] { 1 }, Cancellation);

        Assert.Empty(log.Lines);
    }

    private Task<RedisKey[]> ChunksAsync() => KeysAsync("{reclaim}:chunk:*");

    private async Task<RedisKey[]> KeysAsync(string pattern)
    {
        var keys = new List<RedisKey>();
        await foreach (var key in other!.GetServers()[0].KeysAsync(pattern: pattern).WithCancellation(Cancellation))
        {
            keys.Add(key);
        }

        return [.. keys];
    }

    private sealed class Log : ILoggerFactory, ILogger
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
