namespace Reclaim.Grains.Snapshots;

/// <summary>A snapshot cannot be taken, or what is said to be one cannot be read: damaged, foreign, or of another version.</summary>
public sealed class SnapshotException(string message, Exception? inner = null) : Exception(message, inner);
