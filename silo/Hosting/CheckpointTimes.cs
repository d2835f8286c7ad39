namespace Reclaim.Silo.Hosting;

/// <summary>What may be asked for as the time between two checkpoints of a host.</summary>
public static class CheckpointTimes
{
    /// <summary>A day.</summary>
    public const int MaxSeconds = 86_400;
}
