namespace Reclaim.Contracts.Steps;

/// <summary>A checkpoint that cannot be used: damaged, incomplete, or written by another build; the message says which.</summary>
[GenerateSerializer, Alias("reclaim.checkpoint.unusable/1")]
public sealed class CheckpointException : Exception
{
    public CheckpointException()
    {
    }

    public CheckpointException(string message)
        : base(message)
    {
    }

    public CheckpointException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
