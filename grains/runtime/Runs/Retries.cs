using Polly;
using Polly.Retry;

namespace Reclaim.Grains.Runs;

/// <summary>Calls that are made again until they succeed, or have failed often or long enough.</summary>
internal static class Retries
{
    /// <summary>Attempts with pauses between them that double, by chance somewhat longer or shorter, so that many who were cut off do not come back at once.</summary>
    /// <param name="name">What telemetry calls it.</param>
    /// <param name="passes">Whether what failed so may succeed later.</param>
    /// <param name="first">The first pause.</param>
    /// <param name="longest">The longest.</param>
    /// <param name="most">Attempts after the first, at most.</param>
    public static ResiliencePipelineBuilder Growing(string name, Func<Exception, bool> passes, TimeSpan first, TimeSpan longest, int most) => new ResiliencePipelineBuilder { Name = name }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<Exception>(e => passes(e)),
            Delay = first,
            MaxDelay = longest,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            MaxRetryAttempts = most,
        });
}
