using System.Diagnostics;
using Polly;
using Polly.Retry;
using Polly.Timeout;
using Reclaim.Contracts.Steps;
using Reclaim.Grains.Runs;

namespace Reclaim.Silo.Remote;

/// <summary>
/// How long a client goes on asking a cluster that is losing silos. A call whose silo was killed is never answered, so each attempt has a
/// limit; attempts come again with growing, random pauses. Only calls are made so that change nothing when they are repeated.
/// </summary>
internal static class CallPatience
{
    private static readonly TimeSpan ConnectingTime = TimeSpan.FromSeconds(90);

    /// <summary>Questions that are answered at once, or after <see cref="GrainRun.WaitAtOnce"/>.</summary>
    public static ResiliencePipeline Short { get; } = Make("short calls", TimeSpan.FromSeconds(5));

    /// <summary>What may take some work, or a wait for a step in flight and for the store.</summary>
    public static ResiliencePipeline Long { get; } = Make("long calls", TimeSpan.FromSeconds(20));

    /// <summary>For a run that may be about to be created: somebody has just said where to find it.</summary>
    public static ResiliencePipeline Begun { get; } = new ResiliencePipelineBuilder { Name = "begun" }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<StepRefusedException>(e => e.Reason == StepRefusal.NotCreated),
            Delay = TimeSpan.FromMilliseconds(100),
            MaxRetryAttempts = 20,
        })
        .Build();

    /// <summary>For becoming a client: as long as a cluster may take to notice that silos are gone, and to get others.</summary>
    public static ResiliencePipeline Connecting()
    {
        var clock = Stopwatch.StartNew();
        return Retries.Growing(
            "connecting",
            e => e is ClusterException { MayPass: true } && clock.Elapsed < ConnectingTime,
            TimeSpan.FromMilliseconds(200),
            TimeSpan.FromSeconds(2),
            most: int.MaxValue).Build();
    }

    private static ResiliencePipeline Make(string name, TimeSpan attempt) =>
        Retries.Growing(name, MayPass, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2), most: 30)
        .AddTimeout(attempt)
        .Build();

    /// <summary>A run that is not there does not come back by itself: where there is a store, the first call finds it.</summary>
    private static bool MayPass(Exception e) => e is TimeoutRejectedException || (e is not StepRefusedException && RunLoss.IsPassing(e));
}
