using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;
using Reclaim.Grains.Storage;

namespace Reclaim.Silo.Storage;

/// <summary>
/// A store whose failed calls are made again until <see cref="StorePatience.InAll"/> has passed. Every call of a store is idempotent, so all are
/// treated alike. Retries, breaks and timeouts are seen in Polly's own telemetry (meter <c>Polly</c>, pipeline <c>storage</c>) and in the log.
/// </summary>
public sealed class ResilientRunStore : IRunStore, IAsyncDisposable
{
    /// <summary>Asked for to see whether the store answers; there is no such run.</summary>
    private const string NoRun = "health";

    private static readonly ResiliencePropertyKey<long> Began = new("began");

    private readonly IRunStore store;
    private readonly StorePatience patience;
    private readonly TimeProvider time;
    private readonly ResiliencePipeline pipeline;

    internal ResilientRunStore(IRunStore store, StorePatience patience, ILoggerFactory logs, TimeProvider? time = null)
    {
        this.store = store;
        this.patience = patience;
        this.time = time ?? TimeProvider.System;
        pipeline = Pipeline(logs);
    }

    public Task WriteAsync(string run, string item, ReadOnlyMemory<byte> content, CancellationToken cancellation = default) =>
        CallAsync(token => store.WriteAsync(run, item, content, token), cancellation);

    public Task<ReadOnlyMemory<byte>?> ReadAsync(string run, string item, CancellationToken cancellation = default) =>
        CallAsync(token => store.ReadAsync(run, item, token), cancellation);

    public Task<IReadOnlyList<string>> RunsAsync(CancellationToken cancellation = default) => CallAsync(store.RunsAsync, cancellation);

    public Task<IReadOnlyList<string>> ItemsAsync(string run, CancellationToken cancellation = default) =>
        CallAsync(token => store.ItemsAsync(run, token), cancellation);

    public Task DeleteAsync(string run, IReadOnlyCollection<string> items, CancellationToken cancellation = default) =>
        CallAsync(token => store.DeleteAsync(run, items, token), cancellation);

    public Task DeleteRunAsync(string run, CancellationToken cancellation = default) =>
        CallAsync(token => store.DeleteRunAsync(run, token), cancellation);

    /// <summary>Asks the store once, without patience: for health checks.</summary>
    /// <exception cref="IOException">It does not answer.</exception>
    public Task ProbeAsync(CancellationToken cancellation = default) => store.ItemsAsync(NoRun, cancellation);

    public async ValueTask DisposeAsync()
    {
        switch (store)
        {
            case IAsyncDisposable disposable:
                await disposable.DisposeAsync();
                break;
            case IDisposable disposable:
                disposable.Dispose();
                break;
            default:
                break;
        }
    }

    /// <summary>From the outside in: retry, breaker, time limit of an attempt. An attempt that the breaker refuses is a failure that is retried, too.</summary>
    private ResiliencePipeline Pipeline(ILoggerFactory logs)
    {
        var failures = new PredicateBuilder().Handle<IOException>().Handle<TimeoutRejectedException>();
        return new ResiliencePipelineBuilder { Name = "storage", TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = args => new(IsFailure(args.Outcome.Exception) && !IsOver(args.Context)),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = patience.FirstDelay,
                MaxDelay = patience.LongestDelay,
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                ShouldHandle = failures,
                FailureRatio = 0.5,
                MinimumThroughput = patience.CallsBeforeBreak,
                SamplingDuration = patience.FailuresWithin,
                BreakDuration = patience.Break,
            })
            .AddTimeout(patience.Attempt)
            .ConfigureTelemetry(logs)
            .Build();
    }

    private static bool IsFailure(Exception? e) => e is IOException or TimeoutRejectedException or BrokenCircuitException;

    private bool IsOver(ResilienceContext context) => time.GetElapsedTime(context.Properties.GetValue(Began, 0)) >= patience.InAll;

    private async Task CallAsync(Func<CancellationToken, Task> call, CancellationToken cancellation) => await CallAsync(
        async token =>
        {
            await call(token);
            return true;
        },
        cancellation);

    private async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        var context = ResilienceContextPool.Shared.Get(cancellation);
        context.Properties.Set(Began, time.GetTimestamp());
        try
        {
            return await pipeline.ExecuteAsync(static async (context, call) => await call(context.CancellationToken), context, call);
        }
        catch (Exception e) when (IsFailure(e))
        {
            var last = e is IOException ? e : e.InnerException ?? e;
            throw new IOException($"storage has failed for {patience.InAll.TotalSeconds:0} s: {last.Message}", last);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}
