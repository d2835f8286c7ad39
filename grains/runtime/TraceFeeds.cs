using System.Diagnostics;
using Reclaim.Contracts.Steps;
using Reclaim.Model.Steps;

namespace Reclaim.Grains;

/// <summary>
/// The traces that a memcg replays, on their way to it: who sends each, how much more may come, and up to where nobody need keep it
/// any longer.
/// </summary>
/// <param name="container">What replays them.</param>
/// <param name="keepsAll">Whether what is here is safe: nothing outlives this process, so that nothing can be lost on its own.</param>
internal sealed class TraceFeeds(Container container, bool keepsAll)
{
    /// <summary>Batches that may wait here.</summary>
    private const int Window = 64;

    /// <summary>Batches beyond the window at which a sender that minds no credits is not listened to.</summary>
    private const int Flood = 64 * Window;

    /// <summary>Sixteen times what a batch is advised to have.</summary>
    private const int MaxBatchBytes = 1 << 20;

    /// <summary>A sender that has been silent for so long has lost its trace to whoever comes next.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    private readonly Dictionary<int, (string Feeder, long LastHeard)> _feeders = [];
    private readonly Dictionary<int, long> _kept = container.Feeds.ToDictionary(feed => feed, feed => container.Fed(feed).Next);
    private readonly Dictionary<int, long> _saved = [];

    /// <summary>Takes a batch.</summary>
    /// <exception cref="FeedRefusedException">Somebody else sends this trace.</exception>
    /// <exception cref="ArgumentException">It is larger than any batch need be, or has a page beyond the file.</exception>
    public FeedReply Take(TraceBatch batch)
    {
        if (batch.Pages.Length > MaxBatchBytes)
        {
            throw new ArgumentException($"a batch of {batch.Pages.Length} bytes: at most {MaxBatchBytes} are taken");
        }

        var (next, waiting) = container.Fed(batch.Workload);
        Require(batch.Workload, batch.Feeder);
        if (waiting < Flood && batch.Sequence < next + Flood)
        {
            container.Feed(batch.Workload, batch.Sequence, batch.Pages);
        }

        return Standing(batch.Workload);
    }

    /// <summary>How far a trace has come, for somebody who sends it, or only asks.</summary>
    /// <exception cref="FeedRefusedException">Somebody else sends this trace.</exception>
    public FeedReply Standing(int workload, string? feeder)
    {
        Require(workload, feeder);
        return Standing(workload);
    }

    private FeedReply Standing(int workload)
    {
        var (next, waiting) = container.Fed(workload);
        return new FeedReply(next, keepsAll ? next : _kept[workload], container.NeedsAllTraces ? Flood - waiting : Math.Max(0, Window - waiting));
    }

    /// <summary>A snapshot is taken.</summary>
    public void Saved()
    {
        foreach (var feed in _kept.Keys)
        {
            _saved[feed] = container.Fed(feed).Next;
        }
    }

    /// <summary>And is in the store.</summary>
    public void Kept()
    {
        foreach (var (feed, next) in _saved)
        {
            _kept[feed] = next;
        }
    }

    private void Require(int workload, string? feeder)
    {
        if (feeder is null)
        {
            return;
        }

        if (_feeders.TryGetValue(workload, out var other) && other.Feeder != feeder && Stopwatch.GetElapsedTime(other.LastHeard) < Silence)
        {
            throw new FeedRefusedException($"another client sends this trace (workload {workload}): it was heard {Stopwatch.GetElapsedTime(other.LastHeard).TotalSeconds:0.0} s ago");
        }

        _feeders[workload] = (feeder, Stopwatch.GetTimestamp());
    }
}
