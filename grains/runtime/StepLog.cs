using Reclaim.Contracts.Steps;

namespace Reclaim.Grains;

/// <summary>
/// Makes a step happen once: remembers the last step and its report, answers a repetition from memory,
/// and refuses a step that is over, comes from an earlier life, or does not follow the last.
/// </summary>
internal sealed class StepLog<TReport>
    where TReport : struct
{
    private TReport report;
    private string? broken;

    /// <summary>The last step taken; step 0 of incarnation 0 before the first.</summary>
    public StepId Last { get; private set; }

    /// <summary>What the last step came to.</summary>
    public ref readonly TReport Report => ref report;

    /// <summary>Whether a step was taken before; if so, its report.</summary>
    /// <inheritdoc cref="Repeats(StepId)"/>
    public bool Repeats(StepId id, out TReport stored)
    {
        var repeats = Repeats(id);
        stored = repeats ? report : default;
        return repeats;
    }

    /// <summary>Whether a step was taken before.</summary>
    /// <exception cref="StepRefusedException">The step is neither the last nor the next.</exception>
    public bool Repeats(StepId id)
    {
        if (broken is not null)
        {
            throw new StepRefusedException(StepRefusal.Broken, $"step {Last.Step + 1} broke off: {broken}");
        }

        if (id == Last)
        {
            return true;
        }

        if (id.Incarnation < Last.Incarnation)
        {
            throw new StepRefusedException(StepRefusal.StaleIncarnation, $"incarnation {id.Incarnation} is over, {Last.Incarnation} runs");
        }

        if (id.Step <= Last.Step)
        {
            throw new StepRefusedException(StepRefusal.StaleStep, $"step {id.Step} is over, {Last.Step} was the last");
        }

        if (id.Step > Last.Step + 1)
        {
            throw new StepRefusedException(StepRefusal.Gap, $"step {id.Step} does not follow {Last.Step}");
        }

        return false;
    }

    /// <summary>Stores what a step came to.</summary>
    public ref readonly TReport Record(StepId id, scoped in TReport value)
    {
        Last = id;
        report = value;
        return ref report;
    }

    /// <summary>Takes the last step into a new life: calls of an earlier one are refused from now on.</summary>
    /// <returns>What it came to.</returns>
    public TReport Adopt(int incarnation)
    {
        Last = Last with { Incarnation = incarnation };
        return report;
    }

    /// <summary>Whether a step broke off half way.</summary>
    public bool IsBroken => broken is not null;

    /// <summary>Marks that the step in flight broke off half way: no further one is taken.</summary>
    public void Break(Exception cause) => broken = cause.Message;
}
