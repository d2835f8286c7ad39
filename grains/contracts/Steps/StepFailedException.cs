namespace Reclaim.Contracts.Steps;

/// <summary>A step that went wrong in the model; the message says how. The model's own exceptions do not travel between silos.</summary>
[GenerateSerializer, Alias("reclaim.step.failed/1")]
public sealed class StepFailedException : Exception
{
    public StepFailedException()
    {
    }

    public StepFailedException(string message)
        : base(message)
    {
    }

    public StepFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
