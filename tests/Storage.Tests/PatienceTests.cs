using Microsoft.Extensions.Logging.Abstractions;
using Reclaim.Grains.Storage;
using Reclaim.Silo.Storage;

namespace Reclaim.Storage.Tests;

/// <summary>A store that fails for a while fails no run; one that stays away does.</summary>
public class PatienceTests
{
    private static readonly StorePatience Short = new()
    {
        InAll = TimeSpan.FromSeconds(1),
        Attempt = TimeSpan.FromMilliseconds(200),
        FirstDelay = TimeSpan.FromMilliseconds(1),
        LongestDelay = TimeSpan.FromMilliseconds(20),
        Break = TimeSpan.FromMilliseconds(500),
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_run_outlives_a_store_that_is_away_for_half_a_minute() => Assert.InRange(new StorePatience().InAll, TimeSpan.FromSeconds(30), TimeSpan.MaxValue);

    [Fact]
    public async Task Calls_that_fail_are_made_again()
    {
        var store = new MoodyStore(failures: 15);
        var patient = new ResilientRunStore(store, Short with { InAll = TimeSpan.FromSeconds(30) }, NullLoggerFactory.Instance);

        await patient.WriteAsync("run", "item", new byte[] { 7 }, Cancellation);

        Assert.Equal(7, (await patient.ReadAsync("run", "item", Cancellation))!.Value.Span[0]);
        Assert.Equal(17, store.Calls);
    }

    [Fact]
    public async Task A_store_that_stays_away_is_given_up_with_its_reason()
    {
        var patient = new ResilientRunStore(new MoodyStore(failures: int.MaxValue), Short, NullLoggerFactory.Instance);

        var failure = await Assert.ThrowsAsync<IOException>(() => patient.ReadAsync("run", "item", Cancellation));

        Assert.Contains("storage has failed", failure.Message, StringComparison.Ordinal);
        Assert.Contains("not in the mood", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_store_is_left_in_peace_between_attempts()
    {
        var store = new MoodyStore(failures: int.MaxValue);
        var patient = new ResilientRunStore(store, Short, NullLoggerFactory.Instance);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Assert.ThrowsAsync<IOException>(() => patient.RunsAsync(Cancellation))));

        // 20 callers with 20 ms between attempts would ask a thousand times in a second.
        Assert.InRange(store.Calls, Short.CallsBeforeBreak, 100);
    }

    [Fact]
    public async Task An_attempt_that_hangs_is_given_up_and_made_again()
    {
        var store = new MoodyStore(failures: 0) { Hangs = 2 };
        var patient = new ResilientRunStore(store, Short with { InAll = TimeSpan.FromSeconds(30) }, NullLoggerFactory.Instance);

        Assert.Empty(await patient.RunsAsync(Cancellation));

        Assert.Equal(3, store.Calls);
    }

    [Fact]
    public async Task What_is_wrong_with_the_call_itself_is_not_tried_again()
    {
        var store = new MoodyStore(failures: 0);
        var patient = new ResilientRunStore(store, Short, NullLoggerFactory.Instance);

        await Assert.ThrowsAsync<ArgumentException>(() => patient.WriteAsync("..", "item", new byte[1], Cancellation));

        Assert.Equal(1, store.Calls);
    }

    [Fact]
    public async Task A_caller_who_gives_up_need_not_wait()
    {
        using var impatience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var store = new MoodyStore(failures: 0) { Hangs = 1 };
        var patient = new ResilientRunStore(store, Short with { Attempt = TimeSpan.FromMinutes(1) }, NullLoggerFactory.Instance);

        var reading = patient.ReadAsync("run", "item", impatience.Token);
        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task A_health_check_is_not_patient()
    {
        var store = new MoodyStore(failures: int.MaxValue);

        await Assert.ThrowsAsync<IOException>(() => new ResilientRunStore(store, Short, NullLoggerFactory.Instance).ProbeAsync(Cancellation));

        Assert.Equal(1, store.Calls);
    }

    /// <summary>A store whose first calls fail, or hang until they are given up.</summary>
    private sealed class MoodyStore(int failures) : IRunStore
    {
        private readonly MemoryRunStore items = new();
        private int calls;

        public int Calls => Volatile.Read(ref calls);

        public int Hangs { get; init; }

        public async Task WriteAsync(string run, string item, ReadOnlyMemory<byte> content, CancellationToken cancellation = default)
        {
            await MoodAsync(cancellation);
            await items.WriteAsync(run, item, content, cancellation);
        }

        public async Task<ReadOnlyMemory<byte>?> ReadAsync(string run, string item, CancellationToken cancellation = default)
        {
            await MoodAsync(cancellation);
            return await items.ReadAsync(run, item, cancellation);
        }

        public async Task<IReadOnlyList<string>> RunsAsync(CancellationToken cancellation = default)
        {
            await MoodAsync(cancellation);
            return await items.RunsAsync(cancellation);
        }

        public async Task<IReadOnlyList<string>> ItemsAsync(string run, CancellationToken cancellation = default)
        {
            await MoodAsync(cancellation);
            return await items.ItemsAsync(run, cancellation);
        }

        public async Task DeleteAsync(string run, IReadOnlyCollection<string> items, CancellationToken cancellation = default)
        {
            await MoodAsync(cancellation);
            await this.items.DeleteAsync(run, items, cancellation);
        }

        public async Task DeleteRunAsync(string run, CancellationToken cancellation = default)
        {
            await MoodAsync(cancellation);
            await items.DeleteRunAsync(run, cancellation);
        }

        private Task MoodAsync(CancellationToken cancellation)
        {
            var call = Interlocked.Increment(ref calls);
            return call <= Hangs ? Task.Delay(Timeout.Infinite, cancellation)
                : call <= failures ? Task.FromException(new IOException("not in the mood"))
                : Task.CompletedTask;
        }
    }
}
