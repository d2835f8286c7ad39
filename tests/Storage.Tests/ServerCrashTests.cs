using Microsoft.Extensions.Logging.Abstractions;
using Reclaim.Grains.Storage;
using Reclaim.Silo.Storage;
using Reclaim.Storage.Tests.Servers;
using Reclaim.StoreWriter;

namespace Reclaim.Storage.Tests;

/// <summary>A server is killed in the middle of writes and started again on what it left.</summary>
public class ServerCrashTests
{
    private const int Writers = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Redis_killed_in_the_middle_of_writes_loses_nothing_and_runs_go_on()
    {
        await using var server = new RedisServer();
        await server.StartAsync();
        await using var store = await RedisRunStore.OpenAsync(server.Connection, NullLoggerFactory.Instance, Cancellation);
        await CrashAsync(server, store);
    }

    [Fact]
    public async Task PostgreSQL_killed_in_the_middle_of_writes_loses_nothing_and_runs_go_on()
    {
        await using var server = new PostgresServer();
        await server.StartAsync();
        await using var store = await PostgresRunStore.OpenAsync(server.Connection, Cancellation);
        await CrashAsync(server, store);
    }

    private static async Task CrashAsync(LocalServer server, IRunStore plain)
    {
        var resilient = new ResilientRunStore(plain, new StorePatience(), NullLoggerFactory.Instance);
        var acknowledged = new int[Writers];
        using var enough = new CancellationTokenSource();
        var writing = Enumerable.Range(0, Writers).Select(writer => WriteAsync(writer)).ToArray();

        for (var crash = 0; crash < 2; crash++)
        {
            await AcknowledgedAsync(more: 2);
            await server.KillAsync();
            var before = acknowledged.ToArray();
            await Assert.ThrowsAnyAsync<IOException>(() => plain.RunsAsync(Cancellation));
            await server.StartAsync();
            await AllThereAsync(before);
        }

        await AcknowledgedAsync(more: 2);
        await enough.CancelAsync();
        await Task.WhenAll(writing);
        await AllThereAsync(acknowledged);

        // Each writer writes new items, and one again and again.
        async Task WriteAsync(int writer)
        {
            for (var version = 1; !enough.IsCancellationRequested; version++)
            {
                await resilient.WriteAsync("run", $"last-{writer}", Versions.Content(version), Cancellation);
                await resilient.WriteAsync("run", $"item-{writer}-{version}", BitConverter.GetBytes(version), Cancellation);
                Volatile.Write(ref acknowledged[writer], version);
            }
        }

        async Task AcknowledgedAsync(int more)
        {
            var goals = acknowledged.Select(version => version + more).ToArray();
            while (Enumerable.Range(0, Writers).Any(writer => Volatile.Read(ref acknowledged[writer]) < goals[writer]))
            {
                Assert.DoesNotContain(writing, writer => writer.IsFaulted);
                await Task.Delay(5, Cancellation);
            }
        }

        async Task AllThereAsync(int[] versions)
        {
            for (var writer = 0; writer < Writers; writer++)
            {
                var last = await resilient.ReadAsync("run", $"last-{writer}", Cancellation);
                Assert.InRange(Versions.Of(last!.Value), versions[writer], int.MaxValue);
                for (var version = 1; version <= versions[writer]; version++)
                {
                    var item = await resilient.ReadAsync("run", $"item-{writer}-{version}", Cancellation);
                    Assert.Equal(version, BitConverter.ToInt32(item!.Value.Span));
                }
            }
        }
    }
}
