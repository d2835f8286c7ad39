namespace Reclaim.Contracts.Steps;

/// <summary>A call that a grain does not take, since taking it would count work twice or skip some.</summary>
[GenerateSerializer, Alias("reclaim.step.refused/1")]
public sealed class StepRefusedException : Exception
{
    public StepRefusedException()
    {
    }

    public StepRefusedException(string message)
        : base(message)
    {
    }

    public StepRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public StepRefusedException(StepRefusal reason, string message)
        : base(message) => Reason = reason;

    /// <summary>Why.</summary>
    [Id(0)] public StepRefusal Reason { get; private set; }
}

/// <summary>Why a grain refuses a call.</summary>
[GenerateSerializer, Alias("reclaim.step.refusal/1")]
public enum StepRefusal
{
    /// <summary>The grain has no state: it was never created, or it lost its memory.</summary>
    NotCreated,

    /// <summary>The call belongs to an earlier life of the host.</summary>
    StaleIncarnation,

    /// <summary>The step is over, and its report is no longer kept.</summary>
    StaleStep,

    /// <summary>A step before this one is missing.</summary>
    Gap,

    /// <summary>An earlier step broke off half way, so the state is unknown.</summary>
    Broken,

    /// <summary>The grain was given up and is on its way out: what is begun in it now would go with it.</summary>
    GivenUp,
}
