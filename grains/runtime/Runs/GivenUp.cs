using Polly;
using Reclaim.Contracts.Steps;
using Reclaim.Grains.Placement;

namespace Reclaim.Grains.Runs;

/// <summary>
/// A grain that was given up still takes calls for a moment, and whatever is begun in it then goes with it. So it refuses to, and whoever begins
/// something asks again until the call comes to another. So does a grain that a call has activated on a silo that is about to stop: whoever called
/// remembered that it was there.
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

    /// <summary>Refuses to begin anything in a grain that was given up, or is empty on a silo that is about to stop.</summary>
    /// <param name="grain">The grain.</param>
    /// <param name="isGivenUp">Whether it was given up.</param>
    /// <param name="isEmpty">Whether nothing was begun in it yet.</param>
    /// <param name="places">What is known of its silo.</param>
    /// <exception cref="StepRefusedException">It is refused.</exception>
    public static void Refuse(Grain grain, ref bool isGivenUp, bool isEmpty, HostPlaces places)
    {
        if (isEmpty && places.IsLeaving)
        {
            isGivenUp = true;
            grain.DeactivateOnIdle();
        }

        if (isGivenUp)
        {
            throw new StepRefusedException(StepRefusal.GivenUp, $"{grain.GetPrimaryKeyString()} was given up");
        }
    }
}
