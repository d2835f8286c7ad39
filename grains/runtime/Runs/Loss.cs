using Polly;
using Reclaim.Contracts.Steps;

namespace Reclaim.Grains.Runs;

/// <summary>What is the loss of a silo, or of what it had in memory, and not the fault of the run; and how often a host is taken up again.</summary>
internal static class Loss
{
    /// <summary>Lives in a row that a host may lose without getting a step further.</summary>
    public const int LivesWithoutProgress = 8;

    /// <summary>
    /// Whether a call failed of a loss: the model's own failures come as <see cref="StepFailedException"/>, and come again. Nobody here
    /// cancels calls, so one that was canceled was by Orleans: it does that when a silo dies that was being asked where a grain is.
    /// </summary>
    public static bool Is(Exception e) => e is not (StepFailedException or CheckpointException or DrivenElsewhereException);

    /// <summary>Takes up a host: again and again while silos die, find each other, or are cut off from the store.</summary>
    public static ResiliencePipeline Recovery { get; } = Retries.Growing("recovery", Is, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(3), most: 40)
        .AddTimeout(TimeSpan.FromMinutes(3))
        .Build();
}
