using System.Diagnostics;
using Reclaim.Contracts;

namespace Reclaim.Grains.Checkpoints;

/// <summary>
/// When a host is written to the store: after so much virtual time, or else by the wall clock, but never so often that it costs more than
/// its share. When it happens changes no result.
/// </summary>
internal sealed class CheckpointPolicy(RunOptions options, bool exists, long? everyNs)
{
    private long _lastAt = Stopwatch.GetTimestamp();
    private TimeSpan _lastCost;
    private long _lastNs;

    /// <summary>Whether it is time after a step.</summary>
    public bool IsDue(CommitReport commit) => exists && (everyNs is { } interval
        ? commit.NowNs - _lastNs >= interval
        : options.CheckpointEvery > TimeSpan.Zero && Stopwatch.GetElapsedTime(_lastAt) >= Pause);

    private TimeSpan Pause => TimeSpan.FromTicks(Math.Max(options.CheckpointEvery.Ticks, (long)(_lastCost.Ticks / options.CheckpointShare)));

    /// <summary>One was written, or the host began a life at one.</summary>
    public void Note(long nowNs, TimeSpan cost = default) => (_lastAt, _lastCost, _lastNs) = (Stopwatch.GetTimestamp(), cost, nowNs);
}
