namespace Reclaim.Model.Steps;

/// <summary>A host on which nothing can move any more: its memory is short, or input is missing.</summary>
public sealed class StalledException : Exception
{
    public StalledException()
    {
    }

    public StalledException(string message)
        : base(message)
    {
    }

    public StalledException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
