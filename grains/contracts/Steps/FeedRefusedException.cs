namespace Reclaim.Contracts.Steps;

/// <summary>A trace that one client sends already, offered by another.</summary>
[GenerateSerializer, Alias("reclaim.feed.refused/1")]
public sealed class FeedRefusedException : Exception
{
    public FeedRefusedException()
    {
    }

    public FeedRefusedException(string message)
        : base(message)
    {
    }

    public FeedRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
