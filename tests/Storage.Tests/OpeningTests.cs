using Reclaim.Silo.Storage;
using Reclaim.Storage.Tests.Servers;

namespace Reclaim.Storage.Tests;

/// <summary>What cannot be a store says so at the start, by the key of its configuration, and keeps passwords to itself.</summary>
public class OpeningTests
{
    private const string Secret = "hunter2-secret";

    public static TheoryData<RunStoreOptions, string, string> Wrong => new()
    {
        { new() { Kind = "files" }, "Reclaim:Storage:Folder", "missing" },
        { new() { Kind = "files", Folder = "/proc/no-store-here" }, "Reclaim:Storage:Folder", "/proc/no-store-here" },
        { new() { Kind = "files", Folder = "/etc/hostname" }, "Reclaim:Storage:Folder", "/etc/hostname" },
        { new() { Kind = "redis" }, "Reclaim:Storage:Connection", "missing" },
        { new() { Kind = "redis", Connection = $"127.0.0.1:1,password={Secret},connectTimeout=500" }, "Reclaim:Storage:Connection", "127.0.0.1:1" },
        { new() { Kind = "redis", Connection = $"127.0.0.1:1,passwrod={Secret}" }, "Reclaim:Storage:Connection", "HOST:PORT" },
        { new() { Kind = "redis", Connection = $"password={Secret}" }, "Reclaim:Storage:Connection", "HOST:PORT" },
        { new() { Kind = "postgresql" }, "Reclaim:Storage:Connection", "missing" },
        { new() { Kind = "postgresql", Connection = $"Host=127.0.0.1;Port=1;Username=u;Password={Secret}" }, "Reclaim:Storage:Connection", "127.0.0.1:1" },
        { new() { Kind = "postgresql", Connection = $"Hots=127.0.0.1;Password={Secret}" }, "Reclaim:Storage:Connection", "Host=" },
        { new() { Kind = "postgresql", Connection = $"Password={Secret}" }, "Reclaim:Storage:Connection", "Host=" },
        { new() { Kind = "postgresql", Connection = Secret }, "Reclaim:Storage:Connection", "Host=" },
        { new() { Kind = "mongodb", Connection = Secret }, "Reclaim:Storage:Kind", "files, redis, postgresql" },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public async Task Opening_names_the_key_and_the_reason_and_no_password(RunStoreOptions options, string key, string reason)
    {
        var refused = await Assert.ThrowsAsync<StoreUnreachableException>(() => RunStores.OpenAsync(options, null, TestContext.Current.CancellationToken));

        Assert.Equal(key, refused.Key);
        Assert.StartsWith(key, refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, refused.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, options.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_told_and_not_shown()
    {
        await using var redis = new RedisServer();
        await using var postgres = new PostgresServer();
        await Task.WhenAll(redis.StartAsync(), postgres.StartAsync());
        RunStoreOptions[] wrong =
        [
            new() { Kind = "redis", Connection = redis.Connection.Replace(RedisServer.Password, Secret, StringComparison.Ordinal) },
            new() { Kind = "postgresql", Connection = postgres.Connection.Replace(PostgresServer.Password, Secret, StringComparison.Ordinal) },
        ];

        foreach (var options in wrong)
        {
            var refused = await Assert.ThrowsAsync<StoreUnreachableException>(
                () => RunStores.OpenAsync(options, null, TestContext.Current.CancellationToken));
            Assert.True(refused.Message.Contains("password", StringComparison.OrdinalIgnoreCase), refused.Message);
            Assert.DoesNotContain(Secret, refused.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Each_kind_opens()
    {
        await using var redis = new RedisServer();
        await using var postgres = new PostgresServer();
        using var folder = new TemporaryFolder();
        await Task.WhenAll(redis.StartAsync(), postgres.StartAsync());
        RunStoreOptions[] kinds =
        [
            new() { Kind = "files", Folder = Path.Combine(folder.Path, "made", "when", "missing") },
            new() { Kind = "redis", Connection = redis.Connection },
            new() { Kind = "postgresql", Connection = postgres.Connection },
        ];

        foreach (var options in kinds)
        {
            await using var store = await RunStores.OpenAsync(options, null, TestContext.Current.CancellationToken);
            await store.WriteAsync("run", "item", new byte[] { 1 }, TestContext.Current.CancellationToken);
            await store.ProbeAsync(TestContext.Current.CancellationToken);
            Assert.Equal(["run"], await store.RunsAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Silos_that_start_together_open_a_new_database_together()
    {
        await using var postgres = new PostgresServer();
        await postgres.StartAsync();

        var stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostgresRunStore.OpenAsync(postgres.Connection)));

        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }
    }
}
