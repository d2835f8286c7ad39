namespace Reclaim.Model.Steps;

/// <summary>How long a step is in real time.</summary>
public static class StepBudget
{
    /// <summary>Accesses a memcg makes in one step unless told otherwise: see docs/decisions on the step protocol's access budget.</summary>
    public const long Accesses = 200_000;
}
