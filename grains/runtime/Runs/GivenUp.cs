using Polly;
using Reclaim.Contracts.Steps;

namespace Reclaim.Grains.Runs;

/// <summary>
/// A grain that was given up still takes calls for a moment, and whatever is begun in it then goes with it. So it refuses to, and whoever begins
/// something asks again until the call comes to another.
/// </summary>
internal static class GivenUp
{
    private static readonly ResiliencePipeline Patience = Retries.Growing(
        "given up", e => e is StepRefusedException { Reason: StepRefusal.GivenUp }, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(200), most: 60).Build();

    /// <summary>Begins something in a grain.</summary>
    public static Task<T> Begin<T>(Func<Task<T>> call) => Patience.ExecuteAsync(async _ => await call()).AsTask();

    /// <inheritdoc cref="Begin{T}"/>
    public static Task Begin(Func<Task> call) => Patience.ExecuteAsync(async _ => await call()).AsTask();

    /// <summary>A call that came to nothing has activated a grain somewhere. It is given up, so that the host can be placed where it should be.</summary>
    public static StepRefusedException NotCreated(string grain) => new(StepRefusal.NotCreated, $"{grain} was not created, or its silo is gone");

    /// <param name="isGivenUp">Whether the grain was given up.</param>
    /// <param name="grain">What it is called.</param>
    /// <exception cref="StepRefusedException">It was.</exception>
    public static void Refuse(bool isGivenUp, string grain)
    {
        if (isGivenUp)
        {
            throw new StepRefusedException(StepRefusal.GivenUp, $"{grain} was given up");
        }
    }
}
