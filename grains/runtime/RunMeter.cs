using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Reclaim.Grains;

/// <summary>What silos tell of their work, as metrics. Nobody who listens: nothing is measured.</summary>
internal static class RunMeter
{
    public const string Name = "Reclaim";

    /// <summary>From a millisecond to two minutes.</summary>
    private static readonly InstrumentAdvice<double> _seconds = new() { HistogramBucketBoundaries = [.. Enumerable.Range(0, 18).Select(i => 0.001 * (1 << i))] };

    private static readonly Meter _meter = new(Name);
    private static readonly Counter<long> _accesses = _meter.CreateCounter<long>("accesses", "{access}", "Page accesses simulated by steps that were committed");
    private static readonly Histogram<double> _steps = _meter.CreateHistogram<double>("step.duration", "s", "Time from a step's beginning to its commit", tags: null, _seconds);
    private static readonly Histogram<double> _checkpoints = _meter.CreateHistogram<double>("checkpoint.duration", "s", "Time to take a checkpoint of a host and write it", tags: null, _seconds);
    private static readonly Counter<long> _bytes = _meter.CreateCounter<long>("checkpoint.size", "By", "Bytes of checkpoints written");
    private static readonly UpDownCounter<long> _runs = _meter.CreateUpDownCounter<long>("runs", "{run}", "Runs driven from here");

    // What should never happen is told as 0, too.
    private static long _failures;
    private static long _replays;

    static RunMeter()
    {
        _meter.CreateObservableCounter("checkpoint.failures", () => Interlocked.Read(ref _failures), "{checkpoint}", "Checkpoints that could not be written");
        _meter.CreateObservableCounter("replays", () => Interlocked.Read(ref _replays), "{life}", "Lives of hosts that began at a checkpoint, or again at the beginning");
    }

    /// <summary>When something began, for those below; 0: nobody listens.</summary>
    public static long Begin() => _steps.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>A step was committed.</summary>
    public static void Stepped(long begun, long accesses)
    {
        if (begun != 0)
        {
            _steps.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds);
            _accesses.Add(accesses);
        }
    }

    /// <summary>A checkpoint is in the store.</summary>
    public static void Checkpointed(long begun, long bytes)
    {
        if (begun != 0)
        {
            _checkpoints.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds);
            _bytes.Add(bytes);
        }
    }

    /// <summary>A checkpoint could not be written.</summary>
    public static void CheckpointFailed() => Interlocked.Increment(ref _failures);

    /// <summary>A host went back.</summary>
    public static void Replayed() => Interlocked.Increment(ref _replays);

    /// <summary>A run goes on here (1), or does no longer (-1).</summary>
    public static void Drives(int change) => _runs.Add(change);
}
