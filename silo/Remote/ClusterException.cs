namespace Reclaim.Silo.Remote;

/// <summary>A cluster does not answer, or not as long as was waited.</summary>
public sealed class ClusterException : IOException
{
    public ClusterException()
    {
    }

    public ClusterException(string message)
        : base(message)
    {
    }

    public ClusterException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether it may answer soon: somebody was there a moment ago, or is about to be.</summary>
    internal bool MayPass { get; init; }
}
